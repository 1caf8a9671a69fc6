"""Pairing: the hub shows its key to the service named in a code, and takes the municipality's certificate for it.

The code, typed or scanned at home, holds the hash of the root key: a service, or anybody on the way to it, cannot put
another root in its place. The MAC lets the installer's side know that this key comes from the hub that holds the code.
"""

import asyncio
import logging
import time
from typing import Final

import aiohttp

from tillsyn.errors import Refusal, Refused
from tillsyn.frames import Pair, Paired
from tillsyn.identity import PairingCode, PublicKey, SigningKey
from tillsyn.pairing import check_pairing

from .keep import Pairing
from .link import jitter
from .service_link import UNREACHABLE, LinkRefused, greet, receive

_LOGGER = logging.getLogger(__name__)

WAIT_SECONDS: Final = 600.0
"""How long the municipality may take to answer."""
CANNOT_STORE: Final = "cannot_store"
_RETRY_SECONDS: Final = 1.0


def checked(code: PairingCode, hub: SigningKey, paired: Paired, now: int) -> Pairing:
    """The pairing in the service's answer at ``now`` (s, UTC), if it is the code's municipality. Raises Refused."""
    root = PublicKey(paired.root)
    check_pairing(code, root, paired.certificate, paired.chain, hub.public, now)
    return Pairing(code.url, root, paired.certificate, paired.chain)


async def pair(session: aiohttp.ClientSession, hub: SigningKey, text: str) -> Pairing:
    """Pair by this code; nothing is stored. Raises LinkRefused (with the code to show) or Refused.

    A service that does not answer at first is an error at once; one that is lost while the municipality decides is
    asked again until the time is out.
    """
    code = PairingCode.decode(text)
    asked = False
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                try:
                    async with greet(session, code.url) as greeted:
                        request = Pair(code.rendezvous, hub.public.x, code.mac(hub.public))
                        await greeted.socket.send_str(request.encode())
                        asked = True
                        return checked(code, hub, await _answer(greeted.socket), int(time.time()))
                except (aiohttp.ClientError, OSError) as err:
                    if not asked:
                        raise LinkRefused(UNREACHABLE) from err
                await asyncio.sleep(jitter(_RETRY_SECONDS))
    except TimeoutError as err:
        raise LinkRefused(Refusal.TIMEOUT if asked else UNREACHABLE) from err


async def _answer(socket: aiohttp.ClientWebSocketResponse) -> Paired:
    frame = await receive(socket)
    if not isinstance(frame, Paired):
        raise Refused(Refusal.BAD_MESSAGE, "no pairing")
    return frame
