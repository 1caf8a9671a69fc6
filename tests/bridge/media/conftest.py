"""Real parts for the media tests: a TURN server, a browser, a scripted camera."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bridge.media import IceConfig

from .scripted_camera import ScriptedCamera

USER, PASSWORD = "look", "turn-secret"


@dataclass(frozen=True)
class Turn:
    """A running coturn on loopback."""

    port: int
    tls_port: int
    certificate: Path
    process: asyncio.subprocess.Process

    def url(self, transport: str = "udp") -> str:
        if transport == "tls":
            return f"turns:localhost:{self.tls_port}?transport=tcp"
        return f"turn:127.0.0.1:{self.port}?transport={transport}"

    def config(self, *transports: str) -> IceConfig:
        return IceConfig(tuple(self.url(t) for t in transports or ("udp",)), USER, PASSWORD)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Certificate and key for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, secret


@asynccontextmanager
async def run_turn(folder: Path) -> AsyncIterator[Turn]:
    """Start coturn, wait until it answers, stop it by its own process."""
    binary = shutil.which("turnserver")
    if binary is None:
        pytest.skip("coturn (turnserver) is not installed")
    port, tls_port = free_port(), free_port()
    certificate, key = self_signed(folder)
    options = {
        "listening-ip": "127.0.0.1",
        "relay-ip": "127.0.0.1",
        "listening-port": port,
        "tls-listening-port": tls_port,
        "cert": certificate,
        "pkey": key,
        "realm": "look",
        "user": f"{USER}:{PASSWORD}",
        "cli-password": "unused",
        "log-file": "stdout",
        "pidfile": folder / "turn.pid",
        "userdb": folder / "turn.db",
    }
    flags = ["-n", "--no-cli", "--no-dtls", "--lt-cred-mech", "--allow-loopback-peers", "--no-stdout-log"]
    arguments = [f"--{name}={value}" for name, value in options.items()]
    with (folder / "turn.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(binary, *flags, *arguments, stdout=log, stderr=log)
    try:
        async with asyncio.timeout(5):
            for wanted in (port, tls_port):
                while not await answers(wanted):  # noqa: ASYNC110 - another process gives no event
                    await asyncio.sleep(0.02)
        yield Turn(port, tls_port, certificate, process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.fixture
async def turn(tmp_path: Path) -> AsyncIterator[Turn]:
    async with run_turn(tmp_path) as server:
        yield server


@pytest.fixture
async def camera() -> AsyncIterator[ScriptedCamera]:
    async with ScriptedCamera() as camera:
        yield camera
