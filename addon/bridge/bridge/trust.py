"""Whom this hub believes: the pinned root, what the root has said since, and who signs for whom.

The bridge judges every signed message by its own policy and list of revoked keys before it asks the integration, which
judges them all again by its own and decides. Both are kept outside backups of the home (keep.py), so that a home which
is restored from one does not go back to an older list.
"""

from dataclasses import dataclass, replace

from tillsyn import chain, wire
from tillsyn.admission import MAX_LIFE
from tillsyn.chain import MAX_SKEW, check_policy, check_revocations, plan_signer, signer, signer_then
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import Signed
from tillsyn.identity import Parsed, PublicKey, parse, typ_of
from tillsyn.strict import bad
from tillsyn.wire import (
    Answer,
    Close,
    Look,
    PlanStatement,
    Policy,
    Prepare,
    ReceiptAck,
    Revocations,
    Statement,
    Turn,
)

_FROM_PEOPLE = {one.TYP: one for one in (PlanStatement, Prepare, Answer, Look, Close, Turn, ReceiptAck)}
_OF_THE_ROOT = {one.TYP: one for one in (Policy, Revocations)}


@dataclass(frozen=True, slots=True)
class Verified[S: Statement]:
    """A statement whose signature holds, its hash, the thumbprint of its key, and of all keys that this rests on."""

    statement: S
    hash: str
    kid: str
    kids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """The newest policy and list as they came, to be kept and told to an integration. ``root``: whose they are."""

    root: str
    policy: Signed | None = None
    revocations: Signed | None = None

    def told(self) -> tuple[Signed, ...]:
        """What there is, the policy first."""
        return tuple(one for one in (self.policy, self.revocations) if one is not None)


class Trust:
    """What is believed by one paired hub."""

    def __init__(self, root: PublicKey, hub: PublicKey, certificate: str = "", said: Said | None = None) -> None:
        """``certificate``: the hub's, checked when it was paired. ``said``: what was kept, if it is this root's."""
        self.root, self.hub = root, hub
        self._least = parse(wire.HubCertificate, certificate).statement.policy if certificate else 0
        self.said = said if said is not None and said.root == root.x else Said(root.x)
        known = chain.Trust()
        if self.said.policy is not None:
            known = replace(known, policy=parse(Policy, self.said.policy.token).statement)
        if self.said.revocations is not None:
            known = replace(known, revocations=parse(Revocations, self.said.revocations.token).statement)
        self.known = known

    def hear(self, frame: Signed, now: int) -> None:
        """Believe a newer policy or list from now on. Raises Refused."""
        if typ_of(frame.token) == Policy.TYP:
            policy = check_policy(self.root, self.known, self._least, frame.token, now)
            self.known = replace(self.known, policy=policy)
            self.said = replace(self.said, policy=replace(frame, chain=()))
        else:
            listed = check_revocations(self.root, self.known, frame.token, frame.chain, now)
            self.known = replace(self.known, revocations=listed)
            self.said = replace(self.said, revocations=frame)

    def read[S: Statement](self, kind: type[S], frame: Signed, now: int, in_force: int = 0) -> Verified[S]:
        """The statement in ``frame`` at ``now`` (s, UTC), once chain and signature hold. Raises Refused.

        One with the number of the plan that is ``in_force`` is judged by its own time alone: the integration knows
        whether it is that very plan, and then answers once more.
        """
        parsed = parse(kind, frame.token)
        if getattr(parsed.statement, "look", "") != frame.look:
            raise bad("look of the envelope")
        key, kids = self._key(parsed, frame, now, in_force)
        return Verified(parsed.verified(key), parsed.hash, parsed.kid, kids)

    def _key[S: Statement](
        self, parsed: Parsed[S], frame: Signed, now: int, in_force: int
    ) -> tuple[PublicKey, frozenset[str]]:
        made = parsed.statement
        if isinstance(made, PlanStatement):
            if not frame.chain:
                return self.root, frozenset()
            if made.number == in_force:
                who = signer_then(self.root, frame.chain, made.iat)
            else:
                who = plan_signer(self.root, self.known, frame.chain, made, now)
        else:
            who = signer(self.root, self.known, frame.chain, now)
        return who.key, who.kids

    def addressed(self, request: Prepare | Look, now: int) -> None:
        """Raises Refused unless a prepare or look is for this hub and fresh, and it is known who is revoked."""
        if request.hub != self.hub.kid:
            raise Refused(Refusal.WRONG_HUB)
        if not 0 <= request.exp - request.iat <= MAX_LIFE:
            raise Refused(Refusal.EXPIRED, "life")
        if abs(request.iat - now) > MAX_SKEW:
            raise Refused(Refusal.CLOCK_SKEW if request.iat > now else Refusal.EXPIRED)
        self.known.check_fresh(now)
        self.known.check_keys(self.hub.kid)


def is_of_the_root(frame: Signed) -> bool:
    """Whether it is a policy or a list, which is about no look. Raises Refused."""
    return frame.look == "" and typ_of(frame.token) in _OF_THE_ROOT


def kind_of(token: str) -> type[Statement]:
    """Which statement a token from the service claims to be. Raises Refused for a kind that people do not send."""
    kind = _FROM_PEOPLE.get(typ_of(token))
    if kind is None:
        raise bad("kind of statement")
    return kind
