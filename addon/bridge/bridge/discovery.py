"""Telling Home Assistant about this bridge through the Supervisor, so that nobody has to type an address or a key."""

import asyncio
import logging
from dataclasses import dataclass, field

import aiohttp

from tillsyn.strict import Json

from .link import jitter

_LOGGER = logging.getLogger(__name__)

SERVICE = "trygghetskamera"
SUPERVISOR = "http://supervisor"


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Where the Supervisor is, and this app's token for it."""

    token: str = field(repr=False)
    url: str = SUPERVISOR


async def announce(supervisor: Supervisor, host: str, port: int, access_key: str) -> None:
    """Announce until the Supervisor has taken it, or says that it never will. Twice the same is harmless."""
    message: Json = {"service": SERVICE, "config": {"host": host, "port": port, "access_key": access_key}}
    timeout = aiohttp.ClientTimeout(total=10)
    headers = {"Authorization": f"Bearer {supervisor.token}"}
    delay = 1.0
    async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
        while True:
            try:
                async with session.post(f"{supervisor.url}/discovery", json=message, allow_redirects=False) as answer:
                    status = answer.status
            except aiohttp.ClientError, TimeoutError, OSError:
                status = 0
            if status == 200:
                _LOGGER.info("announced to Home Assistant")
                return
            _LOGGER.warning("Supervisor did not take the announcement", extra={"code": str(status)})
            if 400 <= status < 500:
                return
            await asyncio.sleep(jitter(delay))
            delay = min(delay * 2, 60.0)
