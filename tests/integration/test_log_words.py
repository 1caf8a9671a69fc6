"""Every entry of the journal is a sentence that somebody at home can read, in Swedish and English."""

from datetime import date, time
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.log_words import LogWords
from custom_components.trygghetskamera.tillsyn import entries as e
from custom_components.trygghetskamera.tillsyn.agreement import Away
from custom_components.trygghetskamera.tillsyn.errors import CloseReason, Refusal
from custom_components.trygghetskamera.tillsyn.log import Row
from custom_components.trygghetskamera.tillsyn.model import AwayKind, How, Relation, Room, Window
from custom_components.trygghetskamera.tillsyn.wire import (
    Checkpoint,
    HubCertificate,
    Included,
    Policy,
    Receipt,
    ReceiptAck,
)

from .peers import Municipality, random_id

AT = 1_795_381_200_000
"""2026-11-22 22:00 in Sweden."""
HOUR = 3_600_000
LOOK, PERSON, ABSENCE = "L" * 22, "anna0001", "away0001"
NIGHT = Window("night", time(22), time(6, 30))
OCCURRENCE = "night/2026-11-22"
TRAVEL = Away(ABSENCE, AwayKind.TRAVEL, AT, AT + HOUR, "anna")
TOWN, OTHER = Municipality(), Municipality()


def _receipt() -> e.ReceiptSigned:
    hub = TOWN.hub
    statement = Receipt(
        hub.public.kid, 12, "A" * 43, LOOK, OCCURRENCE, hub.public.kid, "Alva", AT, AT + 9, CloseReason.SEEN
    )
    return e.ReceiptSigned(hub.sign(statement))


def _checkpoint() -> str:
    return TOWN.hub.sign(Checkpoint(date(2026, 11, 22), 1, "A" * 43, AT // 1000))


def _plan() -> e.PlanProposed:
    return e.PlanProposed(TOWN.plan(7).token)


def _policy(browser_keys: bool) -> e.PolicyAdopted:
    return e.PolicyAdopted(TOWN.root.sign(Policy(3, browser_keys, 43_200, 60, 1, 1_795_000_000)))


def _paired(town: Municipality = TOWN, hub: Municipality = TOWN, by: str = "anna") -> e.Paired:
    said = HubCertificate(
        hub.hub.public.x, "Rosen 1", "Ankeborg" if town is TOWN else "Gåsköping", 1_795_000_000, 1_796_000_000
    )
    return e.Paired(town.root.public.x, hub.hub.public.x, town.root.sign(said), (), by)


SENTENCES: list[tuple[e.Entry, dict[str, Any], str, str]] = [
    (_paired(by=""), {}, "paired with Ankeborg as “Rosen 1”.", "parkopplat med Ankeborg som ”Rosen 1”."),
    (_paired(), {"before": _paired()}, "Anna paired the home with Ankeborg again", "Anna parkopplade hemmet med"),
    (_paired(hub=OTHER), {"before": _paired()}, "through another bridge. The plan ended", "Planen upphörde; en ny"),
    (
        _paired(OTHER),
        {"before": _paired()},
        "Anna moved the home from Ankeborg to Gåsköping. The plan, wishes and everyone's consent for Ankeborg ended.",
        "Anna flyttade hemmet från Ankeborg till Gåsköping.",
    ),
    (_policy(True), {}, "with a key in the browser, at most 60 seconds", "nyckel i webbläsaren, högst 60 sekunder"),
    (_policy(False), {}, "with a personal passkey", "personlig passkey, högst 60 sekunder, nya försök: 1."),
    (
        e.RevocationsAdopted(4, ("A" * 43,), 1_795_000_000),
        {},
        "Keys that the municipality has revoked: 1. Those who have them can no longer look in.",
        "Nycklar som kommunen har spärrat: 1. Den som har dem kan inte titta in längre.",
    ),
    (e.Consent(True, "anna"), {}, "Anna confirmed that everyone here consents.", "Anna intygade att alla här"),
    (e.Consent(False, ""), {}, "Home Assistant itself withdrew consent", "Home Assistant självt tog tillbaka"),
    (e.PersonAdded(PERSON, "Elsa", Relation.CLIENT, "", "anna"), {}, "entered Elsa as the client", "Elsa som brukare"),
    (e.PersonAdded(PERSON, "Bo", Relation.COHABITANT, "", "anna"), {}, "entered Bo as somebody", "Bo som sammanboende"),
    (e.HomeSetUp("anna"), {}, "Anna set up the home.", "Anna satte upp hemmet."),
    (e.PersonChanged(PERSON, "Ulla", "", "anna"), {"name": "Ula"}, "name of Ula to Ulla.", "namnet Ula till Ulla."),
    (e.PersonChanged(PERSON, "Bo", "", "anna"), {"name": "Bo"}, "Home Assistant user Bo is", "Bo är i Home Assistant"),
    (e.PersonRemoved(PERSON, "anna"), {"name": "Bo"}, "Anna removed Bo", "Anna tog bort Bo"),
    (
        e.ConsentGiven(PERSON, How.WRITTEN, date(2027, 5, 1), "anna"),
        {"name": "Elsa"},
        "Anna noted that Elsa consents in writing. To be asked again by 2027-05-01.",
        "Anna antecknade att Elsa har samtyckt skriftligt. Frågas igen senast 2027-05-01.",
    ),
    (e.ConsentGiven(PERSON, How.SPOKEN, date(2027, 5, 1), ""), {"name": "Elsa"}, "by word of mouth", "muntligt"),
    (e.ConsentGiven(PERSON, How.REPRESENTATIVE, date(2027, 5, 1), ""), {}, "someone consents through", "företrädare"),
    (e.ConsentWithdrawn(PERSON, "anna"), {"name": "Elsa"}, "withdrew the consent of Elsa", "samtycket från Elsa"),
    (e.ConsentWithdrawn("", "gone"), {}, "Someone who is not here any more", "Någon som inte längre finns här"),
    (e.SleepSharing(True, "anna"), {}, "Anna let the municipality", "Anna tillät att kommunen"),
    (e.SleepSharing(False, "anna"), {}, "Anna stopped telling", "Anna slutade berätta"),
    (e.Pause(True, "anna"), {}, "Anna paused until further notice", "Anna pausade tills vidare"),
    (e.Pause(True, "anna", AT + HOUR), {}, "paused until 2026-11-22 23:00", "pausade till 2026-11-22 23:00"),
    (e.Pause(False, "anna"), {}, "Anna ended the pause.", "Anna avslutade pausen."),
    (e.JournalRestored(80), {}, "A backup was put back", "En säkerhetskopia lades tillbaka"),
    (e.PauseShortened(AT, "anna"), {}, "let the pause end at 2026-11-22 22:00", "ta slut 2026-11-22 22:00"),
    (
        e.AwayAdded(ABSENCE, AwayKind.HOSPITAL, AT, AT + HOUR, "anna"),
        {},
        "Anna noted an absence (hospital) from 2026-11-22 22:00 to 2026-11-22 23:00",
        "Anna antecknade frånvaro (sjukhus) från 2026-11-22 22:00 till 2026-11-22 23:00",
    ),
    (e.AwayRemoved(ABSENCE, "anna"), {"away": TRAVEL}, "removed the absence (travel) from", "frånvaron (resa) från"),
    (e.AwayRemoved(ABSENCE, "anna"), {}, "Anna removed an absence.", "Anna tog bort en frånvaro."),
    (e.Privacy(True, "anna"), {}, "Anna made every camera private.", "Anna satte alla kameror i privat läge."),
    (e.Privacy(True, "anna", "away"), {}, "made a camera that is not here any more private", "inte längre finns här"),
    (e.Privacy(False, "anna", "CAMERA"), {}, "Anna ended the privacy of Sovrum.", "avslutade privat läge för Sovrum."),
    (e.CameraLost("CAMERA"), {}, "Sovrum was taken down", "Sovrum togs ner"),
    (e.GoOn("anna"), {}, "Anna answered that the looks are to go on", "Anna svarade att titt-in ska fortsätta"),
    (_plan(), {}, "The municipality proposed plan 7.", "Kommunen föreslog plan 7."),
    (e.PlanAnswered(7, True, "anna"), {}, "Anna accepted plan 7.", "Anna godkände plan 7."),
    (e.PlanAnswered(7, False, "anna"), {}, "Anna declined plan 7.", "Anna tackade nej till plan 7."),
    (
        e.LookSkipped(OCCURRENCE, "anna"),
        {"window": NIGHT},
        "Anna skipped the look of 2026-11-22 22:00–06:30.",
        "Anna hoppade över titt-in 2026-11-22 22:00–06:30.",
    ),
    (e.LookKept(OCCURRENCE, "anna"), {}, "let the look of 2026-11-22 happen", "lät titt-in 2026-11-22 bli av"),
    (
        e.LookMoved(OCCURRENCE, AT, AT + HOUR, "anna"),
        {"window": NIGHT},
        "moved the look of 2026-11-22 22:00–06:30 to 22:00–23:00.",
        "flyttade titt-in 2026-11-22 22:00–06:30 till 22:00–23:00.",
    ),
    (e.VisitAsked(LOOK, "anna"), {}, "Anna asked for a visit.", "Anna bad om ett besök."),
    (e.SleepRated(date(2026, 11, 22), 1, "", "anna"), {}, "2026-11-22: very poor.", "2026-11-22: mycket dåligt."),
    (e.SleepRated(date(2026, 11, 22), 5, "Äntligen", "anna"), {}, "very good. “Äntligen”", "mycket bra. ”Äntligen”"),
    (e.SleepTold(date(2026, 11, 22)), {}, "was told how sleep was in the night of 2026-11-22.", "natten 2026-11-22."),
    (
        e.LookStarted(LOOK, OCCURRENCE, random_id(), "Alva Natt", Room.KITCHEN),
        {},
        "Alva Natt began to look in: Kitchen.",
        "Alva Natt började titta in: Kök.",
    ),
    (e.LookTurned(LOOK, Room.HALL), {"name": "Alva"}, "Alva went on to look in: Hall.", "tittade vidare in: Hall."),
    (
        e.LookEnded(LOOK, AT, AT + 28_400, CloseReason.SEEN),
        {"name": "Alva"},
        "Alva looked in for 28 seconds. Seen.",
        "Alva tittade in i 28 sekunder. Sedd.",
    ),
    (e.LookEnded(LOOK, AT, AT, CloseReason.PAUSED), {"name": "Alva"}, "could be seen. Paused.", "hann inte se rummet"),
    (
        _receipt(),
        {"name": "Alva"},
        "Receipt 12, for the look by Alva, was signed for the municipality. Alva has not",
        "Kvitto 12 på titt-in av Alva skrevs under för kommunen. Alva har inte",
    ),
    (
        _receipt(),
        {"name": "Alva", "acknowledged": True},
        "Receipt 12, for the look by Alva, was signed for the municipality.",
        "Kvitto 12 på titt-in av Alva skrevs under för kommunen.",
    ),
    (
        e.ReceiptAcknowledged(TOWN.hub.sign(ReceiptAck(LOOK, "A" * 43, AT // 1000)), TOWN.operator().chain),
        {"name": "Alva"},
        "Alva confirmed that the receipt of the look arrived.",
        "Alva bekräftade att kvittot på titt-in kom fram.",
    ),
    (
        e.ReceiptsKept("a.b.c", _checkpoint(), (Included("A" * 43, 0, ()),)),
        {},
        "kept receipts from here, in the night of 2026-11-22: 1.",
        "Kommunen visade att den har sparat kvitton härifrån, natten 2026-11-22: 1.",
    ),
    (
        e.CheckpointsDiffer("a.b.c", _checkpoint(), "a.b.c", _checkpoint()),
        {},
        "two different things about which receipts it kept in the night of 2026-11-22",
        "Kommunen har sagt två olika saker om vilka kvitton den sparade natten 2026-11-22.",
    ),
    (e.LookRefused("Alva", Refusal.PAUSED), {}, "Alva asked to look in and was refused: the home was", "var pausat."),
    (e.LookRefused("", Refusal.BAD_SIGNATURE), {}, "Somebody asked to look in", "Någon ville titta in"),
    (e.LookMissed(OCCURRENCE), {"window": NIGHT}, "The look of 2026-11-22 22:00–06:30 did not", "blev inte av."),
    (e.AimingStarted("anna", "CAMERA"), {}, "Anna began to aim Sovrum", "Anna började rikta Sovrum"),
    (e.AimingEnded(CloseReason.AIMING_ENDED, "CAMERA"), {}, "aiming of Sovrum ended.", "av Sovrum slutade."),
    (e.AimingEnded(CloseReason.STOPPED, "CAMERA"), {}, "by itself. Home Assistant", "av sig själv. Home Assistant"),
]  # fmt: skip


@pytest.fixture
def entry(hass: HomeAssistant) -> MockConfigEntry:
    """A home with a camera, that need not run to be told about."""
    subentry = ConfigSubentryData(data={}, subentry_type="camera", title="Camera", unique_id=None)
    found = MockConfigEntry(domain=DOMAIN, title="Hemmet", subentries_data=[subentry])
    found.add_to_hass(hass)
    return found


@pytest.fixture
async def people(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Who and what the entries name: the words for their ids."""
    await hass.config.async_set_time_zone("Europe/Stockholm")
    anna = await hass.auth.async_create_user("Anna")
    (subentry,) = entry.subentries.values()
    hass.config_entries.async_update_subentry(entry, subentry, title="Sovrum")
    return {"anna": anna.id, "CAMERA": subentry.subentry_id, "gone": "0" * 32}


def named(entry: e.Entry, people: dict[str, str]) -> e.Entry:
    """The entry with real ids."""
    changes = {name: people[one] for name in ("by", "camera") if (one := getattr(entry, name, "")) in people}
    return type(entry)(**{name: getattr(entry, name) for name in type(entry).__slots__} | changes)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("entry_told", "known", "english", "swedish"), SENTENCES)
async def test_it_is_said_in_both_languages(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    people: dict[str, str],
    entry_told: e.Entry,
    known: dict[str, Any],
    english: str,
    swedish: str,
) -> None:
    row = Row(1, AT, named(entry_told, people), **known)
    for language, expected in (("en", english), ("sv", swedish)):
        sentence = (await LogWords.load(hass, entry, language)).sentence(row)
        assert expected in sentence
        assert sentence[0].isupper()
        assert not set("{}_") & set(sentence)


def test_every_kind_of_entry_has_a_sentence() -> None:
    assert {type(one) for one, *_ in SENTENCES} == set(e.KINDS.values())


@pytest.mark.parametrize("language", ["en", "sv"])
async def test_every_reason_has_its_words(hass: HomeAssistant, entry: MockConfigEntry, language: str) -> None:
    words = await LogWords.load(hass, entry, language)
    for code in Refusal:
        sentence = words.sentence(Row(1, AT, e.LookRefused("Alva", code)))
        assert not sentence.endswith(f": {code}.")
    for reason in CloseReason:
        sentence = words.sentence(Row(1, AT, e.LookEnded(LOOK, AT, AT + 1000, reason), "Alva"))
        assert not sentence.endswith(f". {reason}.")


async def test_a_name_is_one_line_of_plain_text(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    user = await hass.auth.async_create_user("  Anna\n{0.__class__} ")
    words = await LogWords.load(hass, entry, "sv")
    assert words.sentence(Row(1, AT, e.GoOn(user.id))).startswith("Anna {0.__class__} svarade")
