"""Whether a tk-credential or tk-hubcert is one that may be given: by the root, or by somebody whom it has allowed to.

Homes and consoles check it again, each time, in chain.py; here somebody who made a mistake is told at once.
"""

from collections.abc import Sequence
from typing import Final

from tillsyn.chain import MAX_CREDENTIAL_SECONDS, MAX_SKEW, Trust, hub_certificate, signer
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PublicKey, parse
from tillsyn.model import Role
from tillsyn.wire import Credential, HubCertificate

HUB_SECONDS: Final = 5 * 365 * 86400
"""The longest that an installer certifies a hub; what `tillsyn-root pair` gives, too."""


def check_credential(root: PublicKey, trust: Trust, token: str, chain: Sequence[str], now: int) -> Credential:
    """The credential, signed by the root (empty chain) or the administrator at the end of ``chain``. Raises Refused."""
    parsed = parse(Credential, token)
    said = parsed.statement
    if not chain:
        parsed.verified(root)
    else:
        admin = signer(root, trust, chain, said.iat)
        parsed.verified(admin.key)
        if Role.ADMIN not in admin.roles or Role.ADMIN in said.roles:
            raise Refused(Refusal.ROLE_NOT_ALLOWED)
        if not set(said.units) <= set(admin.units):
            raise Refused(Refusal.UNIT_NOT_ALLOWED)
    if said.iat > now + MAX_SKEW or now >= said.exp or said.exp - said.iat > MAX_CREDENTIAL_SECONDS:
        raise Refused(Refusal.CREDENTIAL_EXPIRED)
    if not said.key or trust.policy.browser_keys:
        return said
    raise Refused(Refusal.BROWSER_KEY_NOT_ALLOWED)


def check_hub_certificate(
    root: PublicKey, trust: Trust, token: str, chain: Sequence[str], key: PublicKey, now: int
) -> HubCertificate:
    """A new certificate for this hub's key, made now: by the root (empty chain), or by an installer or planner. Raises
    Refused. Whether the person's chain holds now, too, and whose it is, is for the caller.
    """
    made = hub_certificate(root, trust, token, chain, key, now)
    trust.check_keys(key.kid)
    if chain:
        trust.check_fresh(now)
        if abs(made.iat - now) > MAX_SKEW:
            raise Refused(Refusal.CLOCK_SKEW)
        if made.exp - made.iat > HUB_SECONDS:
            raise Refused(Refusal.CREDENTIAL_EXPIRED, "validity too long")
        if (made.policy or 0) > trust.policy.number:  # the hub would refuse every policy that there is
            raise Refused(Refusal.POLICY)
    return made


def judge_hub(
    root: PublicKey, trust: Trust, certificate: str, chain: Sequence[str], key: PublicKey, now: int
) -> HubCertificate:
    """The certificate by which a hub is known. Raises Refused, REVOKED where its own key is in the list too."""
    trust.check_keys(key.kid)
    return hub_certificate(root, trust, certificate, chain, key, now)
