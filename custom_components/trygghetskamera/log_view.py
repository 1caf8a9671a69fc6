"""The log over HTTP, for everybody who is signed in: a page to read, search and print, a CSV, and a signed file."""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Final, Self

from aiohttp import web
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import Home, TrygghetskameraConfigEntry
from .journal_store import JournalError
from .log import LIMIT, LONGEST_QUERY, Wanted, async_log_page, snapshot_of
from .log_files import csv_of, signed_of
from .log_links import LANGUAGES, PATH, SEARCH_PATH, log_path, search_key, searched
from .log_page import STYLE, LogPage, excuse
from .log_words import LogWords
from .signing import NotSigned
from .tillsyn.record import KEEP_DAYS

_STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FILES: Final = {
    "csv": ("text/csv; charset=utf-8; header=present", "trygghetskamera-log.csv"),
    "signed": ("application/json", "trygghetskamera-log.json"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for."""

    kind: str
    language: str
    wanted: Wanted
    days: Mapping[str, str]

    @classmethod
    def read(cls, query: Mapping[str, str], language: str) -> Self:
        """From its query, in this language where none is asked for. Raises ValueError."""
        kind, asked_for, words = query.get("kind", "html"), query.get("language", language), query.get("q", "")
        before = query.get("before", "")
        if kind not in ("html", *_FILES) or len(words) > LONGEST_QUERY:
            raise ValueError
        wanted = Wanted(
            " ".join(words.split()),
            int(before) if before else None,
            _midnight(query.get("start", "")),
            _midnight(query.get("end", ""), days=1),
        )
        days = {name: query[name] for name in ("start", "end") if query.get(name)}
        return cls(kind, asked_for if asked_for in LANGUAGES else "en", wanted, days)


def _midnight(day: str, days: int = 0) -> int | None:
    """When (milliseconds UTC) this day begins at home, or so many days later; None where no day is asked for."""
    if not day:
        return None
    begins = datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), dt_util.get_default_time_zone())
    return int(begins.timestamp() * 1000)


def _home(entry: TrygghetskameraConfigEntry) -> Home | None:
    return entry.runtime_data if entry.state is ConfigEntryState.LOADED else None


def _page(text: str, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)


class LogView(HomeAssistantView):
    """``kind``: html, csv or signed. ``language``: sv or en. ``q``: words that must be there. ``before``: number of a
    row. ``start``, ``end``: days, both included.
    """

    url = PATH
    name = f"api:{DOMAIN}:log"

    async def get(self, request: web.Request, entry_id: str) -> web.StreamResponse:
        """What is asked for, or a page that says why not."""
        hass = request.app[KEY_HASS]
        entry: TrygghetskameraConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.domain != DOMAIN:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        try:
            asked = _Asked.read(request.query, hass.config.language)
        except ValueError, OverflowError:
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        words = await LogWords.load(hass, entry, asked.language)
        home = _home(entry)
        if home is None:
            return self._sorry(words, asked, "home_not_loaded")
        try:
            return await self._answer(request, home, words, asked)
        except JournalError:
            return self._sorry(words, asked, "journal_unreadable")
        except NotSigned:
            return self._sorry(words, asked, "not_signed")

    def _sorry(self, words: LogWords, asked: _Asked, key: str) -> web.Response:
        return _page(excuse(words, asked.language, key), HTTPStatus.SERVICE_UNAVAILABLE)

    async def _answer(self, request: web.Request, home: Home, words: LogWords, asked: _Asked) -> web.StreamResponse:
        if asked.kind == "html":
            return await self._read(request, home, words, asked)
        async with snapshot_of(home) as snapshot:
            if asked.kind == "csv":
                return await self._send(request, asked.kind, csv_of(home, snapshot, words, asked.wanted))
            return await self._send(request, asked.kind, await signed_of(home, snapshot, asked.wanted))

    async def _read(self, request: web.Request, home: Home, words: LogWords, asked: _Asked) -> web.Response:
        hass, entry_id, language, query = home.hass, home.entry.entry_id, asked.language, asked.wanted.query
        page = await async_log_page(home, asked.wanted, LIMIT, language)
        links = self._links(hass, entry_id, asked, page.rows[-1].number if page.rows else 0)
        search = SEARCH_PATH.format(entry_id=entry_id)
        hidden = {"key": search_key(request, hass, entry_id), "language": language}
        record = home.journal.record
        days = KEEP_DAYS if record is None else record.keep_days
        return _page(LogPage(words, language, query, links).text(home.entry.title, page, (search, hidden), days))

    def _links(self, hass: HomeAssistant, entry_id: str, asked: _Asked, oldest: int) -> dict[str, str]:
        def link(**parts: str) -> str:
            return log_path(hass, entry_id, **{"language": asked.language, **asked.days, **parts})

        query = asked.wanted.query
        links = {"newest": link(kind="html", q=query)} if asked.wanted.before is not None else {}
        if query:
            links["all"] = link(kind="html")
        links |= {f"in_{one}": link(kind="html", q=query, language=one) for one in LANGUAGES}
        links |= {"csv": link(kind="csv", q=query), "signed": link(kind="signed")}
        return {**links, "older": link(kind="html", q=query, before=str(oldest))}

    async def _send(self, request: web.Request, kind: str, pieces: AsyncIterator[bytes]) -> web.StreamResponse:
        content_type, name = _FILES[kind]
        disposition = {"Content-Type": content_type, "Content-Disposition": f'attachment; filename="{name}"'}
        first = await anext(pieces)
        response = web.StreamResponse(headers={**HEADERS, **disposition})
        await response.prepare(request)
        await response.write(first)
        try:
            async for piece in pieces:
                await response.write(piece)
        except JournalError:
            # Half a file must not pass for a whole one.
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write_eof()
        return response


class LogSearchView(HomeAssistantView):
    """Where the search form of the page leads: to the page with what was found, by a link of its own."""

    url = SEARCH_PATH
    name = f"api:{DOMAIN}:log_search"
    requires_auth = False
    """The key is asked for instead, and whoever it was given to is asked for again by the link."""

    async def get(self, request: web.Request, entry_id: str) -> web.Response:
        """Only leads on."""
        hass, query = request.app[KEY_HASS], request.query
        parts = {"q": query.get("q", "")[:LONGEST_QUERY], "language": query.get("language", "")}
        path = searched(hass, entry_id, query.get("key", ""), parts)
        if path is not None:
            return web.Response(status=HTTPStatus.SEE_OTHER, headers={**HEADERS, "Location": path})
        language = parts["language"] if parts["language"] in LANGUAGES else "en"
        words = await LogWords.load(hass, None, language)
        return _page(excuse(words, language, "link_over"), HTTPStatus.FORBIDDEN)
