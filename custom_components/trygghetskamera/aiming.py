"""Aiming a camera, as the flow and the picture see it: the gate decides, and everything else only asks."""

from collections.abc import Callable
from typing import Protocol

from .tillsyn.errors import Refusal


class AimingRefused(Exception):
    """The gate does not let anybody aim now."""

    def __init__(self, code: Refusal) -> None:
        """Keep why."""
        super().__init__(code)
        self.code = code


class Aiming(Protocol):
    """Aiming in one home; one camera at a time."""

    async def start(self, camera_id: str, by: str) -> None:
        """Ask the gate; returns once it has taken the request. Raises AimingRefused."""

    def stop(self) -> None:
        """Done: the gate drives the camera away."""

    def is_on(self, camera_id: str) -> bool:
        """Whether pictures of this camera may be shown to the installer now."""

    def on_end(self, camera_id: str, callback: Callable[[], None]) -> Callable[[], None]:
        """Be told once when it is over; returns how to stop listening."""
