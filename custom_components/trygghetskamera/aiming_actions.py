"""The actions about installing: aim a camera, be done aiming, and read the record of the installation.

Aiming shows the room without a look, so it is begun by an administrator in person, at home, and by nothing else.
"""

from datetime import timedelta
from typing import Final

import probatio as vol
from homeassistant.components.http import current_request
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from .actions import Action
from .aiming import AimingRefused
from .aiming_view import AimingPicture, is_at_home
from .camera_audit import StillSource
from .camera_side import CameraSide
from .camera_trial import until_home
from .const import DOMAIN
from .coordinator import Home
from .faults import refusal
from .installation import async_installation_record
from .requester import present_user
from .tillsyn.errors import Refusal
from .tillsyn.gate_rules import AIM_SECONDS
from .tillsyn.gate_values import Place

CONF_CAMERA: Final = "camera"
OPEN_SECONDS: Final = 25.0
"""How long the gate may take to write down that aiming begins and to turn the camera."""
_REFUSALS: Final = {
    Refusal.PAUSED: "aiming_paused",
    Refusal.PRIVATE: "aiming_private",
    Refusal.BUSY: "aiming_busy",
    Refusal.JOURNAL_FAILED: "journal_failed",
}


def _administrator_at_home(hass: HomeAssistant, call: ServiceCall) -> str:
    """The id of the administrator who asks. Raises ServiceValidationError in any doubt about who, or where."""
    user = present_user(call.context)
    if user is None:
        raise refusal("person_required")
    if not is_at_home(hass, current_request.get(), user):
        raise refusal("not_at_home")
    return user.id


def _camera(home: Home, call: ServiceCall) -> CameraSide:
    device = dr.async_get(home.hass).async_get(call.data[CONF_CAMERA])
    side = None if device is None else home.shown.get(device.config_subentry_id or "")
    if side is None:
        raise refusal("no_such_camera")
    return side


async def _start_aiming(home: Home, call: ServiceCall) -> ServiceResponse:
    by = _administrator_at_home(home.hass, call)
    side = _camera(home, call)
    await _begin(home, side, by)
    until = dt_util.utcnow() + timedelta(seconds=AIM_SECONDS)
    return {"until": until.isoformat(timespec="seconds"), "picture": _picture(home, side, by)}


async def _begin(home: Home, side: CameraSide, by: str) -> None:
    """Return when the gate lets the installer see."""
    over: list[bool] = []
    stop_listening = home.aiming.on_end(side.id, lambda: over.append(True))
    try:
        # A home that has just been started looks away first.
        await until_home(home, lambda: side.gate.place is not Place.CLOSING, OPEN_SECONDS)
        await home.aiming.start(side.id, by)
        await until_home(home, lambda: home.aiming.is_on(side.id) or bool(over), OPEN_SECONDS)
    except AimingRefused as err:
        raise refusal(_REFUSALS.get(err.code, "aiming_not_ready")) from err
    except TimeoutError:
        home.aiming.stop()
        over.append(True)
    finally:
        stop_listening()
    if over:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="aiming_not_reached")


def _picture(home: Home, side: CameraSide, by: str) -> str | None:
    """Where the picture is for whoever asks, and for nobody else; None where the camera gives none."""
    known = side.known
    if known is None or not known.services.snapshot:
        return None
    stills = StillSource(home.hass, known.login, known.services.snapshot)
    picture = AimingPicture(home.hass, stills, by, lambda: home.aiming.is_on(side.id))
    home.aiming.on_end(side.id, picture.end)
    return picture.path


async def _stop_aiming(home: Home, _call: ServiceCall) -> None:
    """For everybody: to look away needs nobody's leave."""
    home.aiming.stop()


async def _installation_record(home: Home, call: ServiceCall) -> ServiceResponse:
    if call.context.user_id is None:
        raise refusal("person_required")
    return await async_installation_record(home.hass, home.entry)


ACTIONS: Final = (
    Action("installation_record", _installation_record, response=SupportsResponse.ONLY, admin=True),
    Action(
        "start_aiming", _start_aiming, {vol.Required(CONF_CAMERA): cv.string}, SupportsResponse.OPTIONAL, admin=True
    ),
    Action("stop_aiming", _stop_aiming),
)
