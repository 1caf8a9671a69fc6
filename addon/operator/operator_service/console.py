"""The console's files as they are sent: read once, each with its hash, so that a browser runs these bytes or none.

The page names the hash of every script in an import map (HTML Standard, "integrity" of import maps), the styles and the
first script carry theirs as an attribute (W3C Subresource Integrity), and Integrity-Policy refuses a script without.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256, sha384
from html import escape
from pathlib import Path
from typing import Final

from aiohttp import web

from tillsyn.identity import PublicKey, digest
from tillsyn.strict import dump
from tillsyn.wire import CONSOLE_LIST, ConsoleFile, ConsoleFiles

from .problems import Failed, Problem

PAGE: Final = "index.html"
_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".json": "application/json",
    ".jws": "application/jose",
}
"""What is served at all; everything else in the folder is not."""
_NOT_SERVED: Final = (".test.js", ".d.ts", "package.json", "package-lock.json", "tsconfig.json")
_LOADED: Final = re.compile(r'<(script|link)( [^>]*?)? (src|href)="/([^"]+)"')
_IMPORT_MAP: Final = '<script type="importmap">{}</script>\n    '
_SERVICE: Final = '<meta name="tillsyn-service" content="{}" />\n    '
_HEADERS: Final = {
    "Integrity-Policy": "blocked-destinations=(script)",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), usb=()",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is sent."""

    content: bytes
    kind: str

    @property
    def integrity(self) -> str:
        """Its hash as browsers write it (W3C Subresource Integrity)."""
        return f"sha384-{b64encode(sha384(self.content).digest()).decode()}"


class Console:
    """All files of the console and the headers that go with them."""

    def __init__(self, folder: Path, service: str = "") -> None:
        """Read ``folder``. ``service``: origin of the operator service where that is another than the console's own."""
        self.files = {name: File(path.read_bytes(), _TYPES[path.suffix]) for name, path in _served(folder)}
        maps = dump({"integrity": {f"/{name}": one.integrity for name, one in self.files.items() if _is_script(name)}})
        if (page := self.files.get(PAGE)) is not None:
            text = page.content.decode()
            added = _IMPORT_MAP.format(maps.decode()) + (_SERVICE.format(escape(service)) if service else "")
            text = _LOADED.sub(self._with_integrity, text).replace("<title>", f"{added}<title>", 1)
            self.files[PAGE] = File(text.encode(), page.kind)
        self.headers = {**_HEADERS, "Content-Security-Policy": _policy(maps, service)}

    def listed(self, key: PublicKey, now: int) -> ConsoleFiles:
        """The files for the root with this key to sign, at ``now`` (s, UTC)."""
        files = (ConsoleFile(name, digest(file.content)) for name, file in sorted(self.files.items()))
        return ConsoleFiles(key.x, tuple(one for one in files if one.path != CONSOLE_LIST), now)

    def _with_integrity(self, found: re.Match[str]) -> str:
        file = self.files.get(found[4])
        return found[0] if file is None else f'{found[0]} integrity="{file.integrity}"'


def _is_script(name: str) -> bool:
    return name.endswith(".js")


def _served(folder: Path) -> list[tuple[str, Path]]:
    """Nothing hidden, nothing that only points somewhere, no other kind of file."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_hidden = any(part.startswith(".") or part == "node_modules" for part in name.split("/"))
        if path.is_file() and not path.is_symlink() and not is_hidden and path.suffix in _TYPES:
            found.append((name, path))
    return [(name, path) for name, path in found if not name.endswith(_NOT_SERVED)]


def _policy(maps: bytes, service: str) -> str:
    """Scripts come from us and are listed; nothing is written into the page as code (W3C CSP 3, Trusted Types)."""
    listed = b64encode(sha256(maps).digest()).decode()
    sockets = f" {service} {re.sub('^http', 'ws', service)}" if service else ""
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{listed}'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'{sockets}; media-src 'self' blob: mediastream:; manifest-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
    )


def console_routes(console: Console) -> list[web.RouteDef]:
    """The page at '/', and every file by its name."""

    async def send(request: web.Request) -> web.Response:
        file = console.files.get(request.match_info.get("path", PAGE))
        if file is None:
            raise Failed(Problem.NOT_FOUND)
        tag = f'"{file.integrity}"'
        headers = {**console.headers, "Cache-Control": "no-cache", "ETag": tag}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.content, headers={**headers, "Content-Type": f"{file.kind}; charset=utf-8"})

    return [web.get("/", send), web.get("/{path:.+}", send)]
