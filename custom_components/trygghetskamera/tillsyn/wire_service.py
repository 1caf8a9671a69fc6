"""What can be held against the municipality's service and console: the receipts it has kept, and the files it shows."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from .strict import Shape, bad, day, many, matching, whole
from .wire_fields import HASH, SECONDS, Statement

CONSOLE_LIST: Final = "console.jws"
"""Where a console has the list of its files that the root has signed."""


@dataclass(frozen=True, slots=True)
class ServiceKey(Statement):
    """The root certifies the key with which its service stands for what it has kept. It opens nothing."""

    TYP: ClassVar[str] = "tk-service-key"
    SHAPE: ClassVar[Shape] = Shape({"key": HASH, "iat": SECONDS, "exp": SECONDS})
    key: str
    iat: int
    exp: int


@dataclass(frozen=True, slots=True)
class Checkpoint(Statement):
    """The service has kept ``size`` receipts that it has taken in since its checkpoint before; ``root`` is the hash
    over their tree (merkle.py), in the order of hub and sequence. It is made once for each night (local date of the
    evening; noon to noon), when that is over: a receipt that comes late is in that of a later night.
    """

    TYP: ClassVar[str] = "tk-checkpoint"
    SHAPE: ClassVar[Shape] = Shape({"night": day, "size": whole(1, 2**31), "root": HASH, "iat": SECONDS})
    night: date
    size: int
    root: str
    iat: int


@dataclass(frozen=True, slots=True)
class Included:
    """Not signed: that the receipt with this hash is number ``index``, from 0, in the tree of a checkpoint. ``path``:
    the hashes beside its way to the root, lowest first (RFC 9162 section 2.1.3).
    """

    receipt: str
    index: int
    path: tuple[str, ...]


_INCLUDED = Shape({"receipt": HASH, "index": whole(0, 2**31), "path": many(HASH, 0, 31)})


def included(value: object) -> Included:
    """Check the shape; whether it proves anything is for checkpoints.py."""
    return Included(**_INCLUDED.read(value))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ConsoleFile:
    """A file of the console as it is sent: its path without the first '/', and its SHA-256."""

    path: str
    hash: str


_FILE = Shape({"path": matching(r"[A-Za-z0-9_-][A-Za-z0-9_./-]{0,79}"), "hash": HASH})


def _file(value: object) -> ConsoleFile:
    return ConsoleFile(**_FILE.read(value))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ConsoleFiles(Statement):
    """The files of the console that the municipality has looked at, signed by the root whose key is ``key``."""

    TYP: ClassVar[str] = "tk-console"
    LIMIT: ClassVar[int] = 32_768
    SHAPE: ClassVar[Shape] = Shape({"key": HASH, "files": many(_file, 1, 200), "iat": SECONDS})
    key: str
    files: tuple[ConsoleFile, ...]
    iat: int

    def check_names(self) -> None:
        """Raises Refused where a file is there twice."""
        if len({one.path for one in self.files}) != len(self.files):
            raise bad("file twice")
