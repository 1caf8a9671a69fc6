"""The vectors of plans by a planner: judged by when they were made, under what is known when they come; and of what one
plan changes in another.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from random import Random

from tests.vectors.chains import admin_shift, known, shift
from tests.vectors.known import (
    ADMIN,
    ADMIN_PHONE,
    BROWSER,
    CREDENTIAL,
    HUB,
    LISTED,
    NOW,
    PASSKEYS,
    PHONE,
    POLICY,
    ROOT,
    SESSION,
    STRANGER,
    Case,
)
from tillsyn import wire
from tillsyn.comparison import Change, Changed, WindowAdded, WindowChanged, WindowRemoved, applies_at_once, compare
from tillsyn.identity import digest
from tillsyn.model import Fallback, Role, Room, Window
from tillsyn.wire_people import NUMBERS_BEGIN

_PLAN = wire.PlanStatement(
    HUB.public.kid, 4, "natt", (Window("natt", time(22), time(6)),), 30, 30, 20, 1, (Role.OPERATOR,),
    (Fallback.VISIT,), date(2027, 2, 28), NOW,
)  # fmt: skip
_DAY = 86_400
LATER = NOW + 3 * _DAY
"""When the home comes back. The planner's shift ended two hours after NOW."""


_PLANNER = shift(PHONE, SESSION, roles=(Role.PLANNER,))
_DEPUTY = [*admin_shift(), *shift(PHONE, SESSION, ADMIN, roles=(Role.PLANNER,))]
"""A planner whom an administrator has certified."""
_BY_BROWSER = [ROOT.sign(replace(CREDENTIAL, roles=(Role.PLANNER,)))]

type _Row = tuple[str, wire.Policy, wire.Revocations, str, list[str], str]
"""Name, what is known, plan, its chain, and why it is refused."""


def _made(**changes: object) -> str:
    return SESSION.sign(replace(_PLAN, **changes))  # type: ignore[arg-type]


def _under(*kids: str) -> wire.Revocations:
    return wire.Revocations(9, (*LISTED.revoked, *kids), LATER - 60)


def _by_whom() -> list[_Row]:
    return [
        ("of an evening, days later", PASSKEYS, _under(), _made(), _PLANNER, ""),
        ("by a planner of an administrator's", PASSKEYS, _under(), _made(), _DEPUTY, ""),
        ("by the root", PASSKEYS, _under(), ROOT.sign(_PLAN), [], ""),
        ("by the root, long ago", PASSKEYS, _under(), ROOT.sign(replace(_PLAN, iat=NOW - 90 * _DAY)), [], ""),
        ("by a browser key", POLICY, _under(), BROWSER.sign(_PLAN), _BY_BROWSER, ""),
        ("by a browser key that is not allowed", PASSKEYS, _under(), BROWSER.sign(_PLAN), _BY_BROWSER,
         "browser_key_not_allowed"),
        ("by an operator", PASSKEYS, _under(), _made(), shift(PHONE, SESSION), "role_not_allowed"),
        ("for another unit", PASSKEYS, _under(), _made(unit="dag"), _PLANNER, "unit_not_allowed"),
        ("for another home", PASSKEYS, _under(), _made(hub=STRANGER.public.kid), _PLANNER, "wrong_hub"),
        ("by a stranger", PASSKEYS, _under(), STRANGER.sign(_PLAN), _PLANNER, "unknown_signer"),
        ("without its chain", PASSKEYS, _under(), _made(), [], "unknown_signer"),
        ("of another root", PASSKEYS, _under(), _made(), shift(PHONE, SESSION, STRANGER, roles=(Role.PLANNER,)),
         "unknown_signer"),
    ]  # fmt: skip


def _when() -> list[_Row]:
    """Also: what is known by then of those who signed, and what policy makes of the plan."""
    return [
        ("after the shift", PASSKEYS, _under(), _made(iat=NOW + 7200), _PLANNER, "delegation_expired"),
        ("dated before the shift", PASSKEYS, _under(), _made(iat=NOW - 4121), _PLANNER, "credential_expired"),
        ("of a month ago", PASSKEYS, _under(), _made(iat=LATER - 30 * _DAY - 1), _PLANNER, "expired"),
        ("from the future", PASSKEYS, _under(), _made(iat=LATER + 121), _PLANNER, "clock_skew"),
        ("by a planner who is revoked since", PASSKEYS, _under(PHONE.kid), _made(), _PLANNER, "revoked"),
        ("by a shift that is revoked since", PASSKEYS, _under(SESSION.public.kid), _made(), _PLANNER, "revoked"),
        ("by an administrator's who is revoked since", PASSKEYS, _under(ADMIN_PHONE.kid), _made(), _DEPUTY, "revoked"),
        ("others are revoked", PASSKEYS, _under(digest("another")), _made(), _PLANNER, ""),
        ("looks that are too long", PASSKEYS, _under(), _made(look_seconds=61), _PLANNER, "policy"),
        ("the last number of its time", PASSKEYS, _under(), _made(number=NOW - NUMBERS_BEGIN), _PLANNER, ""),
        ("number ahead of its time", PASSKEYS, _under(), _made(number=NOW - NUMBERS_BEGIN + 1), _PLANNER,
         "bad_message"),
        ("any number by the root", PASSKEYS, _under(), ROOT.sign(replace(_PLAN, number=2**31)), [], ""),
        ("too many retries", PASSKEYS, _under(), _made(max_retries=3), _PLANNER, "policy"),
    ]  # fmt: skip


def plans() -> list[Case]:
    """Plans that come LATER, to a home of HUB's that has had none; ``code`` '' where they are shown there."""
    return [
        {"name": name, **known(policy, listed), "token": token, "chain": chain, "hub": HUB.public.x, "now": LATER,
         "code": code}
        for name, policy, listed, token, chain, code in (*_by_whom(), *_when())
    ]  # fmt: skip


# ---- what one changes in another ------------------------------------------------------------------------------------

_EVERY = (1, 2, 3, 4, 5, 6, 7)
_HOURS = (time(1, 30), time(2), time(2, 10), time(2, 30), time(3), time(5), time(21), time(22), time(23, 30))
"""Among them those that the clock jumps over, or shows twice."""
_OTHERS: tuple[dict[str, object], ...] = (
    {"look_seconds": 20}, {"look_seconds": 40}, {"grace_seconds": 0}, {"max_retries": 2}, {"max_retries": 0},
    {"retry_within_minutes": 10}, {"keep_days": 90}, {"keep_days": 3650}, {"roles": (Role.OPERATOR, Role.PATROL)},
    {"unit": "dag"}, {"rooms": (Room.KITCHEN, Room.BEDROOM)}, {"rooms": (Room.BEDROOM, Room.KITCHEN)},
    {"fallback": (Fallback.CALL_RELATIVE, Fallback.VISIT)}, {"move_minutes": 60}, {"review": date(2027, 1, 1)},
    {"review": date(2027, 6, 1)}, {"contact": "Sam Vård"}, {"number": 5},
)  # fmt: skip


def comparisons() -> list[Case]:
    """Pairs of plans, what differs (windows by name), and whether the home is asked."""
    return [
        {
            "name": name,
            "before": json.loads(before.payload()),
            "after": json.loads(after.payload()),
            "changes": [_change(one) for one in compare(before.plan(), after.plan()).changes],
            "asks": not applies_at_once(before.plan(), after.plan(), {}, datetime.fromtimestamp(NOW, UTC)),
        }
        for name, before, after in _pairs()
    ]


def _change(change: Change) -> list[object]:
    match change:
        case WindowAdded(window):
            return ["window_added", None, window.id, change.reach]
        case WindowRemoved(window):
            return ["window_removed", window.id, None, change.reach]
        case WindowChanged(before, after):
            kind = "renamed" if not change.is_noticed else "moved" if change.is_moved else "changed"
            return ["window_changed", before.id, after.id, change.reach, kind]
        case Changed(topic):
            names = {"retry_minutes": "retry_within_minutes"}
            return [names.get(topic, topic), change.reach]


def _pairs() -> Iterator[tuple[str, wire.PlanStatement, wire.PlanStatement]]:
    for changed in _OTHERS:
        (name,) = changed
        yield f"{name} {changed[name]}", _PLAN, replace(_PLAN, **changed)  # type: ignore[arg-type]
        yield f"{name} from {changed[name]}", replace(_PLAN, **changed), _PLAN  # type: ignore[arg-type]
    chance = Random(25)  # the same each time
    for at in range(24):
        before, after = (replace(_PLAN, windows=_windows(chance)) for _ in range(2))
        yield f"windows {at}", before, after
    narrow = Window("natt", time(2, 10), time(2, 20))
    yield (
        "within, but not when it jumps",
        *(replace(_PLAN, windows=(one,)) for one in (Window("natt", time(1, 30), time(2, 30)), narrow)),
    )


def _windows(chance: Random) -> tuple[Window, ...]:
    names = chance.sample(("natt", "sen", "tidig"), chance.randint(1, 3))
    found: list[Window] = []
    for name in names:
        start, end = chance.sample(_HOURS, 2)
        found.append(Window(name, start, end, chance.choice((_EVERY, _EVERY, (5, 6, 7), (6, 5)))))
    return tuple(found)
