"""The chain from the municipality's root to the person who signs: root > administrator > person > session key.

``now`` is seconds since 1970 UTC by the clock of whoever asks. A key that is revoked takes with it all that it signed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from .errors import Refusal, Refused
from .identity import Parsed, PublicKey, parse
from .model import Operator, Role
from .passkey import Assertion, check_assertion, thumbprint
from .strict import b64u_decode, bad
from .wire import PlanStatement
from .wire_people import (
    MAX_DELEGATION_SECONDS,
    NUMBERS_BEGIN,
    STRICTEST,
    Credential,
    Delegation,
    HubCertificate,
    Passkey,
    Policy,
    Revocations,
)

MAX_SKEW: Final = 120
"""Seconds that a signer's clock may differ from ours."""
MAX_CREDENTIAL_SECONDS: Final = 90 * 86400
LIST_SECONDS: Final = 86_400
"""A list of revoked keys that is older than this says too little for anybody to look."""
PLAN_SECONDS: Final = 30 * 86_400
"""How long a planner's plan may be on its way. A home that was away for a month should have what is right today."""
_DELEGATION_LIMIT: Final = 4096
_LONGEST: Final = 4


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of the root's will: its policy, and the newest list of revoked keys.

    ``seen``: the newest time (s) that is on record here; a clock that says less is wrong.
    """

    policy: Policy = STRICTEST
    revocations: Revocations | None = None
    seen: int = 0

    @property
    def floor(self) -> int:
        """The earliest time (s) that a right clock may show."""
        listed = 0 if self.revocations is None else self.revocations.iat
        return max(self.seen, self.policy.iat, listed) - MAX_SKEW

    @property
    def revoked(self) -> frozenset[str]:
        """The keys that no longer count, as far as is known."""
        return frozenset() if self.revocations is None else frozenset(self.revocations.revoked)

    def check_clock(self, now: int) -> None:
        """Raises Refused(CLOCK_SKEW) where ``now`` is before what has already been."""
        if now < self.floor:
            raise Refused(Refusal.CLOCK_SKEW, "before what is on record")

    def is_fresh(self, now: int) -> bool:
        """Whether the list is new enough for anybody to look."""
        known = self.revocations
        return known is not None and now - LIST_SECONDS <= known.iat <= now + MAX_SKEW

    def check_fresh(self, now: int) -> None:
        """Raises Refused(REVOCATIONS_STALE) without a list that is new enough, CLOCK_SKEW where the clock is wrong."""
        self.check_clock(now)
        if not self.is_fresh(now):
            raise Refused(Refusal.REVOCATIONS_STALE)

    def check_keys(self, *kids: str) -> None:
        """Raises Refused(REVOKED) where one of these keys no longer counts."""
        if not self.revoked.isdisjoint(kids):
            raise Refused(Refusal.REVOKED)


@dataclass(frozen=True, slots=True)
class Signer:
    """A person whom the root vouches for, and the key that now signs for them.

    ``operator``: named by the passkey, or by the browser's key. ``kids``: every key that this rests on.
    """

    operator: Operator
    key: PublicKey
    roles: tuple[Role, ...]
    units: tuple[str, ...]
    kids: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class ParsedDelegation:
    """A tk-delegation of the right shape. Not yet to be believed: see ``verified``."""

    statement: Delegation
    _signed: bytes
    _assertion: Assertion

    def verified(self, passkey: Passkey) -> Delegation:
        """The statement, once the passkey's assertion holds. Raises Refused."""
        check_assertion(passkey, self._signed, self._assertion)
        return self.statement


def parse_delegation(token: str) -> ParsedDelegation:
    """Read 'tk-delegation.' and four parts in base64url: statement, authenticator data, client data and signature.

    Raises Refused(BAD_MESSAGE).
    """
    if len(token) > _DELEGATION_LIMIT or token.count(".") != 4:
        raise bad("delegation")
    typ, *parts = token.split(".")
    if typ != Delegation.TYP:
        raise bad("typ")
    signed, authenticator, client, signature = map(b64u_decode, parts)
    return ParsedDelegation(Delegation.parse(signed), signed, Assertion(authenticator, client, signature))


@dataclass(frozen=True, slots=True)
class _Link:
    """One person in the chain: the credential, and where it names a passkey, that and its delegation."""

    credential: Parsed[Credential]
    session: tuple[Passkey, ParsedDelegation] | None


def _links(chain: Sequence[str]) -> Iterator[_Link]:
    """Read the chain, oldest first. Raises Refused(BAD_MESSAGE)."""
    tokens = iter(chain)
    for token in tokens:
        credential = parse(Credential, token)
        named = credential.statement.passkey
        yield _Link(credential, None if named is None else (named, parse_delegation(next(tokens, ""))))


def _check_time(credential: Credential, at: int) -> None:
    if credential.iat > at + MAX_SKEW or at >= credential.exp:
        raise Refused(Refusal.CREDENTIAL_EXPIRED)
    if credential.exp - credential.iat > MAX_CREDENTIAL_SECONDS:
        raise Refused(Refusal.CREDENTIAL_EXPIRED, "validity too long")


def _session_key(passkey: Passkey, parsed: ParsedDelegation, credential: str, policy: Policy, at: int) -> PublicKey:
    """The key that this passkey has certified for its shift. ``credential``: hash of the one that names the passkey."""
    delegation = parsed.verified(passkey)
    if delegation.credential != credential:
        raise Refused(Refusal.UNKNOWN_SIGNER, "delegation of another credential")
    longest = min(policy.delegation_seconds, MAX_DELEGATION_SECONDS)
    if delegation.iat > at + MAX_SKEW or at >= delegation.exp or delegation.exp - delegation.iat > longest:
        raise Refused(Refusal.DELEGATION_EXPIRED)
    return PublicKey(delegation.key)


def _vouched(link: _Link, issuer: PublicKey, trust: Trust, at: int, *, any_key: bool) -> Signer:
    """The person whom ``issuer`` has certified, at that moment. ``any_key``: also a browser key that policy forbids."""
    credential = link.credential.verified(issuer)
    _check_time(credential, at)
    if link.session is not None:
        passkey, delegation = link.session
        key = _session_key(passkey, delegation, link.credential.hash, trust.policy, at)
        kid = thumbprint(passkey)
    elif trust.policy.browser_keys or any_key:
        key = PublicKey(credential.key)
        kid = key.kid
    else:
        raise Refused(Refusal.BROWSER_KEY_NOT_ALLOWED)
    trust.check_keys(kid, key.kid)
    return Signer(Operator(kid, credential.name), key, credential.roles, credential.units, frozenset((kid, key.kid)))


def last_credential(chain: Sequence[str]) -> Credential | None:
    """Of whoever signed with this chain, None for the root. Believed only where the chain has been checked. Raises
    Refused(BAD_MESSAGE).
    """
    credentials = [one for one in chain if not one.startswith(f"{Delegation.TYP}.")]
    return parse(Credential, credentials[-1]).statement if credentials else None


def signer(root: PublicKey, trust: Trust, chain: Sequence[str], now: int) -> Signer:
    """The person at the end of ``chain``, and the key that signs for them now. Raises Refused.

    ``chain``, oldest first: [administrator's credential, [delegation]], person's credential, [delegation]; a delegation
    follows each credential that names a passkey. Whether the list of revoked keys is new enough is for the caller.
    """
    trust.check_clock(now)
    return _signer(root, trust, chain, now, any_key=False)


def plan_signer(root: PublicKey, trust: Trust, chain: Sequence[str], plan: PlanStatement, now: int) -> Signer:
    """The person who signed this plan, as ``signer``; it may come days later. Raises Refused.

    Their shift and credential must have held when it was made. Policy and revoked keys are what is known now: what
    was signed with a key that no longer counts is not even shown. Its number is at most the seconds from NUMBERS_BEGIN
    to ``iat``: numbers only grow, and nobody but the root can use them up for those who come after.
    """
    trust.check_clock(now)
    if plan.iat > now + MAX_SKEW:
        raise Refused(Refusal.CLOCK_SKEW)
    if plan.iat < now - PLAN_SECONDS:
        raise Refused(Refusal.EXPIRED, "plan")
    if plan.number > plan.iat - NUMBERS_BEGIN:
        raise bad("number ahead of its time")
    return _signer(root, trust, chain, plan.iat, any_key=False)


def signer_then(root: PublicKey, chain: Sequence[str], at: int) -> Signer:
    """The person who signed at ``at``, for whoever looks at it long afterwards: by role and time as it was then. Policy
    and list of revoked keys of then are known to nobody any more. Opens nothing. Raises Refused.
    """
    return _signer(root, Trust(), chain, at, any_key=True)


def _signer(root: PublicKey, trust: Trust, chain: Sequence[str], at: int, *, any_key: bool) -> Signer:
    links = list(_links(chain)) if len(chain) <= _LONGEST else []
    if len(links) not in (1, 2):
        raise Refused(Refusal.UNKNOWN_SIGNER, "chain length")
    if len(links) == 1:
        return _vouched(links[0], root, trust, at, any_key=any_key)
    above, link = links
    # An administrator whose shift or credential has ended since has still certified whom they certified.
    admin = _vouched(above, root, trust, link.credential.statement.iat, any_key=any_key)
    person = _vouched(link, admin.key, trust, at, any_key=any_key)
    if Role.ADMIN not in admin.roles or Role.ADMIN in person.roles:
        raise Refused(Refusal.ROLE_NOT_ALLOWED)
    if not set(person.units) <= set(admin.units):
        raise Refused(Refusal.UNIT_NOT_ALLOWED)
    return replace(person, kids=person.kids | admin.kids)


# ---- what the root says ---------------------------------------------------------------------------------------------


def check_policy(root: PublicKey, trust: Trust, least: int, token: str, now: int) -> Policy:
    """A tk-policy by the root, newer than the one that is known and not below number ``least``. Raises Refused."""
    policy = parse(Policy, token).verified(root)
    if policy.iat > now + MAX_SKEW:
        raise Refused(Refusal.CLOCK_SKEW)
    if policy.number <= trust.policy.number:
        raise Refused(Refusal.REPLAYED)
    if policy.number < least:
        raise Refused(Refusal.POLICY)
    return policy


def check_revocations(root: PublicKey, trust: Trust, token: str, chain: Sequence[str], now: int) -> Revocations:
    """A tk-revocations newer than the one that is known, by the root (empty chain) or an administrator. Raises Refused.

    The administrator must have been one when the list was made, and not be in the list that is known. A key of theirs
    that is kept in a file or a browser may sign lists whatever the policy says of such keys: it must be done day and
    night, and nobody comes to be believed by it.
    """
    parsed = parse(Revocations, token)
    made = parsed.statement
    if made.iat > now + MAX_SKEW:
        raise Refused(Refusal.CLOCK_SKEW)
    key = root
    if chain:
        who = _signer(root, trust, chain, made.iat, any_key=True)
        if Role.ADMIN not in who.roles:
            raise Refused(Refusal.ROLE_NOT_ALLOWED)
        key = who.key
    parsed.verified(key)
    if trust.revocations is not None and made.number <= trust.revocations.number:
        raise Refused(Refusal.REPLAYED)
    return made


def hub_certificate(
    root: PublicKey, trust: Trust | None, token: str, chain: Sequence[str], hub_key: PublicKey, now: int
) -> HubCertificate:
    """The certificate for this very hub key, by the root (empty chain) or an installer or planner. Raises Refused.

    It outlives the shift of whoever made it, who must have been allowed to when it was made. ``trust``: None at home,
    where no camera opens by this but by the root that the pairing code pinned, and where all must go on when the
    installer has left; who looks for the right hub asks policy and revoked keys too.
    """
    parsed = parse(HubCertificate, token)
    made = parsed.statement
    key = root
    if chain:
        who = _signer(root, trust or Trust(), chain, made.iat, any_key=trust is None)
        if not {Role.INSTALLER, Role.PLANNER} & set(who.roles):
            raise Refused(Refusal.ROLE_NOT_ALLOWED)
        key = who.key
    certificate = parsed.verified(key)
    if certificate.key != hub_key.x:
        raise Refused(Refusal.WRONG_HUB)
    if now >= certificate.exp:
        raise Refused(Refusal.CREDENTIAL_EXPIRED)
    return certificate
