"""With which municipality a home is paired, through which hub: what must hold, and what ends when it is paired anew.

Pure. There is one pairing at a time; what was agreed with one municipality is never agreed with another.
"""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from .chain import hub_certificate
from .entries import Paired
from .errors import Refusal, Refused
from .identity import PairingCode, PublicKey
from .keeping import Keeping
from .receipts import Head
from .wire import HubCertificate

if TYPE_CHECKING:
    from .record import Record


def check_pairing(
    code: PairingCode, root: PublicKey, certificate: str, chain: Sequence[str], hub: PublicKey, now: int
) -> HubCertificate:
    """The hub's certificate, if it is of the municipality in the code and not below its policy. Raises Refused.

    ``now``: seconds since 1970 UTC. The bridge asks this, and the home once more.
    """
    if root.kid != code.root:
        raise Refused(Refusal.UNKNOWN_SIGNER, "another root")
    found = hub_certificate(root, None, certificate, chain, hub, now)
    if found.policy < code.policy:
        raise Refused(Refusal.POLICY, "below the code's")
    return found


def after_pairing(record: Record, entry: Paired) -> Record:
    """The record after a pairing.

    The first that is written only says what was so already: a home is set up by it. The same hub and root: nothing is
    lost. Another hub: a plan names its hub, and so does each receipt, which the old hub can sign no more. Another root:
    what the old municipality said, and what was agreed and wished with it, ends; who looked stays in the log.
    """
    before, after = record.paired, replace(record, paired=entry)
    if before is None or not begins_anew(before, entry):
        return after
    after = _without_plan(after)
    return after if before.root == entry.root else _without_municipality(after)


def begins_anew(before: Paired | None, entry: Paired) -> bool:
    """Whether a pairing after ``before`` (None: the first that is told of) begins another chain of receipts."""
    return before is not None and (before.root, before.hub) != (entry.root, entry.hub)


def _without_plan(record: Record) -> Record:
    return replace(
        record,
        proposed=None,
        accepted=None,
        highest_plan=0,
        lost_shown=0,
        lost_agreed=0,
        moved=MappingProxyType({}),
        receipts=(),
        head=Head(),
        earlier=len(record.past),
        # Nobody shows the new hub what has become of the old one's.
        keeping=replace(record.keeping, unkept=()),
    )


def _without_municipality(record: Record) -> Record:
    return replace(
        record,
        policy=None,
        revocations=None,
        keeping=Keeping(acknowledged=record.keeping.acknowledged),
        people=tuple(one.withdrawn() for one in record.people),
        old_consent=False,
        lost=(),
        skipped=frozenset(),
        visits=(),
        shares_sleep=False,
        untold=(),
    )
