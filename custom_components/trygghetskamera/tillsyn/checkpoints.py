"""Whether the municipality's service has kept the home's receipts: its checkpoint of the night, under a key that the
root has certified, and the proof that a receipt is in the checkpoint's tree. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from . import merkle
from .chain import MAX_SKEW, Trust
from .entries import CheckpointsDiffer, ReceiptsKept
from .errors import Refusal, Refused
from .frames import Kept
from .identity import Parsed, PublicKey, parse
from .keeping import Keeping
from .schedule import local_moment, night_of
from .strict import b64u_decode, b64u_encode, bad
from .wire_service import Checkpoint, Included, ServiceKey

MAX_KEY_SECONDS: Final = 400 * 86_400
_DAY: Final = timedelta(days=1)


def last_night(now: int) -> date:
    """The date of the evening of the newest night that is over at ``now`` (s, UTC)."""
    return night_of(datetime.fromtimestamp(now, UTC))[0].date() - _DAY


def night_ends(night: date) -> int:
    """When (s, UTC) a night is over: at noon of the day after its evening."""
    return int(local_moment(night + _DAY, time(12)).timestamp())


def service_key(root: PublicKey, token: str, at: int) -> PublicKey:
    """The key with which the service stands for what it has kept, where its certificate holds at ``at``. Raises
    Refused.
    """
    said = parse(ServiceKey, token).verified(root)
    if said.iat > at + MAX_SKEW or at >= said.exp or said.exp - said.iat > MAX_KEY_SECONDS:
        raise Refused(Refusal.CREDENTIAL_EXPIRED)
    return PublicKey(said.key)


def check_checkpoint(root: PublicKey, trust: Trust | None, key: str, token: str, now: int) -> Parsed[Checkpoint]:
    """A tk-checkpoint by the key in the tk-service-key ``key``, of a night that was over when it was made.

    ``trust`` says whose keys are revoked, and the certificate must hold now: whoever has found an old key cannot write
    an old date. None, for whoever looks at it long afterwards: it must have held when it was made. Raises Refused.
    """
    parsed = parse(Checkpoint, token)
    made = parsed.statement
    at = now if trust is not None else max(made.iat, parse(ServiceKey, key).statement.iat)
    signer = service_key(root, key, at)
    if trust is not None:
        trust.check_keys(signer.kid)
    parsed.verified(signer)
    if made.iat > now + MAX_SKEW:
        raise Refused(Refusal.CLOCK_SKEW)
    if made.iat < night_ends(made.night) - MAX_SKEW:
        raise bad("night that is not over")
    return parsed


def check_included(made: Checkpoint, one: Included) -> None:
    """That this receipt is in the checkpoint's tree. Raises Refused(BAD_MESSAGE)."""
    path = [b64u_decode(part) for part in one.path]
    try:
        merkle.check(b64u_decode(made.root), made.size, one.index, b64u_decode(one.receipt), path)
    except merkle.NotIncluded as err:
        raise bad("proof") from err


def judge(
    root: PublicKey, trust: Trust, keeping: Keeping, said: Kept, now: int
) -> ReceiptsKept | CheckpointsDiffer | None:
    """What a home writes down of what the service shows; None where it says nothing new of this home's receipts.

    All of it must hold. Where it is another checkpoint than the first of its night both are kept, once, and nothing of
    the second is believed. Raises Refused.
    """
    made = check_checkpoint(root, trust, said.key, said.checkpoint, now)
    before = keeping.stated.get(made.statement.night)
    if before is not None and before.hash != made.hash:
        if made.statement.night in keeping.differing:
            raise bad("another checkpoint for the night")
        return CheckpointsDiffer(before.key, before.token, said.key, said.checkpoint)
    for one in said.receipts:
        check_included(made.statement, one)
    unkept = {one.receipt for one in keeping.unkept}
    new = tuple(one for one in said.receipts if one.receipt in unkept)
    return ReceiptsKept(said.key, said.checkpoint, new) if new else None


@dataclass(frozen=True, slots=True)
class Night:
    """What a service says of a night: the tree's root, and for each receipt, in the tree's order, that it is in it."""

    root: str
    receipts: tuple[Included, ...]


def night_over(receipts: Sequence[str]) -> Night:
    """The tree over these receipts' hashes, in their order."""
    root, paths = merkle.tree([b64u_decode(one) for one in receipts])
    return Night(
        b64u_encode(root),
        tuple(
            Included(receipt, index, tuple(map(b64u_encode, path)))
            for index, (receipt, path) in enumerate(zip(receipts, paths, strict=True))
        ),
    )
