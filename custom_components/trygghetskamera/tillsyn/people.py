"""Whose consent is needed and what each of them has said, and what a camera that is taken down again says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from .model import How, Relation

MOST: Final = 12
"""People whose consent one home can keep."""
REVIEW_AFTER: Final = timedelta(days=365)
"""When consent is asked about again, unless another day is chosen."""
_LATEST_REVIEW: Final = timedelta(days=731)
LOST_KEPT: Final = 32
_SAME_OCCASION_MS: Final = 15 * 60 * 1000
_SHORT_TIME_MS: Final = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whose consent is needed. ``given_ms`` 0: has not consented, or has withdrawn. ``review``: local date when
    it is to be asked about again.
    """

    id: str
    name: str
    relation: Relation
    user: str
    given_ms: int = 0
    how: How | None = None
    review: date | None = None

    def withdrawn(self) -> Person:
        """The same person, who does not consent."""
        return replace(self, given_ms=0, how=None, review=None)


@dataclass(frozen=True, slots=True)
class Lost:
    """A camera was taken down or unplugged."""

    camera: str
    at_ms: int


def all_consent(people: Sequence[Person]) -> bool:
    """Whether the client and every cohabitant have consented. A home whose client is not named has no consent."""
    has_client = any(one.relation is Relation.CLIENT for one in people)
    return has_client and all(one.given_ms for one in people)


def is_review_day(review: date, today: date) -> bool:
    """Whether consent may be asked about again on this day: a later day, and not so late that it is forgotten."""
    return today < review <= today + _LATEST_REVIEW


def to_ask_again(people: Sequence[Person], today: date) -> tuple[Person, ...]:
    """Those whose consent is due for review. It holds until they say otherwise."""
    return tuple(one for one in people if one.review is not None and one.review <= today)


def is_lost_again(lost: Sequence[Lost]) -> bool:
    """Whether cameras have disappeared on two occasions within 7 days: the client may want to stop.

    Several cameras that go together went on one occasion; the same camera can only go again once it has been put back.
    """
    began: list[int] = []
    gone: set[str] = set()
    for one in lost:
        if began and one.camera not in gone and one.at_ms - began[-1] <= _SAME_OCCASION_MS:
            gone.add(one.camera)
        else:
            began.append(one.at_ms)
            gone = {one.camera}
    return any(after - before <= _SHORT_TIME_MS for before, after in pairwise(began))
