"""The hub key is the bridge's: ask it to sign, check what comes back, and have every look end in a signed receipt."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from .journal_store import Journal
from .tillsyn.entries import ReceiptAcknowledged, ReceiptSigned
from .tillsyn.errors import Refused
from .tillsyn.frames import Frame, Sign, Signature
from .tillsyn.identity import PublicKey, parse
from .tillsyn.receipts import is_acknowledged, next_receipt
from .tillsyn.record import Record
from .tillsyn.wire import ReceiptAck, Statement

_LOGGER = logging.getLogger(__name__)

SIGN_SECONDS: Final = 5.0
_LATELY: Final = 16
"""Among so many receipts is that of a look whose key is still known."""


class NotSigned(Exception):
    """There is no bridge to sign, or what it signed is something else."""


class Signing:
    """Signatures by the bridge for one home."""

    def __init__(self, hub: PublicKey, send: Callable[[Frame], bool]) -> None:
        """``send`` returns False where there is no link."""
        self._hub = hub
        self._send = send
        self._last = 0
        self._asked: dict[int, asyncio.Future[str]] = {}

    async def sign(self, look: str, statement: Statement) -> str:
        """The signed statement, which the bridge has also sent to the service. Raises NotSigned."""
        self._last += 1
        number = self._last
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            if not self._send(Sign(number, look, statement.TYP, statement.payload().decode())):
                raise NotSigned
            async with asyncio.timeout(SIGN_SECONDS):
                token = await answer
            if parse(type(statement), token).verified(self._hub) != statement:
                raise NotSigned
        except (Refused, TimeoutError) as err:
            raise NotSigned from err
        finally:
            del self._asked[number]
        return token

    def answered(self, frame: Signature) -> None:
        """The bridge has signed; an answer nobody waits for is left out."""
        answer = self._asked.get(frame.id)
        if answer is not None and not answer.done():
            answer.set_result(frame.token)

    def link_lost(self) -> None:
        """Nobody will answer."""
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(NotSigned())


class ReceiptBook:
    """Signs the receipts of looks that have ended, in their order; what cannot be signed now is signed later."""

    def __init__(self, journal: Journal, signing: Signing, hub: PublicKey) -> None:
        """The journal says which receipts are missing."""
        self._journal = journal
        self._signing = signing
        self._hub = hub
        self._busy = asyncio.Lock()

    async def sign_waiting(self) -> None:
        """Sign and store all that wait. Raises JournalError."""
        async with self._busy:
            while (record := self._journal.record) is not None and record.waiting:
                past = record.waiting[0]
                assert past.ended is not None
                receipt = next_receipt(record.head, self._hub.kid, past.started, past.ended)
                try:
                    token = await self._signing.sign(receipt.look, receipt)
                except NotSigned:
                    _LOGGER.debug("A receipt waits for the bridge")
                    return
                await self._journal.add(ReceiptSigned(token))

    async def acknowledge(self, ack: ReceiptAck, operator: str, entry: ReceiptAcknowledged) -> None:
        """Store, once, that whoever looked has seen the receipt of that very look. Raises JournalError."""
        # The operator may have it before it is written here.
        async with self._busy:
            await self._journal.add(entry, only_if=lambda record: _may_be_acknowledged(record, ack, operator))


def _may_be_acknowledged(record: Record, ack: ReceiptAck, operator: str) -> bool:
    lately = record.receipts[-_LATELY:]
    is_new = ack.receipt not in record.keeping.acknowledged
    return is_new and any(is_acknowledged(one, ack, operator) for one in lately)
