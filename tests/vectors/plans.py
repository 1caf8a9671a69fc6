"""The vectors of plans by a planner: judged by when they were made, under what is known when they come."""

from dataclasses import replace
from datetime import date, time

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
from tillsyn.identity import digest
from tillsyn.model import Fallback, Role, Window

_PLAN = wire.PlanStatement(
    HUB.public.kid, 4, "natt", (Window("natt", time(22), time(6)),), 30, 30, 20, 1, (Role.OPERATOR,),
    (Fallback.VISIT,), date(2027, 2, 28), NOW,
)  # fmt: skip
_DAY = 86_400
LATER = NOW + 3 * _DAY
"""When the home comes back. The planner's shift ended two hours after NOW."""


def plans() -> list[Case]:
    """Plans that come LATER, to a home of HUB's that has had none; ``code`` '' where they are shown there."""
    planner = shift(PHONE, SESSION, roles=(Role.PLANNER,))
    deputy = [*admin_shift(), *shift(PHONE, SESSION, ADMIN, roles=(Role.PLANNER,))]
    browser = [ROOT.sign(replace(CREDENTIAL, roles=(Role.PLANNER,)))]

    def made(**changes: object) -> str:
        return SESSION.sign(replace(_PLAN, **changes))  # type: ignore[arg-type]

    def under(*kids: str) -> wire.Revocations:
        return wire.Revocations(9, (*LISTED.revoked, *kids), LATER - 60)

    rows: list[tuple[str, wire.Policy, wire.Revocations, str, list[str], str]] = [
        ("of an evening, days later", PASSKEYS, under(), made(), planner, ""),
        ("by a planner of an administrator's", PASSKEYS, under(), made(), deputy, ""),
        ("by the root", PASSKEYS, under(), ROOT.sign(_PLAN), [], ""),
        ("by the root, long ago", PASSKEYS, under(), ROOT.sign(replace(_PLAN, iat=NOW - 90 * _DAY)), [], ""),
        ("by a browser key", POLICY, under(), BROWSER.sign(_PLAN), browser, ""),
        ("by a browser key that is not allowed", PASSKEYS, under(), BROWSER.sign(_PLAN), browser,
         "browser_key_not_allowed"),
        ("by an operator", PASSKEYS, under(), made(), shift(PHONE, SESSION), "role_not_allowed"),
        ("for another unit", PASSKEYS, under(), made(unit="dag"), planner, "unit_not_allowed"),
        ("for another home", PASSKEYS, under(), made(hub=STRANGER.public.kid), planner, "wrong_hub"),
        ("by a stranger", PASSKEYS, under(), STRANGER.sign(_PLAN), planner, "unknown_signer"),
        ("without its chain", PASSKEYS, under(), made(), [], "unknown_signer"),
        ("of another root", PASSKEYS, under(), made(), shift(PHONE, SESSION, STRANGER, roles=(Role.PLANNER,)),
         "unknown_signer"),
        ("after the shift", PASSKEYS, under(), made(iat=NOW + 7200), planner, "delegation_expired"),
        ("dated before the shift", PASSKEYS, under(), made(iat=NOW - 4121), planner, "credential_expired"),
        ("of a month ago", PASSKEYS, under(), made(iat=LATER - 30 * _DAY - 1), planner, "expired"),
        ("from the future", PASSKEYS, under(), made(iat=LATER + 121), planner, "clock_skew"),
        ("by a planner who is revoked since", PASSKEYS, under(PHONE.kid), made(), planner, "revoked"),
        ("by a shift that is revoked since", PASSKEYS, under(SESSION.public.kid), made(), planner, "revoked"),
        ("by an administrator's who is revoked since", PASSKEYS, under(ADMIN_PHONE.kid), made(), deputy, "revoked"),
        ("others are revoked", PASSKEYS, under(digest("another")), made(), planner, ""),
        ("looks that are too long", PASSKEYS, under(), made(look_seconds=61), planner, "policy"),
        ("too many retries", PASSKEYS, under(), made(max_retries=3), planner, "policy"),
    ]  # fmt: skip
    return [
        {"name": name, **known(policy, listed), "token": token, "chain": chain, "hub": HUB.public.x, "now": LATER,
         "code": code}
        for name, policy, listed, token, chain, code in rows
    ]  # fmt: skip
