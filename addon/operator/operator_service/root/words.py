"""The root key as 24 words (BIP-39), for paper: 32 bytes and a checksum. The console makes and reads the same words."""

from typing import Final

from mnemonic import Mnemonic

COUNT: Final = 24
_WORDS: Final = Mnemonic("english")


class WordsError(Exception):
    """What was typed is not a root key; the text is for the person at the keyboard."""


def words_of(seed: bytes) -> str:
    """The words of a 32-byte key, with spaces between."""
    return _WORDS.to_mnemonic(seed)


def seed_of(typed: str) -> bytes:
    """The key behind words as somebody typed them. Raises WordsError."""
    words = typed.replace(",", " ").replace(".", " ").replace(";", " ").lower().split()
    if len(words) != COUNT:
        raise WordsError(f"{COUNT} words are needed, there are {len(words)}")
    if unknown := [one for one in words if one not in _WORDS.wordlist]:
        raise WordsError(f"not a word of the list: {unknown[0]}")
    try:
        return bytes(_WORDS.to_entropy(words))
    except ValueError as err:
        raise WordsError("a word is wrong, or two have changed places (the checksum does not fit)") from err
