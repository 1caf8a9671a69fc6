"""Sign the list of the console's files, once somebody has looked at them; tillsyn-verify compares a host with it."""

import time
from pathlib import Path

from operator_service.console import Console
from tillsyn.identity import SigningKey
from tillsyn.wire import CONSOLE_LIST

from .keyfile import KeyFileError


def sign_console(key: SigningKey, folder: Path, service: str) -> int:
    """Write the list into the console's folder; how many files are in it. Raises KeyFileError where it cannot be.

    ``service``: origin of the operator service where the console is hosted apart from it, else ''.
    """
    listed = Console(folder, service).listed(key.public, int(time.time()))
    try:
        (folder / CONSOLE_LIST).write_text(key.sign(listed), encoding="ascii")
    except OSError as err:
        raise KeyFileError(f"{folder} cannot be written to: {err.strerror}") from err
    return len(listed.files)
