"""A Merkle tree over the receipts of a night (RFC 9162 section 2.1): one hash for all, a short proof that one is in.

Leaves are the SHA-256 hashes of receipts; a leaf and a node are hashed with different first bytes, so that neither can
stand in for the other.
"""

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves."""


class NotIncluded(Exception):
    """The proof does not show that this entry is in the tree."""


def _leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below ``size``, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def root(entries: Sequence[bytes]) -> bytes:
    """The hash over all entries in their order."""
    if not entries:
        return EMPTY
    if len(entries) == 1:
        return _leaf(entries[0])
    half = _split(len(entries))
    return _node(root(entries[:half]), root(entries[half:]))


def proof(entries: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes beside the way from entry ``index`` up to the root, lowest first. Raises IndexError."""
    if not 0 <= index < len(entries):
        raise IndexError(index)
    if len(entries) == 1:
        return ()
    half = _split(len(entries))
    if index < half:
        return (*proof(entries[:half], index), root(entries[half:]))
    return (*proof(entries[half:], index - half), root(entries[:half]))


def tree(entries: Sequence[bytes]) -> tuple[bytes, list[tuple[bytes, ...]]]:
    """The hash over all entries, and the ``proof`` of each, worked out once for all."""
    if not entries:
        return EMPTY, []
    if len(entries) == 1:
        return _leaf(entries[0]), [()]
    half = _split(len(entries))
    (left, before), (right, after) = tree(entries[:half]), tree(entries[half:])
    return _node(left, right), [*((*one, right) for one in before), *((*one, left) for one in after)]


def check(expected: bytes, size: int, index: int, entry: bytes, path: Sequence[bytes]) -> None:
    """That ``entry`` is number ``index`` of ``size`` under the root ``expected`` (RFC 9162 section 2.1.3.2).

    Raises NotIncluded.
    """
    if not 0 <= index < size or len(path) > 64 or _climbed(size, index, _leaf(entry), list(path)) != expected:
        raise NotIncluded


def _climbed(size: int, index: int, found: bytes, path: list[bytes]) -> bytes | None:
    """The root that this path leads to, None where it is too short or too long."""
    if size == 1:
        return None if path else found
    if not path:
        return None
    beside, half = path.pop(), _split(size)
    below = _climbed(half, index, found, path) if index < half else _climbed(size - half, index - half, found, path)
    if below is None:
        return None
    return _node(below, beside) if index < half else _node(beside, below)
