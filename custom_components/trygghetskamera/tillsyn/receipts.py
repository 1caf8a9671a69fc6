"""The chain of receipts: each names the hash of the one before, so one that is removed, changed or moved shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .entries import LookEnded, LookStarted
from .errors import CloseReason, Refusal, Refused
from .identity import PublicKey, digest, parse
from .model import Instant
from .wire import Receipt, ReceiptAck

FIRST: Final = "A" * 43
"""What the first receipt names as the one before."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: sequence of the last receipt (0 when none) and its hash."""

    sequence: int = 0
    hash: str = FIRST


def milliseconds(moment: Instant) -> int:
    """Wall clock in milliseconds since 1970 UTC."""
    return int(moment.wall.timestamp() * 1000)


def ended(look: str, opened: Instant | None, closed: Instant, why: CloseReason) -> LookEnded:
    """The end of a look; ``opened`` None means that the camera never reached its view.

    The length is measured on the monotonic clock and counted back from the close, so a clock jump cannot stretch it.
    """
    closed_ms = milliseconds(closed)
    lasted_ms = 0 if opened is None else max(0, round((closed.mono - opened.mono) * 1000))
    return LookEnded(look, closed_ms - lasted_ms, closed_ms, why)


def next_receipt(head: Head, hub: str, started: LookStarted, end: LookEnded) -> Receipt:
    """The receipt of a look that has ended, as the journal tells of it."""
    return Receipt(
        hub=hub,
        sequence=head.sequence + 1,
        previous=head.hash,
        look=started.look,
        occurrence=started.occurrence,
        operator=started.operator,
        name=started.name,
        opened_ms=end.opened_ms,
        closed_ms=end.closed_ms,
        reason=end.reason,
    )


def verify(head: Head, hub: PublicKey, tokens: Sequence[str]) -> tuple[Head, tuple[Receipt, ...]]:
    """Check that ``tokens`` continue the chain from ``head`` without a gap, signed by ``hub``. Raises Refused."""
    receipts = []
    for token in tokens:
        parsed = parse(Receipt, token)
        receipt = parsed.verified(hub)
        if receipt.hub != hub.kid:
            raise Refused(Refusal.WRONG_HUB)
        if (receipt.sequence, receipt.previous) != (head.sequence + 1, head.hash):
            raise Refused(Refusal.BAD_MESSAGE, "chain")
        if receipt.closed_ms < receipt.opened_ms:
            raise Refused(Refusal.BAD_MESSAGE, "closed before opened")
        head = Head(receipt.sequence, parsed.hash)
        receipts.append(receipt)
    return head, tuple(receipts)


def is_acknowledged(receipt: str, ack: ReceiptAck, operator: str) -> bool:
    """Whether ``ack``, by the operator with this thumbprint, is of this tk-receipt, and that of their own look."""
    about = parse(Receipt, receipt).statement
    return (ack.receipt, ack.look, operator) == (digest(receipt), about.look, about.operator)
