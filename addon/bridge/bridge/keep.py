"""The bridge's own files: who this hub is, whom it trusts, and what an integration must show to get in.

Everything lies in one folder, readable by the bridge's user only, and is replaced whole or not at all. A file that is
damaged or missing stops the bridge with one clear line: a new identity is made in an empty folder and nowhere else.
"""

import contextlib
import datetime as dt
import hashlib
import os
import secrets
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tillsyn.chain import hub_certificate
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import CHAIN, Reached, Signed, decode, kinds
from tillsyn.identity import PublicKey, SigningKey, parse
from tillsyn.strict import Shape, b64u_decode, b64u_encode, dump, load, many, matching
from tillsyn.wire import HASH, HubCertificate, Policy, Revocations

from .trust import Said

HUB_KEY = "hub.key"
TLS = "home.pem"
TOKEN = "home.token"  # noqa: S105 - the name of a file
ACCESS_KEY = "access_key"
PAIRING = "pairing.json"
REACHED = "reached.json"
SAID = "said.json"
_LARGEST_FILE = 65_536
_TLS_YEARS = 40
"""Clients pin this certificate's hash and look at nothing else in it, so it must not run out under a home."""

_PAIRING_SHAPE = Shape(
    {
        "url": matching(r"wss?://[A-Za-z0-9.\-\[\]:]{1,253}(/[A-Za-z0-9/_.-]{0,100})?"),
        "root": HASH,
        "certificate": matching(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,4000}\.[A-Za-z0-9_-]{86}"),
        "chain": CHAIN,
    },
    absent={"chain": []},  # written before anybody but the root could sign the certificate
)


_TOKEN = matching(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,23000}\.[A-Za-z0-9_-]{86}")
_SAID_SHAPE = Shape({"root": HASH, "policy": many(_TOKEN, 0, 1), "revocations": many(_TOKEN, 0, 1), "chain": CHAIN})


class Damaged(Exception):
    """A file is missing or unreadable. The text is for the person who runs the bridge; it holds no secret."""

    def __init__(self, name: str, fault: str) -> None:
        """``name`` of the file in the folder, and what is wrong with it."""
        super().__init__(
            f"The file {name} in the bridge's folder {fault}. The bridge does not start, so that this home keeps its "
            "identity. Restore the file, or empty the folder and pair the home again."
        )


@dataclass(frozen=True, slots=True)
class Pairing:
    """The municipality that this hub is paired with: service address, pinned root key, and the hub's certificate with
    the chain of whoever signed it.
    """

    url: str
    root: PublicKey
    certificate: str
    chain: tuple[str, ...] = ()


class Keep:
    """What is kept, read once at start. Raises Damaged, or OSError where the folder cannot be used."""

    def __init__(self, folder: Path) -> None:
        """Read the folder, or fill an empty one."""
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The access key is written last and a pairing later still: with either, the rest must be there.
        complete = (folder / ACCESS_KEY).exists() or (folder / PAIRING).exists()
        self.token = self._token(complete)
        self.certificate_hash = self._certificate(complete)
        self.hub = self._hub(complete)
        self.pairing = self._pairing()
        self.reached = self._reached()
        self.said = self._said()
        access_key = f"TKB1.{b64u_encode(self.token)}.{b64u_encode(self.certificate_hash)}"
        self.access_key = access_key
        if self._read(ACCESS_KEY) != access_key.encode():
            self._write(ACCESS_KEY, access_key.encode())

    @property
    def access_key_file(self) -> Path:
        """Where a person without a Supervisor finds the access key."""
        return self._folder / ACCESS_KEY

    def tls(self) -> ssl.SSLContext:
        """The server side of the home link, TLS 1.3 only."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(self._folder / TLS)
        return context

    def store_pairing(self, pairing: Pairing) -> None:
        """Keep a pairing, in place of an earlier one. Raises OSError; the earlier one then still holds.

        What another root has said is forgotten with it; what is left of it by a crash is nobody's (trust.py).
        """
        fields = {
            "url": pairing.url, "root": pairing.root.x, "certificate": pairing.certificate, "chain": [*pairing.chain],
        }  # fmt: skip
        self._write(PAIRING, dump(fields))
        self.pairing = pairing
        if self.said is not None and self.said.root != pairing.root.x:
            self.said = None
            with contextlib.suppress(OSError):
                (self._folder / SAID).unlink(missing_ok=True)

    def store_reached(self, reached: Reached) -> None:
        """Keep how far the home's journal has come. Raises OSError. May be called in a thread."""
        self._write(REACHED, reached.encode().encode())

    def store_said(self, said: Said) -> None:
        """Keep what the root has said, in place of what it said before. Raises OSError."""
        listed = said.revocations
        fields = {
            "root": said.root,
            "policy": [] if said.policy is None else [said.policy.token],
            "revocations": [] if listed is None else [listed.token],
            "chain": [] if listed is None else list(listed.chain),
        }
        self._write(SAID, dump(fields))
        self.said = said

    # -- the files ----------------------------------------------------------------------------------------------------

    def _token(self, complete: bool) -> bytes:
        return _secret(TOKEN, self._made_once(TOKEN, complete, lambda: b64u_encode(secrets.token_bytes(32)).encode()))

    def _hub(self, complete: bool) -> SigningKey:
        text = self._made_once(HUB_KEY, complete, lambda: b64u_encode(SigningKey.generate().seed()).encode())
        return SigningKey.from_seed(_secret(HUB_KEY, text))

    def _certificate(self, complete: bool) -> bytes:
        pem = self._made_once(TLS, complete, _new_certificate)
        try:
            certificate = x509.load_pem_x509_certificate(pem)
            self.tls()
        except (ValueError, ssl.SSLError) as err:
            raise Damaged(TLS, "is damaged") from err
        return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()

    def _pairing(self) -> Pairing | None:
        raw = self._read(PAIRING)
        if raw is None:
            return None
        try:
            found: dict[str, Any] = _PAIRING_SHAPE.read(load(raw, _LARGEST_FILE))
            pairing = Pairing(found["url"], PublicKey(found["root"]), found["certificate"], tuple(found["chain"]))
            # Whether it has run out since is for the service to say: here it is only read again.
            made = parse(HubCertificate, pairing.certificate).statement.iat
            hub_certificate(pairing.root, None, pairing.certificate, pairing.chain, self.hub.public, made)
        except Refused as err:
            if err.code is Refusal.WRONG_HUB:
                raise Damaged(HUB_KEY, f"is not the one that {PAIRING} belongs to") from err
            raise Damaged(PAIRING, "is damaged") from err
        return pairing

    def _reached(self) -> Reached | None:
        """What the integration told last. Without it a journal that has gone back would be believed."""
        raw = self._read(REACHED)
        if raw is None:
            return None
        try:
            # A file of protocol 3 knows of no plans.
            known = {"shown_plan": 0, "agreed_plan": 0, **load(raw, _LARGEST_FILE)}
            found = decode(kinds(Reached), dump(known))
        except Refused as err:
            raise Damaged(REACHED, "is damaged") from err
        assert isinstance(found, Reached)
        return found

    def _said(self) -> Said | None:
        """What the root said before the restart. Without it an older list could be believed, so damage stops us."""
        raw = self._read(SAID)
        if raw is None:
            return None
        try:
            found: dict[str, Any] = _SAID_SHAPE.read(load(raw, _LARGEST_FILE))
            policy = next((Signed("", token) for token in found["policy"]), None)
            listed = next((Signed("", token, found["chain"]) for token in found["revocations"]), None)
            if policy is not None:
                parse(Policy, policy.token)
            if listed is not None:
                parse(Revocations, listed.token)
        except Refused as err:
            raise Damaged(SAID, "is damaged") from err
        return Said(found["root"], policy, listed)

    def _made_once(self, name: str, complete: bool, make: Callable[[], bytes]) -> bytes:
        """What the file holds, be it empty; it is made only where a folder is being filled and has none."""
        found = self._read(name)
        if found is not None:
            return found
        if complete:
            raise Damaged(name, "is missing")
        return self._write(name, make())

    def _read(self, name: str) -> bytes | None:
        path = self._folder / name
        try:
            with path.open("rb") as file:
                os.fchmod(file.fileno(), 0o600)
                raw = file.read(_LARGEST_FILE + 1)
        except FileNotFoundError:
            return None
        except OSError as err:
            raise Damaged(name, "cannot be read") from err
        if len(raw) > _LARGEST_FILE:
            raise Damaged(name, "is damaged")
        return raw

    def _write(self, name: str, content: bytes) -> bytes:
        """Replace a file whole: after a power cut there is the old or the new one, never half of either."""
        handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=self._folder)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self._folder / name)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return content


def _secret(name: str, text: bytes) -> bytes:
    try:
        raw = b64u_decode(text.decode("ascii").strip())
    except (Refused, UnicodeDecodeError) as err:
        raise Damaged(name, "is damaged") from err
    if len(raw) != 32:
        raise Damaged(name, "is damaged")
    return raw


def _new_certificate() -> bytes:
    """A self-made certificate and its key as PEM. It names nothing about the home."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "trygghetsbrygga")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=365))  # the hub's clock may be wrong on its first start
        .not_valid_after(now + dt.timedelta(days=365 * _TLS_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret + certificate.public_bytes(serialization.Encoding.PEM)
