"""Aiming a camera, as the flow and the picture see it: the gate decides, and everything else only asks."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .tillsyn import gate_values as g
from .tillsyn.errors import Refusal

if TYPE_CHECKING:
    from .coordinator import Home


class AimingRefused(Exception):
    """The gate does not let anybody aim now."""

    def __init__(self, code: Refusal) -> None:
        """Keep why."""
        super().__init__(code)
        self.code = code


class Aiming:
    """Aiming in one home; one camera at a time."""

    def __init__(self, home: Home) -> None:
        """The gates are the home's."""
        self._home = home
        self._refused: Refusal | None = None
        self._is_asking = False
        self._ends: dict[str, list[Callable[[], None]]] = {}

    async def start(self, camera_id: str, by: str) -> None:
        """Ask the gate; returns once it has taken the request. Raises AimingRefused."""
        if camera_id not in self._home.sides:
            raise AimingRefused(Refusal.CAMERA_NOT_READY)
        self._refused = None
        self._is_asking = True
        try:
            self._home.feed(g.AimRequested(g.Aim(by)), camera_id)
        finally:
            self._is_asking = False
        if self._refused is not None:
            raise AimingRefused(self._refused)

    def stop(self) -> None:
        """Done: the gate drives the camera away."""
        self._home.feed(g.AimEnded())

    def is_on(self, camera_id: str) -> bool:
        """Whether pictures of this camera may be shown to the installer now."""
        gate = self._home.house.gates.get(camera_id)
        return gate is not None and gate.place is g.Place.AIMING

    def on_end(self, camera_id: str, callback: Callable[[], None]) -> Callable[[], None]:
        """Be told once when it is over; returns how to stop listening."""
        heard = self._ends.setdefault(camera_id, [])
        heard.append(callback)

        def stop() -> None:
            if callback in heard:
                heard.remove(callback)

        return stop

    # ---- from the gate ----------------------------------------------------------------------------------------------

    def refused(self, camera_id: str, code: Refusal) -> None:
        """The gate has said no: to whoever asks just now, or to what it had taken and cannot write down."""
        if self._is_asking:
            self._refused = code
        else:
            self.ended(camera_id)

    def ended(self, camera_id: str) -> None:
        """No picture any more."""
        for callback in self._ends.pop(camera_id, []):
            callback()
