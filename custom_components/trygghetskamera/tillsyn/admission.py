"""Is this signed statement from the agreed person, for this home, this plan and this very connection?

Pure checks of statements; whether the home lets it happen *now* (consent, pause, window, budget, camera) is the gate's.
``now`` is seconds since 1970 UTC by the home's own clock, ``trust`` what the home knows of the root's will.
"""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from typing import Final

from .chain import MAX_SKEW, Signer, Trust, plan_signer, signer
from .errors import Refusal, Refused
from .identity import Parsed, PublicKey, parse
from .model import Limits, Operator, Outcome, Plan, Role, Room
from .wire import Answer, Close, Look, Offer, PlanStatement, Policy, Prepare, ReceiptAck, Turn

MAX_LIFE: Final = 30
"""Seconds between iat and exp of a prepare or look."""
_BUILDER: Final = object()
_READERS: Final = frozenset({Role.AUDITOR})
"""Roles that never look, whatever a plan says."""


@dataclass(frozen=True, slots=True)
class Home:
    """What the home has pinned: the municipality's root and its own hub key."""

    root: PublicKey
    hub: PublicKey


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepare that was accepted; the look must come from the same signer, for the same occurrence and connection."""

    look: str
    plan: int
    occurrence: str
    request: str
    signer: Signer


@dataclass(frozen=True, slots=True)
class Grant:
    """A verified permission for one look. Only ``check_look`` can build it. ``request``: hash of the tk-look.

    ``kids``: every key that it rests on; when one of them is revoked the look ends.
    """

    look: str
    plan: int
    occurrence: str
    request: str
    operator: Operator
    key: PublicKey
    kids: frozenset[str]
    builder: InitVar[object]

    def __post_init__(self, builder: object) -> None:
        """Refuse to exist unless made by ``check_look``; a changed copy is not."""
        if builder is not _BUILDER:
            raise TypeError("a Grant comes from check_look only")


@dataclass(frozen=True, slots=True)
class TurnGrant:
    """A verified wish to go on with an open look in another room. Only ``check_turn`` can build it.

    ``request``: hash of the tk-turn.
    """

    look: str
    room: Room
    number: int
    request: str
    builder: InitVar[object]

    def __post_init__(self, builder: object) -> None:
        """Refuse to exist unless made by ``check_turn``."""
        if builder is not _BUILDER:
            raise TypeError("a TurnGrant comes from check_turn only")


def _fresh(iat: int, exp: int, now: int) -> None:
    if exp < iat or exp - iat > MAX_LIFE:
        raise Refused(Refusal.EXPIRED, "life")
    if abs(iat - now) > MAX_SKEW:
        raise Refused(Refusal.CLOCK_SKEW if iat > now else Refusal.EXPIRED)


def _check_known(home: Home, trust: Trust, now: int) -> None:
    """Raises Refused unless it is known who is revoked, and this home's own key is not."""
    trust.check_fresh(now)
    trust.check_keys(home.hub.kid)


def _signer(home: Home, trust: Trust, chain: Sequence[str], now: int) -> Signer:
    _check_known(home, trust, now)
    return signer(home.root, trust, chain, now)


def _may_look(who: Signer, trust: Trust, plan: Plan | None) -> Plan:
    if plan is None:
        raise Refused(Refusal.NO_PLAN)
    if not set(who.roles) & set(plan.roles) - _READERS:
        raise Refused(Refusal.ROLE_NOT_ALLOWED)
    if plan.unit not in who.units:
        raise Refused(Refusal.UNIT_NOT_ALLOWED)
    _within(trust.policy, plan.limits)
    return plan


def _within(policy: Policy, limits: Limits) -> None:
    """Raises Refused(POLICY) where a plan gives more than the root allows any."""
    if limits.look_seconds > policy.look_seconds or limits.max_retries > policy.max_retries:
        raise Refused(Refusal.POLICY)


def check_prepare(home: Home, trust: Trust, plan: Plan | None, token: str, chain: Sequence[str], now: int) -> Prepared:
    """Verify a tk-prepare. Raises Refused with the first thing that does not hold."""
    parsed = parse(Prepare, token)
    who = _signer(home, trust, chain, now)
    request = parsed.verified(who.key)
    if request.hub != home.hub.kid:
        raise Refused(Refusal.WRONG_HUB)
    _fresh(request.iat, request.exp, now)
    agreed = _may_look(who, trust, plan)
    if request.plan != agreed.number:
        raise Refused(Refusal.WRONG_PLAN)
    return Prepared(request.look, request.plan, request.occurrence, parsed.hash, who)


def _bound(home: Home, prepared: Prepared, look: Parsed[Look], offer: str, answer: str) -> None:
    """The look is for the connection that was prepared, and for no other."""
    offered, answered, asked = parse(Offer, offer), parse(Answer, answer), look.statement
    if offered.verified(home.hub).prepare != prepared.request or offered.statement.look != prepared.look:
        raise Refused(Refusal.NOT_PREPARED, "offer")
    if answered.verified(prepared.signer.key).offer != offered.hash or answered.statement.look != prepared.look:
        raise Refused(Refusal.WRONG_CONNECTION, "answer")
    if (asked.offer, asked.answer) != (
        offered.hash,
        answered.hash,
    ) or asked.challenge != offered.statement.challenge:
        raise Refused(Refusal.WRONG_CONNECTION, "look")


def check_look(
    home: Home,
    trust: Trust,
    plan: Plan | None,
    prepared: Prepared | None,
    token: str,
    chain: Sequence[str],
    connection: tuple[str, str],
    now: int,
) -> Grant:
    """Verify the click, a tk-look, against what was prepared; ``connection`` is (tk-offer, tk-answer).

    The same signer must have prepared. Raises Refused with the first thing that does not hold.
    """
    parsed = parse(Look, token)
    who = _signer(home, trust, chain, now)
    asked = parsed.verified(who.key)
    if asked.hub != home.hub.kid:
        raise Refused(Refusal.WRONG_HUB)
    _fresh(asked.iat, asked.exp, now)
    agreed = _may_look(who, trust, plan)
    if prepared is None or asked.look != prepared.look or who.key != prepared.signer.key:
        raise Refused(Refusal.NOT_PREPARED)
    if asked.plan != agreed.number or asked.plan != prepared.plan:
        raise Refused(Refusal.WRONG_PLAN)
    if asked.occurrence != prepared.occurrence:
        raise Refused(Refusal.WRONG_WINDOW)
    _bound(home, prepared, parsed, *connection)
    return Grant(asked.look, asked.plan, asked.occurrence, parsed.hash, who.operator, who.key, who.kids, _BUILDER)


def check_close(look: str, key: PublicKey, token: str) -> Outcome:
    """The outcome in a tk-close of this look by the key that opened or prepared it. Raises Refused."""
    close = parse(Close, token).verified(key)
    if close.look != look:
        raise Refused(Refusal.NOT_PREPARED)
    return close.outcome


def check_turn(grant: Grant, trust: Trust, token: str, after: int, now: int) -> TurnGrant:
    """A tk-turn of the look of ``grant`` by the key that looks, with a number above ``after``. Raises Refused."""
    parsed = parse(Turn, token)
    turn = parsed.verified(grant.key)
    if turn.look != grant.look:
        raise Refused(Refusal.NOT_PREPARED)
    trust.check_keys(*grant.kids)
    if abs(turn.iat - now) > MAX_SKEW:
        raise Refused(Refusal.CLOCK_SKEW if turn.iat > now else Refusal.EXPIRED)
    if turn.number <= after:
        raise Refused(Refusal.REPLAYED)
    return TurnGrant(turn.look, turn.room, turn.number, parsed.hash, _BUILDER)


def check_ack(home: Home, trust: Trust, grant: Grant, token: str, chain: Sequence[str], now: int) -> ReceiptAck:
    """A tk-receipt-ack of the look of ``grant``, made now by the key that looked. ``chain`` still vouches for it, and
    is kept with it, so that others can see whose it was. Which receipt it is about is for the caller. Raises Refused.
    """
    parsed = parse(ReceiptAck, token)
    who = _signer(home, trust, chain, now)
    if (who.key, who.operator.kid) != (grant.key, grant.operator.kid):
        raise Refused(Refusal.UNKNOWN_SIGNER)
    ack = parsed.verified(grant.key)
    if ack.look != grant.look:
        raise Refused(Refusal.NOT_PREPARED)
    if abs(ack.iat - now) > MAX_SKEW:
        raise Refused(Refusal.CLOCK_SKEW if ack.iat > now else Refusal.EXPIRED)
    return ack


def check_plan(home: Home, trust: Trust, current: int, token: str, chain: Sequence[str], now: int) -> PlanStatement:
    """A tk-plan newer than number ``current``, signed by the root itself (empty chain) or a certified planner.

    The planner must have been one for its unit when it was made, and not be revoked now. Raises Refused.
    """
    parsed = parse(PlanStatement, token)
    key = home.root
    if chain:
        _check_known(home, trust, now)
        key = _planner(home.root, trust, parsed.statement, chain, now).key
    statement = parsed.verified(key)
    if statement.hub != home.hub.kid:
        raise Refused(Refusal.WRONG_HUB)
    if statement.number <= current:
        raise Refused(Refusal.WRONG_PLAN)
    _within(trust.policy, statement.plan().limits)
    return statement


def _planner(root: PublicKey, trust: Trust, made: PlanStatement, chain: Sequence[str], now: int) -> Signer:
    who = plan_signer(root, trust, chain, made, now)
    if Role.PLANNER not in who.roles:
        raise Refused(Refusal.ROLE_NOT_ALLOWED)
    if made.unit not in who.units:
        raise Refused(Refusal.UNIT_NOT_ALLOWED)
    return who
