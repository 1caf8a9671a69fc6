"""The bridge's own look at signed messages, to refuse early. The integration checks them all again and decides."""

from dataclasses import dataclass

from tillsyn.admission import MAX_LIFE
from tillsyn.chain import MAX_SKEW, as_before, signer
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import Signed
from tillsyn.identity import Parsed, PublicKey, parse
from tillsyn.strict import Shape, b64u_decode, bad, load, matching
from tillsyn.wire import HASH, Answer, Close, Look, PlanStatement, Prepare, ReceiptAck, Statement, Turn

_HEADER = Shape({"alg": matching("Ed25519"), "kid": HASH, "typ": matching(r"tk-[a-z-]{1,24}")})
_FROM_PEOPLE = {one.TYP: one for one in (PlanStatement, Prepare, Answer, Look, Close, Turn, ReceiptAck)}


@dataclass(frozen=True, slots=True)
class Verified[S: Statement]:
    """A statement whose signature holds, its hash, and the thumbprint of the key that made it."""

    statement: S
    hash: str
    kid: str


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom this hub believes: the pinned root; and who it is itself."""

    root: PublicKey
    hub: PublicKey

    def read[S: Statement](self, kind: type[S], frame: Signed, now: int) -> Verified[S]:
        """The statement in ``frame`` at ``now`` (s, UTC), once chain and signature hold. Raises Refused."""
        parsed = parse(kind, frame.token)
        if getattr(parsed.statement, "look", "") != frame.look:
            raise bad("look of the envelope")
        return Verified(parsed.verified(self._key(parsed, frame, now)), parsed.hash, parsed.kid)

    def _key[S: Statement](self, parsed: Parsed[S], frame: Signed, now: int) -> PublicKey:
        if isinstance(parsed.statement, PlanStatement) and not frame.chain:
            return self.root
        return signer(self.root, as_before(now), frame.chain, now).key

    def addressed(self, request: Prepare | Look, now: int) -> None:
        """Raises Refused unless a prepare or look is for this hub and fresh."""
        if request.hub != self.hub.kid:
            raise Refused(Refusal.WRONG_HUB)
        if not 0 <= request.exp - request.iat <= MAX_LIFE:
            raise Refused(Refusal.EXPIRED, "life")
        if abs(request.iat - now) > MAX_SKEW:
            raise Refused(Refusal.CLOCK_SKEW if request.iat > now else Refusal.EXPIRED)


def kind_of(token: str) -> type[Statement]:
    """Which statement a token from the service claims to be. Raises Refused for a kind that people do not send."""
    header = _HEADER.read(load(b64u_decode(token.split(".", 1)[0]), 160))
    kind = _FROM_PEOPLE.get(str(header["typ"]))
    if kind is None:
        raise bad("kind of statement")
    return kind
