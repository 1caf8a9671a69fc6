"""The file of the key that signs lists of revoked keys, and the newest list that its keeper knows.

The key lies open in it, for a machine signs with it day and night. It may sign lists and nothing else that counts: its
credential is for a unit that no home has. The list is here and not only at the service, which could show an old one and
have it signed anew.
"""

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tillsyn.chain import MAX_CREDENTIAL_SECONDS
from tillsyn.errors import Refused
from tillsyn.identity import PublicKey, SigningKey, parse
from tillsyn.model import Role
from tillsyn.strict import Shape, b64u_decode, b64u_encode, dump, load, many, matching, whole
from tillsyn.wire import HASH, Credential
from tillsyn.wire_people import MAX_REVOKED

from .keyfile import KeyFileError, RootKey

NAME: Final = "Spärrlistan"
UNIT: Final = "sparrlista"
"""Of no home, so that nobody certified with this key would be let in anywhere."""
_LIMIT: Final = 65_536
_SHAPE: Final = Shape(
    {
        "what": matching("trygghetskamera list key"),
        "version": whole(1, 1),
        "root": HASH,
        "seed": HASH,
        "credential": matching(r"[A-Za-z0-9_-]{1,400}\.[A-Za-z0-9_-]{1,4000}\.[A-Za-z0-9_-]{86}"),
        "number": whole(0, 2**31),
        "revoked": many(HASH, 0, MAX_REVOKED),
    }
)


@dataclass(frozen=True, slots=True)
class ListFile:
    """What is in the file. ``number`` 0: no list yet."""

    path: Path
    root: PublicKey
    key: SigningKey
    credential: str
    number: int
    revoked: tuple[str, ...]

    @property
    def expires(self) -> int:
        """Until when (s, UTC) the key may sign."""
        return parse(Credential, self.credential).statement.exp

    def knows(self, number: int, revoked: tuple[str, ...]) -> ListFile:
        """With a newer list, written down. Raises KeyFileError."""
        found = replace(self, number=number, revoked=revoked)
        _write(found)
        return found


def make(path: Path, root: RootKey, now: int) -> ListFile:
    """A new key, certified by the root for as long as may be. The list of an earlier file there goes on."""
    before = read(path) if path.exists() else None
    if before is not None and before.root != root.key.public:
        raise KeyFileError(f"{path} belongs to another root key")
    key = SigningKey.generate()
    iat = now - 60
    credential = Credential(key.public.x, NAME, (Role.ADMIN,), (UNIT,), iat, iat + MAX_CREDENTIAL_SECONDS)
    number, revoked = (0, ()) if before is None else (before.number, before.revoked)
    found = ListFile(path, root.key.public, key, root.key.sign(credential), number, revoked)
    _write(found)
    return found


def read(path: Path) -> ListFile:
    """Raises KeyFileError where it is none."""
    try:
        raw = path.read_bytes()
    except OSError as err:
        raise KeyFileError(f"{path} cannot be read: {err.strerror}") from err
    try:
        found: dict[str, Any] = _SHAPE.read(load(raw, _LIMIT))
        parse(Credential, found["credential"])
        key = SigningKey.from_seed(b64u_decode(found["seed"]))
        return ListFile(path, PublicKey(found["root"]), key, found["credential"], found["number"], found["revoked"])
    except Refused as err:
        raise KeyFileError(f"{path} is not a list key file") from err


def _write(kept: ListFile) -> None:
    """Whole or not at all."""
    content = {
        "what": "trygghetskamera list key",
        "version": 1,
        "root": kept.root.x,
        "seed": b64u_encode(kept.key.seed()),
        "credential": kept.credential,
        "number": kept.number,
        "revoked": list(kept.revoked),
    }
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{kept.path.name}.", dir=kept.path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(dump(content) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(kept.path)
    except OSError as err:
        raise KeyFileError(f"{kept.path} cannot be written: {err.strerror}") from err
