"""Which field of a plan is not one that may be agreed on, and what it may be; for those who write plans."""

from collections.abc import Mapping
from typing import Final

from tillsyn.errors import Refused
from tillsyn.model import Fallback, Role, Room
from tillsyn.strict import b64u_decode, load
from tillsyn.wire import PlanStatement

MAY_BE: Final[Mapping[str, str]] = {
    "unit": "1 to 32 of a-z, 0-9, _ and -",
    "windows": "1 to 24 windows, each with an id of its own and not empty",
    "look_seconds": "10 to 120 seconds a look",
    "grace_seconds": "0 to 120 seconds after the window's end",
    "retry_within_minutes": "0 to 60 minutes for a retry",
    "max_retries": "0 to 3 retries",
    "roles": f"one or more of {', '.join(Role)}, each once",
    "fallback": f"one or more of {', '.join(Fallback)}, each once",
    "review": "a day that exists, YYYY-MM-DD",
    "rooms": f"one or more of {', '.join(Room)}, each once, the first is where a look begins",
    "contact": "at most 120 characters that can be seen",
    "keep_days": "30 to 3650 days that the home keeps its log",
    "move_minutes": "0 to 240 minutes that the client may move a look",
}
"""What each field may be, in words."""


def wrong(fields: Mapping[str, object]) -> str:
    """The first field that is not as it should be; '' where each of them by itself is."""
    for name, check in PlanStatement.SHAPE.fields.items():
        try:
            check(fields.get(name, PlanStatement.SHAPE.absent.get(name)))
        except Refused:
            return name
    return ""


def wrong_in(token: str) -> str:
    """The same of a signed plan; '' also where it cannot be read at all."""
    try:
        return wrong(load(b64u_decode(token.split(".")[1]), PlanStatement.LIMIT))
    except Refused:
        return ""
