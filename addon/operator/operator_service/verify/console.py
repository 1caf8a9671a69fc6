"""Whether a host serves the console that the municipality has looked at: each file against the list the root signed.

Run it from another machine than the host's, now and then: a host can still show one person something else than it
shows here.
"""

from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, build_opener

from tillsyn.errors import Refused
from tillsyn.identity import PublicKey, digest, parse
from tillsyn.wire import CONSOLE_LIST, ConsoleFiles

_MOST_BYTES: Final = 4 * 1024 * 1024
_PATIENCE: Final = 15.0


class NotTheSame(Exception):
    """What is served is not what was signed; the text says what."""


def _fetch(url: str, name: str) -> bytes:
    request = Request(f"{url.rstrip('/')}/{quote(name)}", headers={"Cache-Control": "no-cache"})  # noqa: S310 # checked
    try:
        with build_opener().open(request, timeout=_PATIENCE) as answer:
            found: bytes = answer.read(_MOST_BYTES + 1)
    except HTTPError as err:
        raise NotTheSame(f"{name} is not served ({err.code})") from err
    except HTTPException as err:
        raise NotTheSame(f"{name} cannot be read") from err
    if len(found) > _MOST_BYTES:
        raise NotTheSame(f"{name} is too large")
    return found


def check_console(url: str, root: str) -> list[str]:
    """The names of the files that were compared. ``root``: thumbprint of the key. Raises NotTheSame or OSError."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
        raise NotTheSame("the address needs http(s)://HOST[:PORT] without a path")
    try:
        parsed = parse(ConsoleFiles, _fetch(url, CONSOLE_LIST).decode("ascii", "replace").strip())
        key = PublicKey(parsed.statement.key)
        signed = parsed.verified(key)
        signed.check_names()
    except Refused as err:
        raise NotTheSame(f"the signed list of files does not hold ({err.code})") from err
    if key.kid != root:
        raise NotTheSame("the list of files is signed by another root key")
    for file in signed.files:
        if digest(_fetch(url, file.path)) != file.hash:
            raise NotTheSame(f"{file.path} is not the file that was signed")
    return [file.path for file in signed.files]
