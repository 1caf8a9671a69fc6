"""Thumbprints of keys on the command line."""

import argparse
from collections.abc import Iterable
from typing import Final

from tillsyn.errors import Refused
from tillsyn.wire import HASH

_LENGTH: Final = 43


def no_options(words: Iterable[str]) -> list[str]:
    """The command's words for argparse, which would take a thumbprint that begins with a hyphen for an option."""
    return [f"kid:{word}" if word.startswith("-") and len(word) == _LENGTH else word for word in words]


def kid(text: str) -> str:
    """A thumbprint as an argument's type. Raises argparse.ArgumentTypeError."""
    try:
        return HASH(text.removeprefix("kid:"))
    except Refused as err:
        raise argparse.ArgumentTypeError("not a thumbprint") from err
