"""An operator service gone bad that comes between the two ends: their connection, their clocks, their pairing. What
else it tries: test_evil_service.py.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from tests.attacks.besieged import (
    CHAIN,
    PASSKEYS,
    PLAN,
    SAID,
    WAY,
    Besieged,
    looking,
    opened,
    opens_nothing,
    prepared,
    right,
)
from tests.tillsyn.made import (
    ADMIN,
    ADMIN_PHONE,
    CANDIDATE,
    HUB,
    NOBODY,
    NOW,
    OPERATOR,
    ROOT,
    STRANGER,
    Talk,
    admin_shift,
    by_passkey,
    connection,
    delegation,
    token,
)
from tillsyn.chain import MAX_SKEW, Trust, hub_certificate
from tillsyn.entries import Pause
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.identity import PairingCode, digest
from tillsyn.model import Outcome, Window
from tillsyn.strict import b64u_decode, b64u_encode
from tillsyn.wire import Answer, Close, HubCertificate, Offer

EVIL = STRANGER
"""The service's own key."""


# ---- the connection -------------------------------------------------------------------------------------------------

OTHER = right("other")


def test_offer_as_answer_opens_nothing() -> None:
    opens_nothing(Refusal.BAD_MESSAGE, prepared(replace(SAID, answer=SAID.offer)))


def test_answer_as_offer_opens_nothing() -> None:
    opens_nothing(Refusal.BAD_MESSAGE, prepared(replace(SAID, offer=SAID.answer)))


def test_answer_for_another_look_opens_nothing() -> None:
    opens_nothing(Refusal.WRONG_CONNECTION, prepared(replace(SAID, answer=OTHER.answer)))


def test_offer_for_another_look_opens_nothing() -> None:
    opens_nothing(Refusal.NOT_PREPARED, prepared(replace(SAID, offer=OTHER.offer)))


def test_look_without_the_prepared_connection_opens_nothing() -> None:
    opens_nothing(Refusal.NOT_PREPARED, lambda home: home.click(SAID))


def test_look_of_another_connection_opens_nothing() -> None:
    opens_nothing(Refusal.NOT_PREPARED, prepared(OTHER))


def resigned(original: str, typ: str, key: Any = EVIL, **header: Any) -> str:
    """The same token with the service's own end of the connection in it."""
    fields = json.loads(b64u_decode(original.split(".")[1]))
    fields["connection"] = json.loads(json.dumps({**fields["connection"], "fingerprint": WAY.fingerprint}))
    return token(fields, key, typ=typ, **header)


def _same_signature(original: str) -> str:
    """The fingerprint changed under the signature that was there."""
    head, payload, signature = original.split(".")
    changed = b64u_decode(payload).replace(b"AB:AB", b"EE:EE")
    assert changed != b64u_decode(payload)
    return f"{head}.{b64u_encode(changed)}.{signature}"


@pytest.mark.parametrize("part", ["offer", "answer"])
def test_swapped_fingerprint_opens_nothing(part: str) -> None:
    original, honest = getattr(SAID, part), HUB if part == "offer" else OPERATOR
    changes: list[tuple[Refusal, str]] = [
        (Refusal.BAD_SIGNATURE, _same_signature(original)),
        (Refusal.UNKNOWN_SIGNER, resigned(original, f"tk-{part}")),
        (Refusal.BAD_SIGNATURE, resigned(original, f"tk-{part}", kid=honest.public.kid)),
    ]
    for code, changed in changes:
        opens_nothing(code, prepared(replace(SAID, **{part: changed})))
    # Even where its owner has signed it at another time, the click is not for it.
    opens_nothing(Refusal.WRONG_CONNECTION, prepared(replace(SAID, **{part: resigned(original, f"tk-{part}", honest)})))


def test_challenge_reuse_opens_nothing() -> None:
    """The click for an earlier connection, or its challenge, on a later one."""
    again = HUB.sign(Offer(OTHER.asked.look, digest(OTHER.prepare), SAID.asked.challenge, connection(), NOW))
    answer = OPERATOR.sign(Answer(OTHER.asked.look, digest(again), connection("active"), NOW))
    reused = replace(OTHER, offer=again, answer=answer)

    def attack(home: Besieged) -> Refusal | None:
        assert home.prepare(OTHER.prepare) is None
        assert home.click(replace(reused, look=SAID.look, asked=SAID.asked), OTHER.asked.look) is Refusal.NOT_PREPARED
        return home.click(reused)

    opens_nothing(Refusal.WRONG_CONNECTION, attack)
    assert Besieged().look(OTHER) is None


END = "\r\na=candidate:2 1 udp 1 198.51.100.9 9 typ host"
SMUGGLED: dict[str, dict[str, Any]] = {
    "a line in the candidate": {"candidates": (CANDIDATE + END,)},
    "a line feed in the candidate": {"candidates": (CANDIDATE + "\n",)},
    "a whole media section": {"candidates": (CANDIDATE + "\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111",)},
    "a line in the ufrag": {"ufrag": "frag\r\na=sendrecv"},
    "a line in the password": {"password": "p" * 22 + END},
    "a line in the fingerprint": {"fingerprint": WAY.fingerprint + "\r\na=fingerprint:sha-256 00"},
    "a second algorithm": {"fingerprint": "sha-1 " + ":".join(["AB"] * 20)},
    "a line in the role": {"setup": "active\r\na=setup:passive"},
    "a role that is none": {"setup": "holdconn"},
    "component 2": {"candidates": (CANDIDATE.replace(" 1 udp", " 2 udp"),)},
    "peer reflexive": {"candidates": (CANDIDATE.replace("typ host", "typ prflx"),)},
    "an attribute of its own": {"candidates": (CANDIDATE + " x-evil 1",)},
    "no candidate": {"candidates": ()},
    "nine candidates": {"candidates": tuple(CANDIDATE.replace("50000", str(port)) for port in range(50000, 50009))},
    "a zone": {"candidates": (CANDIDATE.replace("192.0.2.7", "fe80::1%eth0"),)},
    "a path": {"candidates": (CANDIDATE.replace("192.0.2.7", "../../x"),)},
    "digits of another script": {"candidates": (CANDIDATE.replace("50000", "５００００"),)},
    "lower case letters": {"fingerprint": ":".join(["ab"] * 32)},
}


@pytest.mark.parametrize("changes", SMUGGLED.values(), ids=SMUGGLED)
def test_smuggled_sdp_opens_nothing(changes: dict[str, Any]) -> None:
    """Signed by the operator herself, so that only the fields are wrong; the same fields unchanged open."""

    def made(**fields: Any) -> Talk:
        end = connection(**({"setup": "active"} | fields))
        answer = OPERATOR.sign(Answer(SAID.asked.look, digest(SAID.offer), end, NOW))
        return replace(replace(SAID, answer=answer).asking(answer=digest(answer)), chain=CHAIN)

    opens_nothing(Refusal.BAD_MESSAGE, prepared(made(**changes)))
    assert Besieged().look(made(password="q" * 22)) is None


@pytest.mark.parametrize("field", ["sdp", "tracks", "audio"])
def test_added_media_opens_nothing(field: str) -> None:
    """There is no field in which a second stream, or sound, could be asked for."""
    fields = json.loads(b64u_decode(SAID.answer.split(".")[1]))
    for within in (fields, fields["connection"]):
        within[field] = "m=audio"
        opens_nothing(Refusal.BAD_MESSAGE, prepared(replace(SAID, answer=token(fields, OPERATOR, typ="tk-answer"))))
        del within[field]


# ---- time -----------------------------------------------------------------------------------------------------------


def test_delayed_look_opens_nothing() -> None:
    def attack(home: Besieged) -> Refusal | None:
        assert home.prepare(SAID.prepare) is None
        home.wait(MAX_SKEW + 1)
        return home.click(SAID)

    opens_nothing(Refusal.EXPIRED, attack)


def test_look_delayed_beyond_its_connection_opens_nothing() -> None:
    """The signer's clock is ahead, so that the click is still young when the connection has been let go."""
    late = SAID.asking(iat=NOW + 100, exp=NOW + 130)

    def attack(home: Besieged) -> Refusal | None:
        assert home.prepare(SAID.prepare) is None
        home.wait(MAX_SKEW)
        return home.click(replace(late, chain=CHAIN))

    opens_nothing(Refusal.NOT_PREPARED, attack)
    assert prepared(late)(Besieged()) is None


def test_clock_forward_opens_nothing() -> None:
    """A day ahead: tonight's click is old there, and tomorrow's has no list that is new enough."""
    opens_nothing(Refusal.REVOCATIONS_STALE, looking(SAID), Besieged(wall=NOW + 86_400))
    opens_nothing(Refusal.EXPIRED, looking(SAID), Besieged(wall=NOW + 3600))


def test_clock_back_opens_nothing() -> None:
    """A clock set back to when the click was new, or before the leaver left, is before what the journal has seen."""
    home = Besieged()
    home.wait(3600)
    home.write(Pause(True, "anna"), Pause(False, "anna"))
    home.wall -= 3600
    before = home.openings
    assert home.look(SAID) is Refusal.CLOCK_SKEW
    assert home.openings == before
    opens_nothing(Refusal.CLOCK_SKEW, looking(SAID), Besieged(revocations=replace(NOBODY, iat=NOW + MAX_SKEW + 1)))


@pytest.mark.parametrize("jump", [-86_400, -3600, -3, 3, 3600, 86_400])
def test_clock_that_jumps_in_a_look_ends_it_and_opens_nothing(jump: float) -> None:
    home = opened()
    home.wait(1, wall=jump)
    assert not home.is_open
    ended = home.record.past[-1].ended
    assert ended is not None
    assert (ended.reason, ended.closed_ms - ended.opened_ms < 2000) == (CloseReason.CLOCK_JUMPED, True)
    before = home.openings
    assert home.look(SAID) is not None
    assert home.openings == before


def _at(said: str) -> int:
    return int(datetime.fromisoformat(said).replace(tzinfo=UTC).timestamp())


def _night(at: int, name: str, occurrence: str) -> tuple[Besieged, Talk]:
    """A home and an honest look at this moment, with everything fresh."""
    admin = admin_shift(iat=at - 3600, exp=at + 86_400)
    person = by_passkey(by=ADMIN, iat=at - 3600, exp=at + 86_400)
    chain = (
        admin[0], delegation(admin[0], ADMIN, ADMIN_PHONE, iat=at - 3700, exp=at + 7200),
        person, delegation(person, iat=at - 3600, exp=at + 14_400),
    )  # fmt: skip
    small = replace(PLAN, windows=(*PLAN.windows, Window("small", time(2, 10), time(2, 40))))
    home = Besieged(
        wall=at, statement=small, revocations=replace(NOBODY, iat=at - 3600), policy=replace(PASSKEYS, iat=at - 9000)
    )
    return home, replace(right(name, occurrence, now=at), chain=chain)


@pytest.mark.parametrize(
    ("night", "last", "first_without"),
    [
        pytest.param("2026-10-24", "2026-10-25T05:59:59", "2026-10-25T06:00:00", id="an hour more"),
        pytest.param("2027-03-27", "2027-03-28T04:59:59", "2027-03-28T05:00:00", id="an hour less"),
    ],
)
def test_night_of_a_clock_change_opens_nothing_past_its_end(night: str, last: str, first_without: str) -> None:
    home, said = _night(_at(last), "in", f"night/{night}")
    assert home.look(said) is None
    assert home.is_open
    home, said = _night(_at(first_without), "out", f"night/{night}")
    assert home.look(said) is Refusal.OUTSIDE_WINDOW
    assert home.openings == 0


def test_hour_that_comes_twice_opens_nothing_twice() -> None:
    """02:15 comes at 00:15 and at 01:15 UTC: one window, once."""
    name, found = "small/2026-10-25", []
    for at in ("2026-10-25T00:15:00", "2026-10-25T01:15:00"):
        home, said = _night(_at(at), at, name)
        found.append(home.look(said))
        if found[-1] is None:
            close = OPERATOR.sign(Close(said.asked.look, Outcome.SEEN, home.at))
            home.close(close, said.asked.look)
            home.wait(3600)
            before, again = home.openings, _night(home.at, "again", name)[1]
            assert home.look(again) is not None
            assert home.openings == before
    assert sorted(map(str, found)) == sorted(map(str, [None, Refusal.OUTSIDE_WINDOW]))


def test_hour_that_never_comes_opens_nothing_outside_the_jump() -> None:
    """02:10-02:40 does not exist on 28 March 2027: the minutes before 02:00 are not of it."""
    home, said = _night(_at("2027-03-28T00:59:59"), "before", "small/2027-03-28")
    assert home.look(said) is Refusal.OUTSIDE_WINDOW
    assert home.openings == 0
    home, said = _night(_at("2027-03-28T01:45:00"), "after", "small/2027-03-28")
    assert home.look(said) is Refusal.OUTSIDE_WINDOW
    assert home.openings == 0


# ---- pairing --------------------------------------------------------------------------------------------------------

CODE = PairingCode("wss://tillsyn.example/hub", ROOT.public.x, "s" * 42 + "Q", "Storgatan 1")


def test_pairing_with_a_swapped_hub_key_opens_nothing() -> None:
    """The service, which lies between installer and home, puts its own hub key in the place of the home's."""
    mac = CODE.mac(HUB.public)
    assert CODE.accepts(HUB.public, mac)
    assert not CODE.accepts(EVIL.public, mac)
    guessed = replace(CODE, secret="t" * 42 + "Q")
    assert not CODE.accepts(EVIL.public, guessed.mac(EVIL.public))
    certificate = HubCertificate(HUB.public.x, "Storgatan 1", "Storköping", NOW, NOW + 86_400, 1)
    trust = Trust(PASSKEYS, NOBODY)
    assert hub_certificate(ROOT.public, trust, ROOT.sign(certificate), (), HUB.public, NOW) == certificate
    for code, made in (
        (Refusal.WRONG_HUB, ROOT.sign(replace(certificate, key=EVIL.public.x))),
        (Refusal.UNKNOWN_SIGNER, EVIL.sign(certificate)),
    ):
        with pytest.raises(Refused) as caught:
            hub_certificate(ROOT.public, trust, made, (), HUB.public, NOW)
        assert caught.value.code is code


def test_pairing_with_a_swapped_root_opens_nothing() -> None:
    """The root is in the code that the installer carries, and in what the hub proves."""
    swapped = replace(CODE, root=EVIL.public.x)
    assert not CODE.accepts(HUB.public, swapped.mac(HUB.public))
