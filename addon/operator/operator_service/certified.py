"""Whether a tk-credential is one that may be given: by the root, or by an administrator to somebody of their units.

Homes check it again, each time, in chain.py; here somebody who made a mistake is told at once.
"""

from collections.abc import Sequence

from tillsyn.chain import MAX_CREDENTIAL_SECONDS, MAX_SKEW, Trust, signer
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PublicKey, parse
from tillsyn.model import Role
from tillsyn.wire import Credential


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
