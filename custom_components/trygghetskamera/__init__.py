"""Trygghetskamera: digital night supervision where the home decides when the camera may look."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .camera_health import CameraHealth
from .const import DOMAIN, PLATFORMS
from .coordinator import Home, TrygghetskameraConfigEntry, settings_of
from .dashboard import async_offer_dashboard, async_serve_dashboard
from .entity import register_home
from .issues import Issue, clear_issue
from .log_actions import async_setup_log
from .migration import async_migrate
from .other_integrations import async_watch_other_integrations
from .services import async_setup_services
from .sleep_actions import async_setup_sleep
from .views import async_setup_views

_LOGGER = logging.getLogger(__name__)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register the actions and the dashboard's files."""
    async_setup_services(hass)
    async_setup_views(hass)
    async_setup_log(hass)
    async_setup_sleep(hass)
    await _beside(async_serve_dashboard(hass))
    return True


async def _beside(work: Awaitable[None]) -> None:
    """Do what is good to have: a fault in it must not keep the camera from being driven away."""
    try:
        await work
    except Exception:
        _LOGGER.exception("The dashboard could not be offered")


def _watch(entry: TrygghetskameraConfigEntry, begin: Callable[[], CALLBACK_TYPE]) -> None:
    """Likewise for what watches as long as the home runs."""
    try:
        entry.async_on_unload(begin())
    except Exception:
        _LOGGER.exception("The cameras could not be looked over")


async def async_migrate_entry(hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> bool:
    """An entry of an earlier version; Home Assistant refuses those of a later one."""
    return await async_migrate(hass, entry)


async def async_setup_entry(hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> bool:
    """Look away first, whether or not camera and bridge are there; then show the home."""
    home = entry.runtime_data = Home(hass, entry)
    # Runs also where the rest of the set-up fails; a task then drives the camera away while nothing else is left.
    entry.async_on_unload(home.close)
    _look_away_at_stop(hass, entry, home)
    try:
        await home.start()
        home.device_id = register_home(home)
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    except BaseException:
        await home.look_away()
        raise
    await _beside(async_offer_dashboard(hass, entry))
    _watch(entry, partial(async_watch_other_integrations, hass, entry))
    _watch(entry, CameraHealth(home).watch)
    entry.async_on_unload(entry.add_update_listener(_reload_if_changed))
    return True


def _look_away_at_stop(hass: HomeAssistant, entry: TrygghetskameraConfigEntry, home: Home) -> None:
    """Unload callbacks do not run when Home Assistant stops: once while all is up, once more if that was not enough."""

    async def first() -> None:
        await home.look_away()

    async def last(_event: Event) -> None:
        await home.look_away_directly()

    job = HassJob(first, f"look away of {entry.entry_id}", cancel_on_shutdown=False)
    entry.async_on_unload(hass.async_add_shutdown_job(job))
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, last))


async def _reload_if_changed(hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> None:
    """Camera or bridge changed; that consent was moved to the journal is no reason to start again."""
    if entry.runtime_data.settings != settings_of(entry):
        hass.config_entries.async_schedule_reload(entry.entry_id)


async def async_remove_entry(hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> None:
    """Nothing is left to see to in a home that is gone."""
    clear_issue(hass, entry.entry_id, *Issue)
    for camera in entry.subentries:
        clear_issue(hass, entry.entry_id, *Issue, camera=camera)


async def async_unload_entry(hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> bool:
    """Look away, then let go. The journal stays: it is the home's own record."""
    await entry.runtime_data.look_away()
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
