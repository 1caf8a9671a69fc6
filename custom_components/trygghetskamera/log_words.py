"""The log in sentences, Swedish or English. The words are in translations/, under selector."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .camera_words import Words
from .const import DOMAIN, SUBENTRY_CAMERA
from .tillsyn import entries as e
from .tillsyn.errors import CloseReason
from .tillsyn.identity import parse
from .tillsyn.log import Row
from .tillsyn.record import moment
from .tillsyn.wire import Checkpoint, HubCertificate, PlanStatement, Policy, Receipt

_REASON: Final = f"component.{DOMAIN}.entity.sensor.last_look.state_attributes.reason.state"

type _Said = tuple[str, dict[str, str]]
"""A sentence's key and what is put into it beside ``who`` and ``name``."""


def local(at_ms: int) -> datetime:
    """Milliseconds UTC by the clock at home."""
    return dt_util.as_local(moment(at_ms))


def _minute(at_ms: int) -> str:
    return f"{local(at_ms):%Y-%m-%d %H:%M}"


class LogWords:
    """The sentences of one home, in one language."""

    def __init__(self, words: Words, reasons: Mapping[str, str], names: Mapping[str, str], cameras: Mapping[str, str]):
        """Use ``load``."""
        self._words = words
        self._reasons = reasons
        self._names = names
        self._cameras = cameras

    @classmethod
    async def load(cls, hass: HomeAssistant, entry: ConfigEntry | None, language: str | None = None) -> Self:
        """Of this language, Home Assistant's own where none is given; people have the names that they have now."""
        texts = await async_get_translations(hass, language or hass.config.language, "entity", [DOMAIN])
        names = {user.id: " ".join((user.name or "").split()) for user in await hass.auth.async_get_users()}
        cameras = [] if entry is None else entry.get_subentries_of_type(SUBENTRY_CAMERA)
        titles = {one.subentry_id: one.title for one in cameras}
        return cls(await Words.load(hass, language), texts, names, titles)

    def word(self, key: str) -> str:
        """A word of the log's own page and files."""
        return self._words.word("log_page", key)

    def sentence(self, row: Row) -> str:
        """What happened."""
        key, parts = self._said(row)
        who = self._who(getattr(row.entry, "by", ""))
        name = row.name or getattr(row.entry, "name", "") or self._part("nobody_known")
        text = self._words.word("log", key).format(who=who, name=name, **parts)
        return text[:1].upper() + text[1:]

    def _part(self, key: str) -> str:
        return self._words.word("log_part", key)

    def _who(self, user_id: str) -> str:
        if not user_id:
            return self._part("home_assistant")
        return self._names.get(user_id) or self._part("gone")

    def _camera(self, camera: str) -> str:
        if not camera:
            return self._part("every_camera")
        return self._cameras.get(camera) or self._part("gone_camera")

    def _reason(self, reason: CloseReason) -> str:
        return self._reasons.get(f"{_REASON}.{reason}", reason)

    def _said(self, row: Row) -> _Said:
        match row.entry:
            case (
                e.HomeSetUp()
                | e.Consent()
                | e.PersonAdded()
                | e.PersonChanged()
                | e.PersonRemoved()
                | e.ConsentGiven()
                | e.ConsentWithdrawn()
                | e.CameraLost()
                | e.GoOn()
            ) as entry:
                return self._consented(entry, row)
            case e.JournalRestored() as entry:
                return entry.KIND, {}
            case e.Pause() | e.PauseShortened() | e.AwayAdded() | e.AwayRemoved() | e.Privacy() as entry:
                return self._left_alone(entry, row)
            case e.PlanProposed() | e.PlanAnswered() | e.VisitAsked() as entry:
                return self._wished(entry)
            case e.SleepRated() | e.SleepTold() | e.SleepSharing() as entry:
                return self._slept(entry)
            case e.AimingStarted() | e.AimingEnded() | e.LookRefused() as entry:
                return self._asked(entry)
            case e.PolicyAdopted() | e.RevocationsAdopted() as entry:
                return self._ruled(entry)
            case e.Paired() as entry:
                return _paired(entry, row.before)
            case _:
                return self._looked(row)

    def _consented(self, entry: e.Entry, row: Row) -> _Said:
        match entry:
            case e.Consent(given):
                return "consent_given_by_all" if given else "consent_withdrawn_by_all", {}
            case e.PersonAdded(_, _, relation):
                return f"person_added_{relation}", {}
            case e.PersonChanged(_, name):
                return ("person_changed", {}) if name == row.name else ("person_renamed", {"new": name})
            case e.ConsentGiven(_, how, review):
                return f"consent_given_{how}", {"review": review.isoformat()}
            case e.ConsentWithdrawn(""):
                return "consent_withdrawn_by_somebody", {}
            case e.CameraLost(camera):
                return entry.KIND, {"camera": self._camera(camera)}
            case _:
                return entry.KIND, {}

    def _left_alone(self, entry: e.Entry, row: Row) -> _Said:
        match entry:
            case e.Pause(paused, _, until_ms):
                if not paused:
                    return "pause_ended", {}
                return ("pause_until", {"until": _minute(until_ms)}) if until_ms else ("pause", {})
            case e.PauseShortened(until_ms):
                return entry.KIND, {"until": _minute(until_ms)}
            case e.Privacy(private, _, camera):
                return "privacy" if private else "privacy_ended", {"camera": self._camera(camera)}
            case _:
                away = entry if isinstance(entry, e.AwayAdded) else row.away
                if away is None:
                    return "away_removed_unknown", {}
                times = {"start": _minute(away.start_ms), "end": _minute(away.end_ms)}
                return entry.KIND, {"kind": self._part(f"away_{away.kind}"), **times}

    def _wished(self, entry: e.Entry) -> _Said:
        match entry:
            case e.PlanProposed(token):
                return entry.KIND, {"number": str(parse(PlanStatement, token).statement.number)}
            case e.PlanAnswered(number, True, ""):
                return "plan_narrowed", {"number": str(number)}
            case e.PlanAnswered(number, accepted):
                return "plan_accepted" if accepted else "plan_declined", {"number": str(number)}
            case _:
                return entry.KIND, {}

    def _slept(self, entry: e.Entry) -> _Said:
        match entry:
            case e.SleepRated(night, rating, comment):
                parts = {"night": night.isoformat(), "rating": self._part(f"slept_{rating}")}
                return ("sleep_rated_why", {**parts, "comment": comment}) if comment else (entry.KIND, parts)
            case e.SleepSharing(shared):
                return "sleep_shared" if shared else "sleep_kept", {}
            case _:
                return entry.KIND, {"night": str(getattr(entry, "night", ""))}

    def _asked(self, entry: e.Entry) -> _Said:
        match entry:
            case e.LookRefused(name, code):
                return entry.KIND if name else "refused_unknown", {"code": self._words.word("refusal", code)}
            case e.AimingEnded(reason, camera):
                why = {"camera": self._camera(camera), "reason": self._reason(reason)}
                return entry.KIND if reason is CloseReason.AIMING_ENDED else "aiming_ended_by_itself", why
            case _:
                return entry.KIND, {"camera": self._camera(getattr(entry, "camera", ""))}

    def _ruled(self, entry: e.PolicyAdopted | e.RevocationsAdopted) -> _Said:
        if isinstance(entry, e.RevocationsAdopted):
            return entry.KIND, {"count": str(len(entry.revoked))}
        policy = parse(Policy, entry.token).statement
        keys = self._part("keys_browser" if policy.browser_keys else "keys_passkey")
        return entry.KIND, {"keys": keys, "seconds": str(policy.look_seconds), "retries": str(policy.max_retries)}

    def _answered(self, row: Row) -> _Said:
        """Who has the receipt of a look."""
        match row.entry:
            case e.ReceiptSigned(token) as entry:
                number = {"number": str(parse(Receipt, token).statement.sequence)}
                return entry.KIND if row.acknowledged else "receipt_unseen", number
            case e.ReceiptsKept(_, checkpoint, receipts) as entry:
                return entry.KIND, {"count": str(len(receipts)), "night": _night_of(checkpoint)}
            case e.CheckpointsDiffer(_, first) as entry:
                return entry.KIND, {"night": _night_of(first)}
            case entry:
                return entry.KIND, {}

    def _looked(self, row: Row) -> _Said:
        match row.entry:
            case e.LookStarted(room=room) | e.LookTurned(room=room) as entry:
                return entry.KIND, {"room": self._words.word("room", room)}
            case e.LookEnded(_, opened_ms, closed_ms, reason) as entry:
                parts = {"seconds": str(round((closed_ms - opened_ms) / 1000)), "reason": self._reason(reason)}
                return entry.KIND if closed_ms > opened_ms else "look_ended_unseen", parts
            case e.ReceiptSigned() | e.ReceiptAcknowledged() | e.ReceiptsKept() | e.CheckpointsDiffer():
                return self._answered(row)
            case e.LookMoved(_, start_ms, end_ms) as entry:
                hours = f"{local(start_ms):%H:%M}–{local(end_ms):%H:%M}"
                return entry.KIND, {"look": _look(row), "hours": hours}
            case entry:
                return entry.KIND, {"look": _look(row)}


def _night_of(checkpoint: str) -> str:
    return parse(Checkpoint, checkpoint).statement.night.isoformat()


def _paired(entry: e.Paired, before: e.Paired | None) -> _Said:
    """With whom, and what ended by it."""
    said = parse(HubCertificate, entry.certificate).statement
    parts = {"municipality": said.municipality, "label": said.label}
    if before is None:
        return "paired_before", parts
    if before.root != entry.root:
        old = parse(HubCertificate, before.certificate).statement
        return "paired_municipality", {**parts, "before": old.municipality}
    return ("paired", parts) if before.hub == entry.hub else ("paired_bridge", parts)


def _look(row: Row) -> str:
    """Which agreed look it is: its day and hours."""
    day = str(getattr(row.entry, "occurrence", "")).rpartition("/")[2]
    return day if row.window is None else f"{day} {row.window.start:%H:%M}–{row.window.end:%H:%M}"
