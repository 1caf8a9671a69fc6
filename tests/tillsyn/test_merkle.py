"""The tree over a night's receipts: each is found in it, and nothing else is."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillsyn import merkle

NIGHT = [b"receipt %d" % number for number in range(13)]


def refused(root: bytes, size: int, index: int, entry: bytes, path: tuple[bytes, ...]) -> None:
    with pytest.raises(merkle.NotIncluded):
        merkle.check(root, size, index, entry, path)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_the_root_is_that_of_the_known_tree(size: int, expected: str) -> None:
    """The vectors of Certificate Transparency's reference implementation."""
    entries = [
        bytes.fromhex(one)
        for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
    ]
    assert merkle.root(entries[:size]).hex() == expected


@given(size=st.integers(1, 70), data=st.data())
def test_every_receipt_is_found(size: int, data: st.DataObject) -> None:
    entries = [hashlib.sha256(b"%d" % number).digest() for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    merkle.check(merkle.root(entries), size, index, entries[index], merkle.proof(entries, index))


@pytest.mark.parametrize("size", [*range(10), 33])
def test_the_whole_tree_at_once_is_the_same(size: int) -> None:
    entries = [b"%d" % number for number in range(size)]
    expected = (merkle.root(entries), [merkle.proof(entries, index) for index in range(size)])
    assert merkle.tree(entries) == expected


@given(data=st.data())
def test_a_changed_proof_proves_nothing(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(NIGHT) - 1))
    path = list(merkle.proof(NIGHT, index))
    at = data.draw(st.integers(0, len(path) - 1))
    match data.draw(st.sampled_from(["cut", "double", "change", "swap"])):
        case "cut":
            del path[at]
        case "double":
            path.insert(at, path[at])
        case "change":
            path[at] = hashlib.sha256(path[at]).digest()
        case _:
            path = [*path[1:], path[0]]
    if tuple(path) != merkle.proof(NIGHT, index):
        refused(merkle.root(NIGHT), len(NIGHT), index, NIGHT[index], tuple(path))


def test_a_receipt_that_was_left_out_is_not_found() -> None:
    without = NIGHT[:4] + NIGHT[5:]
    for index in range(len(without)):
        refused(merkle.root(without), len(without), index, NIGHT[4], merkle.proof(without, index))


def test_a_place_that_is_not_in_the_tree_is_refused() -> None:
    for index in (-1, len(NIGHT)):
        refused(merkle.root(NIGHT), len(NIGHT), index, NIGHT[0], merkle.proof(NIGHT, 0))
        with pytest.raises(IndexError):
            merkle.proof(NIGHT, index)


def test_another_size_is_refused() -> None:
    refused(merkle.root(NIGHT), 1, 0, NIGHT[0], merkle.proof(NIGHT, 0))
    refused(merkle.root(NIGHT), 7, 0, NIGHT[0], merkle.proof(NIGHT, 0))


def test_a_node_is_no_receipt() -> None:
    """A second preimage: two leaves given out as one receipt (the reason for the first bytes)."""
    inner = b"".join(hashlib.sha256(b"\x00" + one).digest() for one in NIGHT[:2])
    refused(merkle.root(NIGHT[:2]), 1, 0, inner, ())
