"""Which of the home's receipts others are known to have: operators, who acknowledge them, and the municipality's
service, whose checkpoints cover them. Pure.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from types import MappingProxyType
from typing import Final

from . import entries as e
from .identity import digest, parse
from .schedule import local_moment
from .wire import Checkpoint, ReceiptAck

PATIENCE_MS: Final = 36 * 3_600_000
"""How long a service may take that can be reached: until the next noon, and half a day for whatever it has to mend."""


@dataclass(frozen=True, slots=True)
class Unkept:
    """A receipt that no checkpoint covers yet, by its hash. ``at_ms``: when it was signed (milliseconds UTC)."""

    receipt: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Stated:
    """A checkpoint as it came: the tk-service-key and the tk-checkpoint."""

    key: str
    token: str

    @property
    def hash(self) -> str:
        """The checkpoint's."""
        return digest(self.token)


@dataclass(frozen=True, slots=True)
class Began:
    """The first that the service has shown. ``from_ms``: when the night of it began, and from when on receipts are
    expected; ``shown_ms``: when it was shown. Both in milliseconds UTC.
    """

    from_ms: int
    shown_ms: int


def _none_stated() -> Mapping[date, Stated]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Keeping:
    """``unkept``: oldest first. ``stated``: by night. ``differing``: nights of which the service has said two different
    things. ``acknowledged``: hashes of receipts. ``began``: since when the service has shown that it keeps any, and so
    must go on; None where it never has.
    """

    unkept: tuple[Unkept, ...] = ()
    stated: Mapping[date, Stated] = field(default_factory=_none_stated)
    differing: frozenset[date] = frozenset()
    acknowledged: frozenset[str] = frozenset()
    began: Began | None = None

    def signed(self, receipt: str, at_ms: int) -> Keeping:
        """There is one receipt more."""
        return replace(self, unkept=(*self.unkept, Unkept(receipt, at_ms)))

    def told(self, entry: e.ReceiptAcknowledged | e.ReceiptsKept | e.CheckpointsDiffer, at_ms: int) -> Keeping:
        """What an entry of the journal says, written then. Raises Refused where a token in it is none."""
        match entry:
            case e.ReceiptAcknowledged(token):
                return replace(self, acknowledged=self.acknowledged | {parse(ReceiptAck, token).statement.receipt})
            case e.ReceiptsKept(key, token, receipts):
                names = {one.receipt for one in receipts}
                night = parse(Checkpoint, token).statement.night
                stated = {night: Stated(key, token), **self.stated}
                unkept = tuple(one for one in self.unkept if one.receipt not in names)
                return replace(
                    self, unkept=unkept, stated=MappingProxyType(stated), began=self.began or _began(night, at_ms)
                )
            case _:
                return replace(self, differing=self.differing | {parse(Checkpoint, entry.first).statement.night})

    def overdue(self, looks_ms: Sequence[int], reachable_since: Mapping[str, int], now_ms: int) -> int:
        """How many receipts the service should have shown to keep by now: it could be reached since, long ago.

        That is known from the next look, for nobody looks past the service (``looks_ms``: when looks began, in order),
        or because the link was seen to be up (``reachable_since``: when first, by receipt). Nothing is expected of
        before the service began: it may never have been sent what was signed then.
        """
        if self.began is None:
            return 0
        shown_ms, expected = self.began.shown_ms, [one for one in self.unkept if one.at_ms >= self.began.from_ms]
        waited = (now_ms - max(shown_ms, _reachable_ms(one, looks_ms, reachable_since, now_ms)) for one in expected)
        return sum(one > PATIENCE_MS for one in waited)


def _began(night: date, at_ms: int) -> Began:
    return Began(max(0, round(local_moment(night, time(12)).timestamp() * 1000)), at_ms)


def _reachable_ms(one: Unkept, looks_ms: Sequence[int], reachable_since: Mapping[str, int], now_ms: int) -> int:
    """When the service could first be reached after this receipt was signed; ``now_ms`` where that is not known."""
    after = bisect_left(looks_ms, one.at_ms)
    return min(reachable_since.get(one.receipt, now_ms), looks_ms[after] if after < len(looks_ms) else now_ms)
