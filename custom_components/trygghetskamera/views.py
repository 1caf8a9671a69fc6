"""What the integration serves over HTTP; here the installation record, for administrators."""

from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from aiohttp import web
from homeassistant.components.http import KEY_HASS, KEY_HASS_USER, HomeAssistantView
from homeassistant.core import HomeAssistant, callback

from .aiming_view import AimingView
from .camera_words import Words
from .const import DOMAIN
from .installation import PATH, async_installation_record, installation_path
from .installation_page import STYLE, page
from .log_view import LogSearchView, LogView

LANGUAGES: Final = ("sv", "en")
_STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@callback
def async_setup_views(hass: HomeAssistant) -> None:
    """Serve them, where Home Assistant serves anything."""
    if hass.http is not None:
        hass.http.register_view(AimingView)
        hass.http.register_view(InstallationView)
        hass.http.register_view(LogView)
        hass.http.register_view(LogSearchView)


class InstallationView(HomeAssistantView):
    """The installation record as JSON or as a page to print."""

    url = PATH
    name = f"api:{DOMAIN}:installation"

    async def get(self, request: web.Request, entry_id: str) -> web.Response:
        """``kind``: json to keep, html to read and print; ``language``: sv or en."""
        hass = request.app[KEY_HASS]
        if not request[KEY_HASS_USER].is_admin:
            return web.Response(status=HTTPStatus.FORBIDDEN)
        entry = hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.domain != DOMAIN:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        record = await async_installation_record(hass, entry)
        if request.query.get("kind") == "json":
            name = {"Content-Disposition": 'attachment; filename="trygghetskamera-installation.json"'}
            return self.json(record, headers={**_HEADERS, **name})
        language = request.query.get("language") or hass.config.language
        if language not in LANGUAGES:
            language = "en"
        links = {f"in_{one}": installation_path(hass, entry_id, language=one) for one in LANGUAGES}
        links["download"] = installation_path(hass, entry_id, "json")
        text = page(record, await Words.load(hass, language), language, links)
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)
