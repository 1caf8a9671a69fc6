"""What the municipality's root has said: its policy, and the list of revoked keys. Verified, kept, never gone back on.

What is heard counts at once. The policy, and each list with other keys than the one before, are written to the journal
as soon as that can be done; a list that only says again what is known is remembered until the next restart, when the
bridge tells it again.
"""

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .issues import Issue, clear_issue, raise_issue
from .journal_store import JournalError
from .tillsyn import entries as e
from .tillsyn import frames
from .tillsyn import gate_values as g
from .tillsyn.admission import Grant
from .tillsyn.chain import Trust, check_policy, check_revocations
from .tillsyn.errors import CloseReason, Refusal, Refused
from .tillsyn.identity import parse
from .tillsyn.record import Record
from .tillsyn.wire import HubCertificate, Policy, Revocations

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)

STALE_SECONDS: Final = 600.0
"""How long nobody may have been able to look, for want of a list or a right clock, before that is worth an issue."""
AGAIN_SECONDS: Final = 10.0
"""How often what could not be written is tried again."""


class TrustSide:
    """What one home knows of the root's will."""

    def __init__(self, home: Home) -> None:
        """What was said before the start is in the journal, and told again by the bridge."""
        self._home = home
        self._policy: tuple[str, Policy] | None = None
        self._listed: Revocations | None = None
        self._journal_policy: tuple[str, bool] = ("", False)
        self._read: tuple[Record, Trust] | None = None
        self._good_at = time.monotonic()
        self._told: Issue | None = None
        self._is_writing = False
        self._write_at = 0.0

    @property
    def known(self) -> Trust:
        """The newest policy and list, and the newest time that is on record."""
        record = self._home.journal.record
        known = Trust() if record is None else self._recorded(record)
        if self._policy is not None and self._policy[1].number > known.policy.number:
            known = replace(known, policy=self._policy[1])
        if self._listed is not None and self._listed.number > _number(known.revocations):
            known = replace(known, revocations=self._listed)
        return known

    def _recorded(self, record: Record) -> Trust:
        """What the journal says; where it is another root's, only how late it was. Asked each second, seldom new."""
        if self._read is None or self._read[0] is not record:
            self._read = (record, self._reading(record))
        return self._read[1]

    def _reading(self, record: Record) -> Trust:
        if record.policy is None:
            return record.trust
        if record.policy != self._journal_policy[0]:
            self._journal_policy = (record.policy, self._is_ours(record.policy))
        return record.trust if self._journal_policy[1] else Trust(seen=record.trust.seen)

    def _is_ours(self, token: str) -> bool:
        try:
            parse(Policy, token).verified(self._home.config.pinned.root)
        except Refused:
            return False
        return True

    @property
    def _now(self) -> int:
        return int(self._home.now().wall.timestamp())

    # ---- what is said -----------------------------------------------------------------------------------------------

    def policy(self, frame: frames.Signed) -> None:
        """A tk-policy has come."""
        root, certificate = self._home.config.pinned.root, self._home.config.paired.certificate
        try:
            least = parse(HubCertificate, certificate).statement.policy
            policy = check_policy(root, self.known, least, frame.token, self._now)
        except Refused as err:
            _not_taken("policy", err)
            return
        self._policy = (frame.token, policy)
        self._heard()

    def revocations(self, frame: frames.Signed) -> None:
        """A tk-revocations has come: whoever is in it neither looks any more nor will."""
        try:
            listed = check_revocations(self._home.config.pinned.root, self.known, frame.token, frame.chain, self._now)
        except Refused as err:
            _not_taken("list of revoked keys", err)
            return
        self._listed = listed
        revoked = frozenset(listed.revoked)
        for gate in self._home.house.gates.values():
            grant = None if gate.running is None else gate.running.reason
            if isinstance(grant, Grant) and not revoked.isdisjoint({*grant.kids, self._home.config.pinned.hub.kid}):
                self._home.feed(g.SessionLost(grant.look, CloseReason.REVOKED))
        self._home.looks.let_go_revoked(revoked)
        self._heard()

    def _heard(self) -> None:
        self._write_at = 0.0
        self.tick()
        self._home.changed()

    # ---- what is written --------------------------------------------------------------------------------------------

    def _unwritten(self, record: Record) -> list[e.Entry]:
        found: list[e.Entry] = []
        if self._policy is not None and self._policy[1].number > self._recorded(record).policy.number:
            found.append(e.PolicyAdopted(self._policy[0]))
        listed, before = self._listed, record.revocations
        if listed is not None and (
            before is None or (listed.number > before.number and set(listed.revoked) != set(before.revoked))
        ):
            found.append(e.RevocationsAdopted(listed.number, listed.revoked, listed.iat))
        return found

    async def _write(self) -> None:
        try:
            while (record := self._home.journal.record) is not None and (entries := self._unwritten(record)):
                await self._home.memory.add(*entries)
        except JournalError:
            _LOGGER.debug("What the municipality said could not be written and is tried again")
        finally:
            self._is_writing = False
            self._home.changed()

    # ---- each second ------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Write what waits to be written, and say so when nobody has been able to look for long."""
        record, mono = self._home.journal.record, time.monotonic()
        if record is not None and not self._is_writing and mono >= self._write_at and self._unwritten(record):
            self._is_writing = True
            self._write_at = mono + AGAIN_SECONDS
            self._home.finish(self._write(), "what the municipality said")
        issue = self._issue()
        if issue is None:
            self._good_at = mono
        elif mono - self._good_at < STALE_SECONDS:
            issue = None
        if issue is not self._told:
            self._tell(issue)

    def _issue(self) -> Issue | None:
        known, now = self.known, self._now
        if self._home.gate.plan is None:
            return None
        if now < known.floor:
            return Issue.CLOCK_BEHIND
        return None if known.is_fresh(now) else Issue.LIST_TOO_OLD

    def _tell(self, issue: Issue | None) -> None:
        entry_id, self._told = self._home.entry.entry_id, issue
        clear_issue(self._home.hass, entry_id, Issue.CLOCK_BEHIND, Issue.LIST_TOO_OLD)
        if issue is not None:
            _LOGGER.warning("Agreed looks cannot happen: %s", issue)
            raise_issue(self._home.hass, entry_id, issue)


def _number(listed: Revocations | None) -> int:
    return 0 if listed is None else listed.number


def _not_taken(what: str, err: Refused) -> None:
    """What is known already comes at each new link."""
    level = logging.DEBUG if err.code is Refusal.REPLAYED else logging.WARNING
    _LOGGER.log(level, "A %s was refused: %s", what, err.code)
