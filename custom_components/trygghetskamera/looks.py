"""The conversation with the operator about a look: verify what is signed, remember what is prepared, answer.

Whether it is allowed is decided by ``tillsyn.admission`` and the gate; here their answers are only passed on.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from .tillsyn import frames
from .tillsyn.admission import Grant, Prepared, TurnGrant, check_ack, check_close, check_look, check_prepare, check_turn
from .tillsyn.admission import Home as Pinned
from .tillsyn.chain import Trust
from .tillsyn.entries import LookRefused, ReceiptAcknowledged
from .tillsyn.errors import CloseReason, Refusal, Refused
from .tillsyn.gate_values import Event, Gate, OperatorClosed, SessionLost
from .tillsyn.identity import PublicKey, digest, parse
from .tillsyn.model import Instant
from .tillsyn.terms import prepare_refusal
from .tillsyn.wire import Close, Prepare, ReceiptAck, Turn

_LOGGER = logging.getLogger(__name__)

PREPARED_SECONDS: Final = 120.0
"""A prepared look that is not opened is let go after this."""
_REMEMBERED: Final = 64


class Shell(Protocol):
    """What the conversation needs of the coordinator."""

    @property
    def gate(self) -> Gate:
        """What the gate knows."""

    @property
    def trust(self) -> Trust:
        """What is known of the root's will."""

    def now(self) -> Instant:
        """Both clocks."""

    def feed(self, event: Event) -> None:
        """Tell the gate."""

    def request(self, grant: Grant) -> None:
        """A verified click: tell the gate of the camera that it is for."""

    def turn(self, turned: TurnGrant) -> None:
        """A verified wish to go on with the open look in another room."""

    def send(self, frame: frames.Frame) -> None:
        """To the bridge."""

    def note_refusal(self, entry: LookRefused) -> None:
        """Somebody was refused."""

    def note_acknowledgement(self, ack: ReceiptAck, operator: str, entry: ReceiptAcknowledged) -> None:
        """This operator, by the key's thumbprint, says to have seen a receipt."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A prepared look and when (monotonic) it is let go."""

    prepared: Prepared
    until: float


class Looks:
    """The prepared looks of one home, and what the operator's side says about them."""

    def __init__(self, shell: Shell, pinned: Pinned) -> None:
        """``pinned``: the keys of the municipality and of the hub."""
        self._shell = shell
        self._pinned = pinned
        self._waiting: dict[str, _Waiting] = {}
        self._grants: dict[str, Grant] = {}
        self._turns: dict[str, int] = {}

    # ---- from the operator ------------------------------------------------------------------------------------------

    def signed(self, frame: frames.Signed) -> None:
        """A signed statement about a look. What is not understood or not verified changes nothing."""
        for kind, handle in self._handlers:
            try:
                parse(kind, frame.token)
            except Refused:
                continue
            handle(self, frame)
            return
        _LOGGER.debug("A signed frame that is no statement for the home was left out")

    def _prepare(self, frame: frames.Signed) -> None:
        gate, now = self._shell.gate, self._shell.now()
        try:
            at = int(now.wall.timestamp())
            prepared = check_prepare(self._pinned, self._shell.trust, gate.plan, frame.token, frame.chain, at)
        except Refused as err:
            self._refuse(frame.look, frame.token, err.code)
            return
        code = self._prepare_refusal(prepared, gate, now)
        if code is not None:
            # A request that is played again need not come from whoever made it.
            name = "" if code is Refusal.REPLAYED else prepared.signer.operator.name
            self._refuse(frame.look, frame.token, code, name)
            return
        for look, waiting in list(self._waiting.items()):
            if waiting.prepared.signer.key == prepared.signer.key:
                self._let_go(look, CloseReason.STOPPED)
        self._waiting[prepared.look] = _Waiting(prepared, now.mono + PREPARED_SECONDS)
        self._shell.send(frames.Allow(prepared.look))

    def _prepare_refusal(self, prepared: Prepared, gate: Gate, now: Instant) -> Refusal | None:
        if prepared.look in self._grants:
            return Refusal.REPLAYED
        if any(one.prepared.signer.key != prepared.signer.key for one in self._waiting.values()):
            return Refusal.BUSY
        return prepare_refusal(gate, prepared, now.wall)

    def requested(self, frame: frames.LookRequest) -> None:
        """The click."""
        waiting = self._waiting.get(frame.look)
        at = int(self._shell.now().wall.timestamp())
        try:
            grant = check_look(
                self._pinned,
                self._shell.trust,
                self._shell.gate.plan,
                None if waiting is None else waiting.prepared,
                frame.token,
                frame.chain,
                (frame.offer, frame.answer),
                at,
            )
        except Refused as err:
            self._refuse(frame.look, frame.token, err.code)
            return
        self._remember(grant)
        self._waiting.pop(grant.look, None)
        self._shell.request(grant)

    def _close(self, frame: frames.Signed) -> None:
        waiting = self._waiting.get(frame.look)
        key = self._key(frame.look) if waiting is None else waiting.prepared.signer.key
        if key is None:
            return
        try:
            outcome = check_close(frame.look, key, frame.token)
        except Refused as err:
            _LOGGER.debug("A close was refused: %s", err.code)
            return
        if waiting is None:
            self._shell.feed(OperatorClosed(frame.look, outcome))
        else:
            self._let_go(frame.look, CloseReason.STOPPED)

    def _turn(self, frame: frames.Signed) -> None:
        grant = self._grants.get(frame.look)
        if grant is None or frame.look in self._waiting:
            return
        now = int(self._shell.now().wall.timestamp())
        try:
            turned = check_turn(grant, self._shell.trust, frame.token, self._turns.get(frame.look, 0), now)
        except Refused as err:
            self._shell.send(frames.Refuse(frame.look, digest(frame.token), err.code))
            return
        self._turns = {frame.look: turned.number}  # only one look is open at a time
        self._shell.turn(turned)

    def _acknowledged(self, frame: frames.Signed) -> None:
        grant = self._grants.get(frame.look)
        if grant is None:
            return
        now = int(self._shell.now().wall.timestamp())
        try:
            ack = check_ack(self._pinned, self._shell.trust, grant, frame.token, frame.chain, now)
        except Refused as err:
            _LOGGER.debug("An acknowledgement was refused: %s", err.code)
            return
        self._shell.note_acknowledgement(ack, grant.operator.kid, ReceiptAcknowledged(frame.token, frame.chain))

    _handlers: Final = ((Prepare, _prepare), (Close, _close), (Turn, _turn), (ReceiptAck, _acknowledged))

    # ---- from the bridge --------------------------------------------------------------------------------------------

    def session(self, frame: frames.Session) -> None:
        """How the media is."""
        ends = {"picture_lost": CloseReason.PICTURE_LOST, "operator_gone": CloseReason.OPERATOR_GONE}
        why = ends.get(frame.state)
        if why is None:
            return
        if frame.look in self._waiting:
            self._let_go(frame.look, why)
        else:
            self._shell.feed(SessionLost(frame.look, why))

    # ---- from the home ----------------------------------------------------------------------------------------------

    def refused(self, grant: Grant, code: Refusal) -> None:
        """The gate said no to a verified click."""
        self._shell.send(frames.Refuse(grant.look, grant.request, code))
        self._shell.send(frames.StopPicture(grant.look, CloseReason.STOPPED))
        self._shell.note_refusal(LookRefused(grant.operator.name, code))

    def turn_refused(self, turned: TurnGrant, code: Refusal) -> None:
        """The gates said no to a turn; the look goes on where it is, if it goes on."""
        self._shell.send(frames.Refuse(turned.look, turned.request, code))

    def let_go_all(self, why: CloseReason, occurrence: str | None = None) -> None:
        """What was prepared, for this occurrence or for any, may no longer happen."""
        for look, waiting in list(self._waiting.items()):
            if occurrence in (None, waiting.prepared.occurrence):
                self._let_go(look, why)

    def let_go_revoked(self, revoked: frozenset[str]) -> None:
        """What was prepared by somebody who is revoked may no longer happen."""
        for look, waiting in list(self._waiting.items()):
            if not revoked.isdisjoint(waiting.prepared.signer.kids):
                self._let_go(look, CloseReason.REVOKED)

    def let_go_old(self) -> None:
        """Let go of what was prepared and never opened."""
        mono = self._shell.now().mono
        for look, waiting in list(self._waiting.items()):
            if mono >= waiting.until:
                self._let_go(look, CloseReason.STOPPED)

    def forget(self) -> None:
        """The link is gone, and with it every connection that was prepared."""
        self._waiting.clear()

    def _let_go(self, look: str, why: CloseReason) -> None:
        self._waiting.pop(look, None)
        self._shell.send(frames.StopPicture(look, why))

    def _remember(self, grant: Grant) -> None:
        while len(self._grants) >= _REMEMBERED:
            del self._grants[next(iter(self._grants))]
        self._grants[grant.look] = grant

    def _key(self, look: str) -> PublicKey | None:
        grant = self._grants.get(look)
        return None if grant is None else grant.key

    def _refuse(self, look: str, token: str, code: Refusal, name: str = "") -> None:
        """Say no. Nobody is named for what could not be verified whole: anyone may send another's credential."""
        self._shell.send(frames.Refuse(look, digest(token), code))
        self._shell.note_refusal(LookRefused(name, code))


class RefusalLimit:
    """Keeps a peer that is refused again and again from filling the journal."""

    def __init__(self, clock: Callable[[], float], most: int = 20, within: float = 3600.0) -> None:
        """At most ``most`` refusals are written in ``within`` seconds."""
        self._clock = clock
        self._most = most
        self._within = within
        self._written: list[float] = []

    def allows(self) -> bool:
        """Whether one more may be written now."""
        now = self._clock()
        self._written = [at for at in self._written if now - at < self._within]
        if len(self._written) >= self._most:
            return False
        self._written.append(now)
        return True
