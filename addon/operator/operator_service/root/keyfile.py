"""The file with the root key: AES-256-GCM under a key from Scrypt (RFC 7914) of the passphrase.

JSON, so that a person can see what it is; the municipality's name and the public key are readable and authenticated.
"""

import os
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tillsyn.errors import Refused
from tillsyn.identity import SigningKey
from tillsyn.strict import Shape, b64u_decode, b64u_encode, dump, load, matching, whole
from tillsyn.wire import HASH, NAME

MIN_PASSPHRASE: Final = 12
_COST: Final = 17  # log2(n): 128 MiB, about half a second
_LIMIT: Final = 2048
_SHAPE: Final = Shape(
    {
        "what": matching("trygghetskamera root key"),
        "version": whole(1, 1),
        "municipality": NAME,
        "root": HASH,
        "scrypt": whole(14, 20),
        "salt": matching("[A-Za-z0-9_-]{22}"),
        "nonce": matching("[A-Za-z0-9_-]{16}"),
        "box": matching("[A-Za-z0-9_-]{64}"),
    }
)


class KeyFileError(Exception):
    """The file cannot be made, read or opened; the text is for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class RootKey:
    """The opened key."""

    municipality: str
    key: SigningKey


def create(path: Path, municipality: str, passphrase: str, cost: int = _COST, key: SigningKey | None = None) -> RootKey:
    """Make the file of a new root key, or of ``key``. Raises KeyFileError, also where the file exists: a root key is
    never written over.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise KeyFileError(f"a passphrase needs at least {MIN_PASSPHRASE} characters")
    try:
        NAME(municipality)
    except Refused as err:
        raise KeyFileError("the municipality's name needs 1 to 80 printable characters") from err
    key, salt, nonce = key or SigningKey.generate(), secrets.token_bytes(16), secrets.token_bytes(12)
    box = AESGCM(_derive(passphrase, salt, cost)).encrypt(nonce, key.seed(), _bound(municipality, key.public.x))
    content = {
        "what": "trygghetskamera root key",
        "version": 1,
        "municipality": municipality,
        "root": key.public.x,
        "scrypt": cost,
        "salt": b64u_encode(salt),
        "nonce": b64u_encode(nonce),
        "box": b64u_encode(box),
    }
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(dump(content) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as err:
        raise KeyFileError(f"{path} cannot be made: {err.strerror}") from err
    return RootKey(municipality, key)


def read(path: Path, passphrase: str) -> RootKey:
    """Open the file. Raises KeyFileError where it is not one, or the passphrase is wrong."""
    try:
        found = _SHAPE.read(load(path.read_bytes(), _LIMIT))
    except OSError as err:
        raise KeyFileError(f"{path} cannot be read: {err.strerror}") from err
    except Refused as err:
        raise KeyFileError(f"{path} is not a root key file") from err
    municipality, root = str(found["municipality"]), str(found["root"])
    cost = found["scrypt"]
    if not isinstance(cost, int):
        raise KeyFileError(f"{path} is not a root key file")
    key = _derive(passphrase, b64u_decode(str(found["salt"])), cost)
    try:
        seed = AESGCM(key).decrypt(
            b64u_decode(str(found["nonce"])), b64u_decode(str(found["box"])), _bound(municipality, root)
        )
    except InvalidTag as err:
        raise KeyFileError("the passphrase is wrong, or the file was changed") from err
    return RootKey(municipality, SigningKey.from_seed(seed))


def _derive(passphrase: str, salt: bytes, cost: int) -> bytes:
    text = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=salt, length=32, n=2**cost, r=8, p=1).derive(text)


def _bound(municipality: str, root: str) -> bytes:
    return dump({"municipality": municipality, "root": root})
