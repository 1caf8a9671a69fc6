"""What an open console is told, and in which order."""

import json

from operator_service.login import Viewer
from operator_service.rows import User
from operator_service.screens import Screen


class Said:
    """Keeps what would go out on the socket."""

    def __init__(self) -> None:
        self.frames: list[str] = []

    def put(self, text: str) -> None:
        self.frames.append(json.loads(text)["type"])


def _screen(said: Said) -> Screen:
    user = User.__new__(User)
    return Screen(Viewer("session", user), said)  # type: ignore[arg-type]


def test_what_changes_while_the_queue_is_read_comes_after_it() -> None:
    said = Said()
    screen = _screen(said)
    screen.put({"type": "row_gone"})
    screen.whole({"type": "queue"})
    screen.put({"type": "row"})
    assert said.frames == ["queue", "row_gone", "row"]


def test_the_same_holds_when_it_is_read_again_after_a_fault() -> None:
    said = Said()
    screen = _screen(said)
    screen.whole({"type": "queue"})
    screen.hold()
    screen.put({"type": "row"})
    screen.whole({"type": "queue"})
    assert said.frames == ["queue", "queue", "row"]
