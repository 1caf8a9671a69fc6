"""What others have answered to a home's receipts: operators, who acknowledge them, and the municipality's service,
which shows in its checkpoints that it has kept them. No network is used.

Each answer is held against the root and the receipt it is about. Whether a key has been revoked since is in no log.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tillsyn.chain import signer_then
from tillsyn.checkpoints import check_checkpoint, check_included
from tillsyn.entries import ReceiptAcknowledged, ReceiptsKept
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import PublicKey, parse
from tillsyn.receipts import is_acknowledged
from tillsyn.strict import Shape, many
from tillsyn.wire import ReceiptAck, included

_CHECKPOINT = Shape({**ReceiptsKept.SHAPE.fields, "receipts": many(included, 0, 16)})
"""Without a receipt it is one of two that differ."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How many receipts have been acknowledged, and kept; by ``checkpoints``: the tk-checkpoint of each night, oldest
    first; more than one for a night where the service has said different things.

    ``unfounded``: how many acknowledgements do not hold. They count for nothing, and the rest holds all the same: who
    looks must not be able to take the whole log's word away.
    """

    acknowledged: int = 0
    unfounded: int = 0
    kept: int = 0
    checkpoints: dict[date, list[str]] = field(default_factory=dict)

    @property
    def differing(self) -> list[str]:
        """The nights of which the service has said different things."""
        return [night.isoformat() for night, said in self.checkpoints.items() if len(said) > 1]


def answers(root: PublicKey, receipts: dict[str, str], acks: Sequence[Any], told: Sequence[Any], now: int) -> Answers:
    """``receipts``: by hash. ``acks`` and ``told`` as in the file, not checked yet. ``now``: when it was taken out
    (s, UTC). Raises Refused.
    """
    acknowledged, kept = set[str](), set[str]()
    unfounded = 0
    checkpoints: dict[date, list[str]] = {}
    for one in acks:
        shown: dict[str, Any] = ReceiptAcknowledged.SHAPE.read(one)
        try:
            acknowledged.add(_acknowledged(root, receipts, **shown))
        except Refused:
            unfounded += 1
    for one in told:
        found: dict[str, Any] = _CHECKPOINT.read(one)
        made = check_checkpoint(root, None, found["key"], found["checkpoint"], now)
        for proof in found["receipts"]:
            check_included(made.statement, proof)
            kept.add(proof.receipt)
        said = checkpoints.setdefault(made.statement.night, [])
        if made.token not in said:
            said.append(made.token)
    in_order = {night: checkpoints[night] for night in sorted(checkpoints)}
    return Answers(len(acknowledged & receipts.keys()), unfounded, len(kept & receipts.keys()), in_order)


def _acknowledged(root: PublicKey, receipts: dict[str, str], token: Any, chain: Any) -> str:
    """The hash of the receipt that whoever looked says to have seen."""
    parsed = parse(ReceiptAck, token)
    ack = parsed.statement
    who = signer_then(root, chain, ack.iat)
    parsed.verified(who.key)
    receipt = receipts.get(ack.receipt)
    if receipt is not None and not is_acknowledged(receipt, ack, who.operator.kid):
        raise Refused(Refusal.UNKNOWN_SIGNER, "not by whoever looked")
    return ack.receipt
