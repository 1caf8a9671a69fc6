"""The words that two screens show while a home is paired."""

from dataclasses import replace
from itertools import combinations

import pytest

from tests.tillsyn.test_identity import CODE, HUB, STRANGER
from tillsyn.identity import PairingCode, digest
from tillsyn.words import ENGLISH, SWEDISH


def _distance(one: str, other: str) -> int:
    """Letters to change, add or take away (Levenshtein)."""
    before = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        now = [row]
        for column, right in enumerate(other, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (left != right)))
        before = now
    return before[-1]


@pytest.mark.parametrize("words", [SWEDISH, ENGLISH], ids=["sv", "en"])
def test_no_word_is_taken_for_another(words: tuple[str, ...]) -> None:
    assert len(words) == 256
    assert all(word.isalpha() and word == word.lower() and 3 <= len(word) <= 12 for word in words)
    assert not [pair for pair in combinations(words, 2) if _distance(*pair) < 2]


def test_both_ends_show_the_same_and_nobody_else_does() -> None:
    shown = CODE.words(HUB.public)
    assert len(shown) == 5
    assert shown == PairingCode.decode(CODE.encode()).words(HUB.public)
    assert shown != CODE.words(STRANGER.public)
    assert shown != replace(CODE, root=digest("evil root")).words(HUB.public)
    assert shown != replace(CODE, secret=digest("another")).words(HUB.public)
