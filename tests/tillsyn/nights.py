"""A service that keeps receipts: its key, and what it says of a night."""

from datetime import date
from typing import Any

from tests.tillsyn.made import NOW, ROOT
from tillsyn.checkpoints import Night, night_ends, night_over
from tillsyn.entries import CheckpointsDiffer, ReceiptSigned, ReceiptsKept
from tillsyn.identity import SigningKey, digest
from tillsyn.wire import Checkpoint, ServiceKey

KEEPER = SigningKey.from_seed(bytes([9]) * 32)
TONIGHT = date(2026, 11, 22)
"""The night of OCCURRENCE."""
NIGHT_ENDS = night_ends(TONIGHT)


def key_token(by: SigningKey = ROOT, key: SigningKey = KEEPER, **changes: Any) -> str:
    """The tk-service-key."""
    values = {"iat": NOW - 86_400, "exp": NOW + 300 * 86_400} | changes
    return by.sign(ServiceKey(key.public.x, **values))


def checkpoint(tree: Night, by: SigningKey = KEEPER, **changes: Any) -> str:
    """The tk-checkpoint over a tree."""
    values: dict[str, Any] = {
        "night": TONIGHT, "size": len(tree.receipts), "root": tree.root, "iat": NIGHT_ENDS + 30,
    }  # fmt: skip
    return by.sign(Checkpoint(**(values | changes)))


def kept(*receipts: ReceiptSigned, others: int = 5, **changes: Any) -> ReceiptsKept:
    """What a home writes when the service has kept these receipts, after some of other homes."""
    ours = [digest(one.token) for one in receipts]
    around = [digest(f"of another home {number}") for number in range(others)]
    night = night_over([*around, *ours])
    return ReceiptsKept(
        key_token(), checkpoint(night, **changes), tuple(one for one in night.receipts if one.receipt in ours)
    )


def differing(first: ReceiptsKept, second: ReceiptsKept) -> CheckpointsDiffer:
    """Both of one night."""
    return CheckpointsDiffer(first.key, first.checkpoint, second.key, second.checkpoint)
