"""How far one look has come in the bridge, how long each stage may take, and whether what an operator says fits it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tillsyn import wire
from tillsyn.errors import Refusal, Refused
from tillsyn.identity import digest
from tillsyn.model import Instant

ANSWER_SECONDS: Final = 15.0
"""An operator's browser that has not answered an offer by then is gone."""
PREPARED_SECONDS: Final = 120.0
"""A prepared look that nobody opens is dropped."""
DECIDE_SECONDS: Final = 15.0
"""The integration has said yes or no to a prepare or a look by then."""
OPENING_SECONDS: Final = 30.0
"""The camera has reached its view, and the first lease has come, by then."""
TURN_SECONDS: Final = 20.0
"""A look that turns to another room has begun to show it by then."""


class Stage(StrEnum):
    """How far a look has come."""

    ASKED = "asked"
    GATHERING = "gathering"
    OFFERED = "offered"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    REQUESTED = "requested"
    WARM = "warm"
    OPEN = "open"
    TURNING = "turning"


UNDER_WAY: Final = frozenset({Stage.REQUESTED, Stage.WARM, Stage.OPEN, Stage.TURNING})
"""The integration may have begun to move the camera."""
_PATIENCE = {
    Stage.ASKED: DECIDE_SECONDS,
    Stage.OFFERED: ANSWER_SECONDS,
    Stage.REQUESTED: DECIDE_SECONDS,
    Stage.WARM: OPENING_SECONDS,
    Stage.TURNING: TURN_SECONDS,
}


@dataclass(slots=True)
class LookState:
    """One look that is prepared or under way. Times are seconds on the monotonic clock."""

    id: str
    kid: str
    kids: frozenset[str]
    prepare: str
    began: float
    stage: Stage = Stage.ASKED
    staged: float = 0.0
    challenge: str = ""
    offer: str = ""
    answer: str = ""
    request: str = ""
    cameras: tuple[str, ...] = ()
    """Those that were warmed, the last one last."""
    turned: float | None = None
    """When a turn began that has not ended yet."""

    @property
    def camera(self) -> str:
        """The one that was warmed last, '' where none was."""
        return self.cameras[-1] if self.cameras else ""

    @property
    def deadline(self) -> float | None:
        """When patience with this look ends; an open one ends with its lease."""
        if self.stage is Stage.OPEN:
            return None
        limits = [self.staged + _PATIENCE[self.stage]] if self.stage in _PATIENCE else []
        if self.turned is not None:
            limits.append(self.turned + TURN_SECONDS)
        if self.stage not in UNDER_WAY:
            limits.append(self.began + PREPARED_SECONDS)
        return min(limits)

    @property
    def is_under_way(self) -> bool:
        """Whether the integration may have begun to move the camera."""
        return self.stage in UNDER_WAY

    def to(self, stage: Stage, now: Instant) -> None:
        """It has come to this stage."""
        self.stage = stage
        self.staged = now.mono

    def check_answer(self, answer: wire.Answer, kid: str) -> None:
        """Raises Refused unless this is the answer to the offer that was made, by whoever prepared the look."""
        if self.stage in (Stage.ASKED, Stage.GATHERING):
            raise Refused(Refusal.NOT_PREPARED)
        self._check_person(kid)
        if self.stage is not Stage.OFFERED:
            raise Refused(Refusal.REPLAYED)
        if answer.offer != digest(self.offer):
            raise Refused(Refusal.WRONG_CONNECTION)

    def check_asked(self, asked: wire.Look, kid: str) -> None:
        """Raises Refused unless this is the click for the connection that stands, by whoever prepared the look."""
        self._check_person(kid)
        if self.is_under_way:
            raise Refused(Refusal.REPLAYED)
        if self.stage is not Stage.CONNECTED:
            raise Refused(Refusal.NOT_PREPARED)
        if (asked.offer, asked.answer) != (digest(self.offer), digest(self.answer)):
            raise Refused(Refusal.WRONG_CONNECTION)
        if asked.challenge != self.challenge:
            raise Refused(Refusal.WRONG_CONNECTION, "challenge")

    def _check_person(self, kid: str) -> None:
        if self.kid != kid:
            raise Refused(Refusal.UNKNOWN_SIGNER, "not the one who prepared")
