"""`python -m operator_service`: serve until told to stop."""

import asyncio
import json
import logging
import os
import signal
import ssl
import sys
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from .clock import SystemClock
from .problems import StoreFailed
from .service import build
from .settings import Settings, read_settings
from .sql_work import SqlStore
from .web import application

STORE_NAME = "operator.db"
_LOG = logging.getLogger(__name__)


def store_in(data: Path) -> SqlStore:
    """The store in this folder, readable by nobody else."""
    os.umask(0o077)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqlStore(data / STORE_NAME)


async def serve(settings: Settings) -> int:
    """Until SIGTERM or SIGINT. The one line on stdout says where."""
    try:
        store = store_in(settings.data)
        await store.open()
    except (StoreFailed, OSError) as err:
        sys.stderr.write(f"store_failed: the store in {settings.data} cannot be used: {err}\n")
        return 1
    try:
        tls = _tls(settings)
    except OSError:  # also where the files are there but do not fit
        sys.stderr.write("the certificate or its key cannot be used\n")
        await store.close()
        return 1
    service = build(store, SystemClock(), settings.turn)
    app = application(service, settings.front, settings.console)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port, ssl_context=tls)
        await site.start()
        if await service.setup.is_open():
            _LOG.warning("No municipality yet. Set-up code for the first-run wizard: %s", service.setup.code)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        port = runner.addresses[0][1]
        sys.stdout.write(
            json.dumps({"url": settings.front.public_url or f"{'https' if tls else 'http'}://{host}:{port}"}) + "\n"
        )
        sys.stdout.flush()
        await _told_to_stop()
    except OSError as err:
        sys.stderr.write(f"cannot listen on {settings.host}:{settings.port}: {os.strerror(err.errno or 0)}\n")
        return 1
    finally:
        await runner.cleanup()
        await store.close()
    return 0


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certificate, settings.key)
    return context


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    await stop.wait()


def main() -> None:
    """The command."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = read_settings()
    with suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(serve(settings)))


if __name__ == "__main__":
    main()
