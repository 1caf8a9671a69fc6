"""A TURN server (coturn) on loopback, so that the demo's picture goes the way it goes between home and municipality."""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from .processes import Processes, free_port, say


@dataclass(frozen=True, slots=True)
class Relay:
    """Where the TURN server is and the file with the secret it shares with the operator service."""

    url: str
    secret_file: Path


async def start_relay(processes: Processes, folder: Path) -> Relay | None:
    """Start coturn, or say that looks go directly because it is not installed."""
    program = shutil.which("turnserver") or shutil.which("turnserver", path="/usr/bin:/usr/sbin")
    if program is None:
        say("No TURN server on this machine (Debian: apt-get install coturn): the picture goes directly on loopback")
        return None
    port, secret = free_port(), secrets.token_urlsafe(24)
    secret_file = folder / "turn-secret"
    secret_file.write_text(secret)
    secret_file.chmod(0o600)
    settings = folder / "turnserver.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        "\n".join(
            (
                "listening-ip=127.0.0.1",
                "relay-ip=127.0.0.1",
                f"listening-port={port}",
                "min-port=50000",
                "max-port=50999",
                "use-auth-secret",
                f"static-auth-secret={secret}",
                "realm=demo",
                "allow-loopback-peers",
                "no-cli",
                "no-tls",
                "no-dtls",
                "no-software-attribute",
                "fingerprint",
                "log-file=stdout",
                "simple-log",
                f"pidfile={folder / 'turnserver.pid'}",
                f"userdb={folder / 'turndb'}",
            )
        )
    )
    await processes.start("turn", [program, "-c", settings], ready=False)
    return Relay(f"turn:127.0.0.1:{port}?transport=udp", secret_file)
