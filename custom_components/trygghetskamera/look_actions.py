"""The actions about looks to come: do without one, have it after all, have it at another time; and ask for a visit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time
from typing import Any, Final

import probatio as vol
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .actions import Action, asker
from .const import DOMAIN
from .coordinator import Home
from .faults import refusal
from .permissions import require_trusted
from .tillsyn.wishes import NotFulfilled, WishFault, at_clock
from .wishes import VisitComes

CONF_OCCURRENCE: Final = "occurrence"
CONF_START: Final = "start"

_REFUSALS: Final = {
    WishFault.NO_PLAN: "no_plan",
    WishFault.NO_SUCH_LOOK: "no_such_look",
    WishFault.LOOK_OVER: "look_over",
    WishFault.TOO_FAR_AHEAD: "too_far_ahead",
    WishFault.NOT_WISHED: "not_wished",
    WishFault.NOT_MOVABLE: "not_movable",
    WishFault.LOOK_BEGUN: "look_begun",
    WishFault.LOOK_SKIPPED: "look_skipped",
    WishFault.MOVED_TOO_FAR: "moved_too_far",
    WishFault.IN_THE_PAST: "in_the_past",
    WishFault.OVERLAPS: "overlaps",
}


@contextmanager
def _in_words(home: Home) -> Iterator[None]:
    """Why a wish cannot be fulfilled, in the asker's language."""
    try:
        yield
    except NotFulfilled as err:
        plan = home.gate.plan
        minutes = (
            {} if plan is None or err.fault is not WishFault.MOVED_TOO_FAR else {"minutes": str(plan.move_minutes)}
        )
        raise refusal(_REFUSALS[err.fault], **minutes) from err


async def _skip_look(home: Home, call: ServiceCall) -> None:
    """For everybody: to look less needs nobody's leave."""
    with _in_words(home):
        await home.wishes.skip(call.data[CONF_OCCURRENCE], asker(call))


async def _keep_look(home: Home, call: ServiceCall) -> None:
    by = await require_trusted(home.hass, home.entry, call.context)
    with _in_words(home):
        await home.wishes.keep(call.data[CONF_OCCURRENCE], by)


async def _move_look(home: Home, call: ServiceCall) -> ServiceResponse:
    by = await require_trusted(home.hass, home.entry, call.context)
    occurrence, start = call.data[CONF_OCCURRENCE], call.data[CONF_START]
    with _in_words(home):
        moment = at_clock(home.gate, occurrence, start) if isinstance(start, time) else dt_util.as_utc(start)
        there = await home.wishes.move(occurrence, moment, by)
    return {"start": _local(there.start), "end": _local(there.end)}


async def _request_visit(home: Home, call: ServiceCall) -> ServiceResponse:
    """For everybody. Where the answer is read, it says whether the municipality is reached; else an error says so."""
    is_told = await ask_visit(home, asker(call))
    if not is_told and not call.return_response:
        raise visit_waits()
    return {"told": is_told}


async def ask_visit(home: Home, by: str) -> bool:
    """Ask for a visit; whether the municipality is reached. Raises ServiceValidationError where one comes already."""
    try:
        return await home.wishes.ask_visit(by)
    except VisitComes as err:
        raise refusal("visit_asked_already", time=f"{dt_util.as_local(err.at):%H:%M}") from err


def visit_waits() -> HomeAssistantError:
    """A visit has been asked for, and the municipality cannot be told now."""
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="visit_waits")


def _local(at: datetime) -> str:
    return dt_util.as_local(at).isoformat()


_OCCURRENCE: Final[Mapping[vol.Marker, Any]] = {vol.Required(CONF_OCCURRENCE): cv.string}

ACTIONS: Final = (
    Action("skip_look", _skip_look, _OCCURRENCE),
    Action("keep_look", _keep_look, _OCCURRENCE),
    Action(
        "move_look",
        _move_look,
        {**_OCCURRENCE, vol.Required(CONF_START): vol.Any(cv.time, cv.datetime)},
        SupportsResponse.OPTIONAL,
    ),
    Action("request_visit", _request_visit, response=SupportsResponse.OPTIONAL),
)
