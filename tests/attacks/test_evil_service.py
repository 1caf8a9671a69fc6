"""An operator service gone bad: it holds every secret that the service has, every message there ever was, and keys of
its own; it has no key of root, person, session or hub. It may refuse service, and nothing more.

Each attack changes one thing in what opens (``besieged.opens_nothing`` has the right look open an equal home first).
The same signed fields one by one: tests/tillsyn/test_admission.py and test_chain.py; what the bridge says before the
home is even asked: tests/bridge/test_attacks.py; games with headers and encodings: test_signatures.py; every parser:
test_fuzz.py; the real shell: tests/integration/test_looks_refused.py.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.besieged import (
    ADMIN_SHIFT,
    CHAIN,
    PASSKEYS,
    PLAN,
    SAID,
    SHIFT,
    WAY,
    Attack,
    Besieged,
    looking,
    opened,
    opens_nothing,
    prepared,
    right,
)
from tests.authenticator import Authenticator
from tests.tillsyn.made import (
    ADMIN,
    ADMIN_PHONE,
    CANDIDATE,
    COLLEAGUE,
    HUB,
    NOBODY,
    NOW,
    OPERATOR,
    PHONE,
    ROOT,
    STRANGER,
    Talk,
    admin_shift,
    by_passkey,
    connection,
    delegation,
    revoked,
    shift,
    token,
)
from tillsyn.chain import LIST_SECONDS, MAX_SKEW, Trust, hub_certificate
from tillsyn.entries import Pause, Privacy
from tillsyn.errors import CloseReason, Refusal, Refused
from tillsyn.gate_values import (
    MoveFailed,
    PauseChanged,
    Place,
    PositionLost,
    PowerChanged,
    PrivacyChanged,
    Stopping,
    StoreFailed,
)
from tillsyn.identity import PairingCode, digest, parse
from tillsyn.model import Outcome, Role, Room, Window
from tillsyn.receipts import Head, verify
from tillsyn.strict import b64u_decode, b64u_encode
from tillsyn.wire import STATEMENTS, Answer, Close, Credential, HubCertificate, Offer, PlanAck, Receipt, Turn

EVIL = STRANGER
"""The service's own key; it has as many as it likes."""
EVIL_PHONE = Authenticator("evil")
PLANNER = shift(Authenticator("kim"), COLLEAGUE, name="Kim Plan", roles=(Role.PLANNER,))


def by(*chain: str) -> Talk:
    """The right look with another chain under it."""
    return replace(SAID, chain=chain)


# ---- who signs ------------------------------------------------------------------------------------------------------


def test_foreign_root_opens_nothing() -> None:
    chain = (*admin_shift(by=EVIL), *SHIFT)
    opens_nothing(Refusal.UNKNOWN_SIGNER, looking(by(*chain)))


def test_foreign_root_under_the_roots_name_opens_nothing() -> None:
    admin = token(parse(Credential, ADMIN_SHIFT[0]).statement, EVIL, kid=ROOT.public.kid)
    opens_nothing(Refusal.BAD_SIGNATURE, looking(by(admin, delegation(admin, ADMIN, ADMIN_PHONE), *SHIFT)))


def test_forged_person_opens_nothing() -> None:
    opens_nothing(Refusal.UNKNOWN_SIGNER, looking(by(*ADMIN_SHIFT, *shift(by=EVIL))))


def test_forged_person_under_the_administrators_name_opens_nothing() -> None:
    person = token(parse(Credential, SHIFT[0]).statement, EVIL, kid=ADMIN.public.kid)
    opens_nothing(Refusal.BAD_SIGNATURE, looking(by(*ADMIN_SHIFT, person, delegation(person))))


def test_forged_shift_opens_nothing() -> None:
    """The person is real; the service certifies a session key of its own for her, with its own passkey."""
    forged = delegation(SHIFT[0], EVIL, EVIL_PHONE)
    said = SAID.asking(EVIL)
    said = replace(said, prepare=token(payload_of_prepare(), EVIL, typ="tk-prepare"), chain=(*CHAIN[:3], forged))
    opens_nothing(Refusal.BAD_SIGNATURE, looking(said))


def payload_of_prepare() -> bytes:
    return b64u_decode(SAID.prepare.split(".")[1])


def test_shift_of_another_person_opens_nothing() -> None:
    other = by_passkey(Authenticator("other"), ADMIN, name="Olle")
    mixed = delegation(other, OPERATOR, PHONE)
    opens_nothing(Refusal.UNKNOWN_SIGNER, looking(by(*ADMIN_SHIFT, SHIFT[0], mixed)))


def test_chain_without_its_administrator_opens_nothing() -> None:
    opens_nothing(Refusal.UNKNOWN_SIGNER, looking(by(*SHIFT)))


def test_key_in_a_browser_opens_nothing() -> None:
    """The root's policy allows passkeys only, whoever certified the key."""
    person = ADMIN.sign(Credential(OPERATOR.public.x, "Nilla", (Role.OPERATOR,), ("natt",), NOW - 3600, NOW + 86400))
    opens_nothing(Refusal.BROWSER_KEY_NOT_ALLOWED, looking(by(*ADMIN_SHIFT, person)))


def test_role_not_allowed_opens_nothing() -> None:
    chain = (*ADMIN_SHIFT, *shift(by=ADMIN, roles=(Role.PLANNER,)))
    opens_nothing(Refusal.ROLE_NOT_ALLOWED, looking(by(*chain)))


def test_administrator_without_the_role_opens_nothing() -> None:
    """Whoever certifies people does not look."""
    opens_nothing(Refusal.ROLE_NOT_ALLOWED, looking(by(*shift(roles=(Role.ADMIN,)))))


def test_person_whom_a_colleague_certified_opens_nothing() -> None:
    """The service has somebody with a right credential, but no administrator, certify whom it likes."""
    colleague = shift(ADMIN_PHONE, ADMIN, name="Kim")
    opens_nothing(Refusal.ROLE_NOT_ALLOWED, looking(by(*colleague, *SHIFT)))


def test_unit_not_allowed_opens_nothing() -> None:
    chain = (*admin_shift(units=("natt", "dag")), *shift(by=ADMIN, units=("dag",)))
    opens_nothing(Refusal.UNIT_NOT_ALLOWED, looking(by(*chain)))


def test_unit_above_the_administrators_opens_nothing() -> None:
    chain = (*admin_shift(units=("dag",)), *SHIFT)
    opens_nothing(Refusal.UNIT_NOT_ALLOWED, looking(by(*chain)))


def test_expired_credential_opens_nothing() -> None:
    chain = (*ADMIN_SHIFT, *shift(by=ADMIN, exp=NOW))
    opens_nothing(Refusal.CREDENTIAL_EXPIRED, looking(by(*chain)))


def test_expired_delegation_opens_nothing() -> None:
    chain = (*ADMIN_SHIFT, SHIFT[0], delegation(SHIFT[0], exp=NOW))
    opens_nothing(Refusal.DELEGATION_EXPIRED, looking(by(*chain)))


def test_credential_made_after_the_administrators_shift_opens_nothing() -> None:
    admin = (ADMIN_SHIFT[0], delegation(ADMIN_SHIFT[0], ADMIN, ADMIN_PHONE, exp=NOW - 3600))
    opens_nothing(Refusal.DELEGATION_EXPIRED, looking(by(*admin, *SHIFT)))


# ---- revocation -----------------------------------------------------------------------------------------------------

KEYS = {
    "person": PHONE.kid,
    "session": OPERATOR.public.kid,
    "administrator": ADMIN_PHONE.kid,
    "administrator's session": ADMIN.public.kid,
    "hub": HUB.public.kid,
}


@pytest.mark.parametrize("kid", KEYS.values(), ids=KEYS)
def test_revoked_key_opens_nothing(kid: str) -> None:
    opens_nothing(Refusal.REVOKED, looking(SAID), Besieged(revocations=revoked(kid)))


@pytest.mark.parametrize("kid", [kid for name, kid in KEYS.items() if name != "hub"])
def test_revoked_key_ends_its_look_and_turns_no_more(kid: str) -> None:
    home = opened()
    assert home.adopt(ROOT.sign(revoked(kid, number=2))) is None
    assert not home.is_open
    assert home.record.past[-1].ended is not None
    assert home.record.past[-1].ended.reason is CloseReason.REVOKED
    before = home.openings
    assert home.turn(turn(), SAID.asked.look) is Refusal.REVOKED
    assert home.openings == before


def test_old_revocation_list_opens_nothing() -> None:
    """A list of the root's own, from before the leaver left."""
    home = Besieged(revocations=revoked(PHONE.kid, number=5))
    old = ROOT.sign(revoked(number=4, iat=NOW - 30))

    def attack(home: Besieged) -> Refusal | None:
        assert home.adopt(old) is Refusal.REPLAYED
        return home.look(SAID)

    opens_nothing(Refusal.REVOKED, attack, home)


def test_withheld_revocation_list_opens_nothing_after_a_day() -> None:
    stale = replace(NOBODY, iat=NOW - LIST_SECONDS - 1)
    opens_nothing(Refusal.REVOCATIONS_STALE, looking(SAID), Besieged(revocations=stale))
    assert Besieged(revocations=replace(NOBODY, iat=NOW - LIST_SECONDS)).look(SAID) is None
    opens_nothing(Refusal.REVOCATIONS_STALE, looking(SAID), Besieged(revocations=None))


def test_list_that_is_made_fresh_by_the_service_opens_nothing() -> None:
    home = Besieged(revocations=replace(NOBODY, iat=NOW - LIST_SECONDS - 1))
    fresh = revoked(number=9)

    def attack(home: Besieged) -> Refusal | None:
        assert home.adopt(EVIL.sign(fresh)) is Refusal.UNKNOWN_SIGNER
        assert home.adopt(token(fresh, EVIL, kid=ROOT.public.kid)) is Refusal.BAD_SIGNATURE
        assert home.adopt(OPERATOR.sign(fresh), CHAIN) is Refusal.ROLE_NOT_ALLOWED
        return home.look(SAID)

    opens_nothing(Refusal.REVOCATIONS_STALE, attack, home)
    # The same from the root does make it fresh.
    assert home.adopt(ROOT.sign(fresh)) is None
    assert home.look(SAID) is None


def test_looser_policy_opens_nothing() -> None:
    person = ROOT.sign(Credential(OPERATOR.public.x, "Nilla", (Role.OPERATOR,), ("natt",), NOW - 3600, NOW + 86400))
    home = Besieged(policy=replace(PASSKEYS, number=2))
    loose = replace(PASSKEYS, browser_keys=True)

    def attack(home: Besieged) -> Refusal | None:
        assert home.adopt(ROOT.sign(loose)) is Refusal.REPLAYED
        assert home.adopt(EVIL.sign(replace(loose, number=3))) is Refusal.UNKNOWN_SIGNER
        return home.look(by(person))

    opens_nothing(Refusal.BROWSER_KEY_NOT_ALLOWED, attack, home)
    assert home.adopt(ROOT.sign(replace(loose, number=3))) is None
    assert home.look(by(person)) is None


# ---- the plan -------------------------------------------------------------------------------------------------------


def test_old_plan_opens_nothing() -> None:
    home = Besieged(statement=replace(PLAN, number=4))

    def attack(home: Besieged) -> Refusal | None:
        assert home.propose(ROOT.sign(PLAN)) is Refusal.WRONG_PLAN
        return home.look(SAID)

    opens_nothing(Refusal.WRONG_PLAN, attack, home)
    assert home.look(right("newer", number=4)) is None


WIDER = replace(PLAN, number=4, windows=(*PLAN.windows, Window("day", time(0, 30), time(12))))


def test_wider_plan_opens_nothing_until_it_is_accepted() -> None:
    said = right("wide", "day/2026-11-23", 4)
    home = Besieged()

    def attack(home: Besieged) -> Refusal | None:
        assert home.propose(COLLEAGUE.sign(WIDER), PLANNER) is None
        # That it is accepted is said at home; the service's own word for it, or the hub's, is no answer.
        ack = PlanAck(HUB.public.kid, 4, digest(COLLEAGUE.sign(WIDER)), "accepted", NOW)
        for key in (EVIL, HUB):
            assert home.propose(key.sign(ack)) is Refusal.BAD_MESSAGE
        return home.look(said)

    opens_nothing(Refusal.WRONG_PLAN, attack, home)
    assert home.record.plan == PLAN.plan()
    home.accept(4)
    assert home.look(said) is None


def _proposed(code: Refusal, **changed: Any) -> None:
    """A plan with this in it, signed by the root itself, is not even shown at home."""
    said = right("wide", "day/2026-11-23", 4)
    home = Besieged()

    def attack(home: Besieged) -> Refusal | None:
        assert home.propose(ROOT.sign(replace(WIDER, **changed))) is code
        return home.look(said)

    opens_nothing(Refusal.WRONG_PLAN, attack, home)
    assert home.record.proposed is None


def test_plan_for_another_hub_opens_nothing() -> None:
    _proposed(Refusal.WRONG_HUB, hub=EVIL.public.kid)


def test_plan_beyond_the_policy_opens_nothing() -> None:
    _proposed(Refusal.POLICY, look_seconds=61)
    _proposed(Refusal.POLICY, max_retries=3)


def test_plan_beyond_a_policy_that_came_later_opens_nothing() -> None:
    opens_nothing(Refusal.POLICY, looking(SAID), Besieged(policy=replace(PASSKEYS, look_seconds=29)))
    assert Besieged(policy=replace(PASSKEYS, look_seconds=30)).look(SAID) is None


def test_forged_plan_opens_nothing() -> None:
    said = right("wide", "day/2026-11-23", 4)

    def attack(home: Besieged) -> Refusal | None:
        assert home.propose(EVIL.sign(WIDER)) is Refusal.UNKNOWN_SIGNER
        assert home.propose(token(WIDER, EVIL, kid=ROOT.public.kid)) is Refusal.BAD_SIGNATURE
        assert home.propose(OPERATOR.sign(WIDER), CHAIN) is Refusal.ROLE_NOT_ALLOWED
        return home.look(said)

    opens_nothing(Refusal.WRONG_PLAN, attack)


# ---- window and budget ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "occurrence"),
    [
        pytest.param(Refusal.WRONG_WINDOW, "evening/2026-11-22", id="a window that is not agreed"),
        pytest.param(Refusal.OUTSIDE_WINDOW, "night/2026-11-23", id="the next night"),
        pytest.param(Refusal.OUTSIDE_WINDOW, "night/2026-11-21", id="the night before"),
    ],
)
def test_other_window_opens_nothing(code: Refusal, occurrence: str) -> None:
    """Signed by the agreed person, as a curious one may."""
    opens_nothing(code, looking(right("other", occurrence)))


def test_look_prepared_ahead_of_its_window_opens_nothing_before_it() -> None:
    """What may be made ready ten minutes ahead is not open ten minutes ahead."""
    start = NOW - 3 * 3600
    early, agreed = (right(name, now=at) for name, at in (("early", start - 60), ("agreed", start)))
    certified = shift(by=ADMIN, iat=start - 7200)
    admin = admin_shift(iat=start - 8000)
    chain = (
        admin[0],
        delegation(admin[0], ADMIN, ADMIN_PHONE, iat=start - 8000, exp=start),
        certified[0],
        delegation(certified[0], iat=start - 3600, exp=start + 3600),
    )
    lists = replace(NOBODY, iat=start - 7200)
    home = Besieged(wall=start - 60, revocations=lists, policy=replace(PASSKEYS, iat=start - 9000))
    assert home.look(replace(early, chain=chain)) is Refusal.OUTSIDE_WINDOW
    assert home.openings == 0
    home.wait(60)
    assert home.look(replace(agreed, chain=chain)) is None


def _not_seen(home: Besieged, name: str) -> None:
    said = right(name, now=home.at)
    assert home.look(said) is None
    home.wait(2)
    assert home.close(OPERATOR.sign(Close(said.asked.look, Outcome.NOT_SEEN, home.at)), said.asked.look) is None
    assert not home.is_open


def test_used_budget_opens_nothing() -> None:
    home = Besieged()
    for name in ("first", "the one retry"):
        _not_seen(home, name)
    before = home.openings
    assert home.look(right("third", now=home.at)) is Refusal.BUDGET_USED
    home.start()
    assert home.look(right("after a restart", now=home.at)) is Refusal.BUDGET_USED
    assert home.openings == before


def test_retry_after_its_time_opens_nothing() -> None:
    home = Besieged()
    _not_seen(home, "first")
    home.wait(20 * 60)
    before = home.openings
    assert home.look(right("late", now=home.at)) is Refusal.BUDGET_USED
    assert home.openings == before


def test_client_who_was_seen_is_not_looked_at_again() -> None:
    home = opened()
    home.close(OPERATOR.sign(Close(SAID.asked.look, Outcome.SEEN, NOW)), SAID.asked.look)
    before = home.openings
    assert home.look(right("again", now=home.at)) is Refusal.BUDGET_USED
    assert home.openings == before


# ---- replay ---------------------------------------------------------------------------------------------------------


def turn(room: Room = Room.KITCHEN, number: int = 1) -> str:
    return OPERATOR.sign(Turn(SAID.asked.look, room, number, NOW))


CLOSE = OPERATOR.sign(Close(SAID.asked.look, Outcome.NOT_SEEN, NOW))


def _clicked(home: Besieged) -> None:
    assert home.prepare(SAID.prepare) is None
    assert home.click(SAID) is None


def _open(home: Besieged) -> None:
    _clicked(home)
    home.arrive()
    assert home.is_open


def _turned(home: Besieged) -> None:
    _open(home)
    assert home.turn(turn(), SAID.asked.look) is None
    home.arrive()
    assert home.house.gates["kitchen"].place is Place.OPEN


def _closed(home: Besieged) -> None:
    _turned(home)
    assert home.close(CLOSE, SAID.asked.look) is None


def _looking_away(home: Besieged) -> None:
    _open(home)
    home.feed(PositionLost(), "bed")
    assert home.house.gates["bed"].place is Place.CLOSING


def _at_fault(home: Besieged) -> None:
    _looking_away(home)
    for _ in range(3):
        home.feed(MoveFailed(home.house.gates["bed"].serial), "bed")
    assert home.house.gates["bed"].place is Place.FAULT


def _dark(home: Besieged) -> None:
    _closed(home)
    home.feed(PowerChanged(on=False))
    assert home.house.gates["bed"].place is Place.DARK


def _light_again(home: Besieged) -> None:
    _dark(home)
    home.feed(PowerChanged(on=True))
    home.arrive()


def _restarted(home: Besieged) -> None:
    _open(home)
    home.start()


def _paused(home: Besieged) -> None:
    _open(home)
    home.write(Pause(True, "anna"))
    home.feed(PauseChanged(True))


def _resumed(home: Besieged) -> None:
    _paused(home)
    home.arrive()
    home.write(Pause(False, "anna"))
    home.feed(PauseChanged(False))


def _private(home: Besieged) -> None:
    _open(home)
    home.write(Privacy(True, "anna"))
    home.feed(PrivacyChanged(True))


def _journal_failed(home: Besieged) -> None:
    _open(home)
    home.feed(StoreFailed(), "bed")


def _stopping(home: Besieged) -> None:
    _open(home)
    home.feed(Stopping())


def _time_out(home: Besieged) -> None:
    _open(home)
    home.wait(31)
    assert not home.is_open
    home.arrive()


LATER: dict[str, Callable[[Besieged], None]] = {
    "the camera is on its way": _clicked,
    "open": _open,
    "turned": _turned,
    "looking away": _looking_away,
    "at fault": _at_fault,
    "closed": _closed,
    "time limit": _time_out,
    "dark": _dark,
    "light again": _light_again,
    "restarted": _restarted,
    "paused": _paused,
    "resumed": _resumed,
    "private": _private,
    "journal failed": _journal_failed,
    "stopping": _stopping,
}
AGAIN: dict[str, Attack] = {
    "prepare": lambda home: home.prepare(SAID.prepare),
    "look": lambda home: home.click(SAID),
    "prepare and look": lambda home: home.ask(SAID),
    "turn": lambda home: home.turn(turn(), SAID.asked.look),
    "close": lambda home: home.close(CLOSE, SAID.asked.look),
}


def test_later_is_every_place_of_the_gate() -> None:
    places = set[Place]()
    for go in LATER.values():
        home = Besieged()
        go(home)
        places |= {gate.place for gate in home.house.gates.values()}
    assert places == set(Place) - {Place.AIMING}  # aiming has no look, and no look begins in it


@pytest.mark.parametrize("go", LATER.values(), ids=LATER)
@pytest.mark.parametrize("what", AGAIN)
def test_replay_opens_nothing(go: Callable[[Besieged], None], what: str) -> None:
    home = Besieged()
    go(home)
    looks, openings, was_open = home.record.used, home.openings, home.is_open
    first_turn = what == "turn" and go is _open
    code = AGAIN[what](home)
    if first_turn:
        assert code is None  # not yet a replay: what is sent twice below
        home.arrive()
        openings = home.openings
        code = AGAIN[what](home)
    if what != "close":
        assert code is not None
    assert home.openings == openings
    home.arrive()
    assert home.record.used == looks
    if not was_open and go is not _clicked:
        home.wait(2)
        assert not home.is_open
        assert home.openings == openings


@pytest.mark.parametrize("times", [1, 5])
def test_replay_lengthens_no_look(times: int) -> None:
    home = opened()
    for _ in range(29):
        home.wait(1)
        for _ in range(times):
            home.look(SAID)
            home.turn(turn(number=1), SAID.asked.look)
    assert home.is_open
    home.wait(1)
    assert not home.is_open


def test_forged_turn_and_forged_close_change_nothing() -> None:
    home = opened()
    forged = Turn(SAID.asked.look, Room.KITCHEN, 1, NOW)
    assert home.turn(EVIL.sign(forged), SAID.asked.look) is Refusal.UNKNOWN_SIGNER
    assert home.turn(token(forged, EVIL, kid=OPERATOR.public.kid), SAID.asked.look) is Refusal.BAD_SIGNATURE
    seen = Close(SAID.asked.look, Outcome.SEEN, NOW)
    assert home.close(EVIL.sign(seen), SAID.asked.look) is Refusal.UNKNOWN_SIGNER
    assert home.is_open
    assert home.house.gates["bed"].place is Place.OPEN
    assert home.turn(turn(), SAID.asked.look) is None


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


# ---- receipts and the log -------------------------------------------------------------------------------------------


def _with_receipts() -> Besieged:
    home = Besieged()
    for name in ("first", "second"):
        _not_seen(home, name)
    return home


def _claims(tokens: list[str]) -> list[str]:
    fields = parse(Receipt, tokens[1]).statement
    return [tokens[0], EVIL.sign(replace(fields, reason=CloseReason.SEEN))]


def _rewritten(tokens: list[str]) -> list[str]:
    fields = parse(Receipt, tokens[1]).statement
    return [tokens[0], token(replace(fields, reason=CloseReason.SEEN), EVIL, kid=HUB.public.kid)]


RECEIPTS: dict[str, Callable[[list[str]], list[str]]] = {
    "dropped": lambda tokens: tokens[1:],
    "reordered": lambda tokens: tokens[::-1],
    "told twice": lambda tokens: [tokens[0], *tokens],
    "changed and signed by the service": _claims,
    "changed under the hub's name": _rewritten,
}


@pytest.mark.parametrize("tamper", RECEIPTS.values(), ids=RECEIPTS)
def test_tampered_receipts_are_not_believed(tamper: Callable[[list[str]], list[str]]) -> None:
    tokens = list(_with_receipts().record.receipts)
    assert len(verify(Head(), HUB.public, tokens)[1]) == 2
    with pytest.raises(Refused):
        verify(Head(), HUB.public, tamper(tokens))


def test_truncated_log_shows_by_its_head() -> None:
    """What is left holds, but ends elsewhere than where the home's signed log says."""
    home = _with_receipts()
    head, _ = verify(Head(), HUB.public, home.record.receipts[:1])
    assert head != home.record.head
    assert verify(Head(), HUB.public, home.record.receipts)[0] == home.record.head


# ---- invented messages ----------------------------------------------------------------------------------------------

GOOD = json.loads((Path(__file__).parents[1] / "vectors/statements.json").read_text(encoding="utf-8"))["good"]
INVENTED = [vector["token"] for vector in GOOD if vector["token"].count(".") == 2]


@pytest.mark.parametrize("typ", STATEMENTS)
def test_invented_statement_opens_nothing(typ: str) -> None:
    """Every statement there is, signed by the service, under its own name and under everybody else's."""
    home, before = Besieged(), Besieged().record.lines
    examples = [one for one in INVENTED if json.loads(b64u_decode(one.split(".")[0]))["typ"] == typ]
    assert examples
    for one in examples:
        payload = b64u_decode(one.split(".")[1])
        for name in (EVIL, ROOT, HUB, OPERATOR, ADMIN):
            made = token(payload, EVIL, typ=typ, kid=name.public.kid)
            for tell in (home.prepare, home.propose, home.adopt):
                assert tell(made) is not None
            for chain in (CHAIN, (made,), (*ADMIN_SHIFT, made)):
                assert home.look(Talk(chain, made, made, made, made, SAID.asked)) is not None
            assert home.turn(made, SAID.asked.look) is not None
            assert home.close(made, SAID.asked.look) is not None
    assert (home.openings, home.record.lines) == (0, before)
    assert home.look(SAID) is None


def test_silence_opens_nothing() -> None:
    """What is open ends by itself, whatever the service keeps to itself."""
    home = opened()
    home.wait(29)
    assert home.is_open
    home.wait(1)
    assert not home.is_open
