"""The dashboard strategy and its card: files for the browser, offered while a home is set up."""

from pathlib import Path
from typing import Final

from homeassistant.components.frontend import add_extra_js_url, remove_extra_js_url
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration

from .const import DOMAIN
from .coordinator import TrygghetskameraConfigEntry

_FOLDER: Final = Path(__file__).parent / "frontend"


async def async_static_url(hass: HomeAssistant) -> str:
    """Where the files are. The version is in the path, so that a browser never has some old and some new."""
    return f"/{DOMAIN}_static/{(await async_get_integration(hass, DOMAIN)).version}"


async def async_serve_dashboard(hass: HomeAssistant) -> None:
    """Serve the files, to anybody: they say nothing about the home. Without Home Assistant's pages there is no need."""
    if "frontend" in hass.config.components:
        url = await async_static_url(hass)
        await hass.http.async_register_static_paths([StaticPathConfig(url, str(_FOLDER), cache_headers=False)])


async def async_offer_dashboard(hass: HomeAssistant, entry: TrygghetskameraConfigEntry) -> None:
    """Load the strategy with Home Assistant's pages until the last home is unloaded."""
    if "frontend" not in hass.config.components:
        return
    url = f"{await async_static_url(hass)}/{DOMAIN}.js"

    def withdraw() -> None:
        if all(one.entry_id == entry.entry_id for one in hass.config_entries.async_loaded_entries(DOMAIN)):
            remove_extra_js_url(hass, url)

    add_extra_js_url(hass, url)
    entry.async_on_unload(withdraw)
