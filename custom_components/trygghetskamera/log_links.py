"""Links to the log: each is good for an hour, for whoever it was made for and for nobody else."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Final

from aiohttp import web
from homeassistant.components.http import KEY_HASS_REFRESH_TOKEN_ID
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey
from yarl import URL

from .camera_words import Words
from .const import DOMAIN

PATH: Final = f"/api/{DOMAIN}/log/{{entry_id}}"
SEARCH_PATH: Final = f"/api/{DOMAIN}/log_search/{{entry_id}}"
LANGUAGES: Final = ("sv", "en")
LINK_SECONDS: Final = 3600
_KEYS_KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class _Key:
    entry_id: str
    refresh_token_id: str
    until: float


_KEYS: HassKey[dict[str, _Key]] = HassKey(f"{DOMAIN}_log_search_keys")


def log_path(hass: HomeAssistant, entry_id: str, *, refresh_token_id: str | None = None, **parts: str) -> str:
    """A link to the log for whoever makes the present request, or for whom the token was given out."""
    path = URL(PATH.format(entry_id=entry_id)).with_query({name: part for name, part in parts.items() if part})
    return async_sign_path(hass, str(path), timedelta(seconds=LINK_SECONDS), refresh_token_id=refresh_token_id)


async def async_log_links(hass: HomeAssistant, entry_id: str) -> str:
    """Links to the log for a text in Home Assistant's pages, which would take a plain link for one of their own."""
    words = await Words.load(hass)
    paths = {f"in_{one}": log_path(hass, entry_id, kind="html", language=one) for one in LANGUAGES}
    paths |= {one: log_path(hass, entry_id, kind=one) for one in ("csv", "signed")}
    return " · ".join(
        f'<a href="{escape(path)}" target="_blank">{escape(words.word("log_page", name))}</a>'
        for name, path in paths.items()
    )


# A signed link holds for exactly its own query, so a form cannot add what somebody has typed to one. The page has a key
# instead, that gives nothing but a signed link to the same log for the same person.


@callback
def search_key(request: web.Request, hass: HomeAssistant, entry_id: str) -> str:
    """A key for the search form of the page that is asked for, '' where nobody knows who asks."""
    refresh_token_id = request.get(KEY_HASS_REFRESH_TOKEN_ID)
    if refresh_token_id is None:
        return ""
    keys = hass.data.setdefault(_KEYS, {})
    now = time.monotonic()
    for name in [name for name, one in keys.items() if one.until < now] or list(keys)[: len(keys) - _KEYS_KEPT + 1]:
        del keys[name]
    key = secrets.token_urlsafe(24)
    keys[key] = _Key(entry_id, refresh_token_id, now + LINK_SECONDS)
    return key


@callback
def searched(hass: HomeAssistant, entry_id: str, key: str, parts: Mapping[str, str]) -> str | None:
    """The link that the form leads to; None where the key is none, is too old, or is for another home."""
    found = hass.data.get(_KEYS, {}).get(key)
    if found is None or found.entry_id != entry_id or found.until < time.monotonic():
        return None
    return log_path(hass, entry_id, refresh_token_id=found.refresh_token_id, kind="html", **parts)
