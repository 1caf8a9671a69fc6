"""The consoles that are open now, and what each may see."""

import json
from dataclasses import dataclass, field

from tillsyn.frames import Signed

from . import views
from .clock import Clock
from .desk import Line, Task
from .homes import Homes
from .login import Viewer
from .queue import Planned
from .rows import User
from .sockets import Outbox


@dataclass(slots=True, eq=False)
class Screen:
    """One open console."""

    viewer: Viewer
    outbox: Outbox
    _later: list[views.Json] | None = field(default_factory=list)

    def put(self, message: views.Json) -> None:
        """Send, or drop where the console is gone: it gets the whole queue when it comes back."""
        if self._later is not None:
            self._later.append(message)
        else:
            self.outbox.put(json.dumps(message, ensure_ascii=False))

    def whole(self, queue: views.Json) -> None:
        """The whole queue. What changed while it was read was held back and follows, so nothing is undone by it."""
        later, self._later = self._later or [], None
        for message in (queue, *later):
            self.put(message)

    def hold(self) -> None:
        """The whole queue is about to be read."""
        self._later = self._later or []


class Screens:
    """All open consoles. Known to desk.py as Screens and to looks.py as ToBrowsers."""

    def __init__(self, clock: Clock, homes: Homes) -> None:
        """None open."""
        self._clock, self._homes = clock, homes
        self._open: set[Screen] = set()
        self._units: dict[str, set[str]] = {}
        self.names: dict[str, str] = {}

    def know(self, users: list[User]) -> None:
        """The names to show for logins."""
        self.names |= {one.login: one.name for one in users}

    def add(self, screen: Screen) -> None:
        """A console opened."""
        self._open.add(screen)

    def remove(self, screen: Screen) -> None:
        """A console closed."""
        self._open.discard(screen)

    def end_session(self, session: str) -> None:
        """Somebody logged out."""
        for screen in self._open:
            if screen.viewer.session == session:
                screen.outbox.close(4401)

    def close(self) -> None:
        """The service stops."""
        for screen in self._open:
            screen.outbox.close(1001)

    def line(self, line: Line, viewer: Viewer) -> views.Json:
        """A row as this person sees it."""
        home, now = self._homes.get(line.row.hub), self._clock.now()
        return views.line(line, home, self.names, viewer.user.login, now)

    def task(self, task: Task) -> views.Json:
        """A visit."""
        return views.task(task, self.names)

    def show_line(self, line: Line) -> None:
        """A row is new or has changed."""
        self._units.setdefault(line.row.hub, set()).add(line.row.unit)
        for screen in self._seeing(line.row.unit):
            screen.put({"type": "row", "row": self.line(line, screen.viewer)})

    def drop_line(self, row: Planned) -> None:
        """A row is no longer agreed."""
        for screen in self._seeing(row.unit):
            screen.put({"type": "row_gone", "hub": row.hub, "occurrence": row.occurrence})

    def show_task(self, task: Task) -> None:
        """A visit is new or has changed."""
        for screen in self._seeing(task.visit.unit):
            screen.put({"type": "visit", "visit": self.task(task)})

    def show_home(self, hub: str) -> None:
        """A home is online or offline, or told something new."""
        units = self._units.get(hub, set())
        fields = views.home_fields(self._homes.get(hub), self._clock.now())
        for screen in self._open:
            if units & set(screen.viewer.user.units):
                screen.put({"type": "home", "hub": hub, **fields})

    def show_credential(self, login: str, kid: str, chain: tuple[str, ...]) -> None:
        """A browser or passkey of this person was certified."""
        for screen in self._open:
            if screen.viewer.user.login == login:
                screen.put({"type": "credential", "kid": kid, "chain": list(chain)})

    def show_will(self, will: views.Json) -> None:
        """There is a new policy or list of revoked keys."""
        for screen in self._open:
            screen.put({"type": "trust", **will})

    def show_people(self) -> None:
        """Somebody asks for a credential, or the roster has changed."""
        for screen in self._open:
            if "admin" in screen.viewer.user.roles:
                screen.put({"type": "people"})

    def remember(self, line: Line) -> None:
        """A row that a console got in its snapshot."""
        self._units.setdefault(line.row.hub, set()).add(line.row.unit)

    def send(self, session: str, frame: Signed) -> None:
        """A statement from a home, to all screens of this session."""
        for screen in self._open:
            if screen.viewer.session == session:
                screen.outbox.put(frame.encode())

    def _seeing(self, unit: str) -> list[Screen]:
        return [one for one in self._open if one.viewer.sees(unit)]
