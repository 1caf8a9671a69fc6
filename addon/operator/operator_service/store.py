"""The contract of the store. Every method either did what it says or raised StoreFailed and did nothing."""

from collections.abc import Sequence
from typing import Protocol

from .queue import Planned
from .rows import (
    Browser,
    CheckpointRow,
    Entry,
    Hub,
    KeeperKey,
    KeptRow,
    LookRow,
    Municipality,
    Pairing,
    PasskeyRow,
    PlanRow,
    ReceiptRow,
    Search,
    Session,
    SleepRow,
    Standing,
    User,
    Visit,
    WishesRow,
)


class PeopleStore(Protocol):
    """Roster, logins and the keys of browsers."""

    async def municipality(self) -> Municipality | None:
        """The pinned root, or None before the first."""
        ...

    async def pin(self, root: Municipality) -> bool:
        """Pin the root; False where another is pinned already."""
        ...

    async def user(self, login: str) -> User | None:
        """A person of the roster."""
        ...

    async def users(self) -> list[User]:
        """The roster by login."""
        ...

    async def save_user(self, user: User) -> None:
        """Add or change a person. The sessions of one whose password changed end."""
        ...

    async def remove_user(self, login: str) -> bool:
        """Remove a person with sessions and keys; False where there is none."""
        ...

    async def session(self, session_id: str) -> Session | None:
        """A session."""
        ...

    async def add_session(self, session: Session) -> None:
        """A new login."""
        ...

    async def touch_session(self, session_id: str, now: int) -> None:
        """The session was used."""
        ...

    async def end_session(self, session_id: str) -> None:
        """Logout."""
        ...

    async def drop_sessions(self, created: int, used: int) -> None:
        """Forget those made before ``created`` or unused since ``used``."""
        ...

    async def browser(self, key: str) -> Browser | None:
        """The browser with this key."""
        ...

    async def ask_browser(self, browser: Browser) -> bool:
        """A browser asks for a credential; False where the key belongs to somebody else."""
        ...

    async def certify_browser(self, key: str, credential: str, expires: int) -> bool:
        """The root has answered; False where the key is unknown."""
        ...

    async def browsers(self) -> list[Browser]:
        """All, newest last."""
        ...

    async def passkey(self, kid: str) -> PasskeyRow | None:
        """The passkey with this thumbprint."""
        ...

    async def passkeys(self, login: str = "") -> list[PasskeyRow]:
        """All (of one person), newest last."""
        ...

    async def ask_passkey(self, passkey: PasskeyRow) -> bool:
        """A passkey was registered; False where it belongs to somebody else."""
        ...

    async def certify_passkey(self, kid: str, chain: tuple[str, ...], expires: int) -> bool:
        """It is certified; False where it is unknown."""
        ...

    async def standing(self) -> list[Standing]:
        """The newest policy and list of revoked keys, each where there is one."""
        ...

    async def keep_standing(self, told: Standing) -> None:
        """A newer one."""
        ...

    async def waiting_browsers(self, now: int) -> list[Browser]:
        """Browsers without a credential that is valid at ``now``, asked within a day."""
        ...


class HomeStore(Protocol):
    """Pairing, hubs, plans and receipts."""

    async def pairing(self, rendezvous: str) -> Pairing | None:
        """A meeting."""
        ...

    async def save_pairing(self, pairing: Pairing) -> None:
        """Add or change a meeting."""
        ...

    async def hub(self, hub: str) -> Hub | None:
        """A paired home."""
        ...

    async def hubs(self) -> list[Hub]:
        """All by label."""
        ...

    async def save_hub(self, hub: Hub) -> None:
        """Add a home or renew its certificate and label."""
        ...

    async def hub_status(self, hub: str, seen: int, paused: bool) -> None:
        """What the home told about itself."""
        ...

    async def propose(self, plan: PlanRow) -> bool:
        """A new plan; False unless its number is larger than any before."""
        ...

    async def plan(self, hub: str, number: int) -> PlanRow | None:
        """One plan."""
        ...

    async def newest_plan(self, hub: str, decision: str = "") -> PlanRow | None:
        """The plan with the largest number (with that decision, if given)."""
        ...

    async def plan_sent(self, hub: str, number: int, sent: int) -> None:
        """A plan went out to its home."""
        ...

    async def decide(self, plan: PlanRow) -> None:
        """Keep the home's answer. One plan at a time is accepted: an older one is then replaced."""
        ...

    async def end_plans(self, hub: str, entry: Entry) -> bool:
        """The home has left: no plan of it counts any more; False where none did."""
        ...

    async def add_receipt(self, receipt: ReceiptRow) -> ReceiptRow | None:
        """Store a receipt with what the chain says of it; None where it is there already."""
        ...

    async def broken_receipts(self, after: int, before: int) -> int:
        """How many stored in [after, before) have a gap before them or contradict another."""
        ...


class KeeperStore(Protocol):
    """The service's key, its checkpoints and what they cover."""

    async def keeper_key(self) -> KeeperKey | None:
        """The present key."""
        ...

    async def save_keeper_key(self, key: KeeperKey) -> None:
        """A new key instead of the one before; what no home has noted under that one is to be covered anew."""
        ...

    async def certify_keeper_key(self, kid: str, certificate: str) -> None:
        """The root's answer."""
        ...

    async def uncovered(self) -> list[str]:
        """The receipts, by hash, that no checkpoint covers, by hub and sequence."""
        ...

    async def checkpoint(self, night: str) -> CheckpointRow | None:
        """The one of this night."""
        ...

    async def add_checkpoint(self, row: CheckpointRow, receipts: Sequence[str]) -> bool:
        """With what it covers, in the tree's order, all or nothing; False where the night has one or the key is new."""
        ...

    async def covered(self, night: str) -> list[str]:
        """What this night's checkpoint covers, in the tree's order."""
        ...

    async def untold(self, hub: str, most: int) -> list[KeptRow]:
        """What a home has not noted, oldest night first."""
        ...

    async def note(self, hub: str, receipts: Sequence[str]) -> None:
        """The home has noted these of its own."""
        ...


class WishStore(Protocol):
    """What clients want and tell."""

    async def wishes(self, hub: str) -> WishesRow | None:
        """The newest wishes of a home."""
        ...

    async def all_wishes(self) -> list[WishesRow]:
        """The newest of each home."""
        ...

    async def save_wishes(self, wishes: WishesRow) -> bool:
        """Keep them instead of those before; False where they are older."""
        ...

    async def save_sleep(self, sleep: SleepRow) -> bool:
        """Keep how a night was instead of what was told of it before; False where that is newer."""
        ...

    async def sleep(self, first: str) -> list[SleepRow]:
        """The nights from this one on, in order."""
        ...

    async def forget_sleep(self, before: str) -> None:
        """Remove the nights before this one."""
        ...


class WorkStore(Protocol):
    """The queue, the visits, the looks and the log."""

    async def planned(self, hub: str, occurrence: str) -> Planned | None:
        """One occurrence."""
        ...

    async def unended(self, hub: str = "") -> list[Planned]:
        """All that have not ended (of one home)."""
        ...

    async def starting(self, after: int, before: int) -> list[Planned]:
        """All that start in [after, before)."""
        ...

    async def recent(self, after: int) -> list[Planned]:
        """Those not ended, and those ended whose window ended after ``after``."""
        ...

    async def add_planned(self, hub: str, rows: Sequence[Planned], until: int, entries: Sequence[Entry]) -> None:
        """Add the occurrences that are not there yet, remember that the home is planned up to ``until``."""
        ...

    async def withdraw(self, row: Planned, entry: Entry) -> bool:
        """Take away an occurrence that is no longer agreed; False where it has changed meanwhile."""
        ...

    async def change(self, old: Planned, new: Planned, entries: Sequence[Entry], visit: Visit | None = None) -> bool:
        """Write ``new`` over ``old`` with its log and visit, all or nothing; False where somebody else was first."""
        ...

    async def claims(self, login: str, now: int) -> list[Planned]:
        """What a person holds."""
        ...

    async def extend_claims(self, login: str, now: int, until: int) -> None:
        """The holder is alive."""
        ...

    async def visit(self, visit_id: str) -> Visit | None:
        """One visit."""
        ...

    async def visit_of(self, hub: str, occurrence: str) -> Visit | None:
        """The visit that an occurrence became."""
        ...

    async def visits(self, finished_after: int) -> list[Visit]:
        """Those not finished, and those finished later than that."""
        ...

    async def add_visit(self, visit: Visit, entry: Entry) -> bool:
        """A visit that the client asked for; False where it is known already."""
        ...

    async def change_visit(self, old: Visit, new: Visit, entry: Entry) -> bool:
        """Change a visit (not one that finishes an occurrence: that is ``change``); False where it has changed."""
        ...

    async def look(self, look: str) -> LookRow | None:
        """One look."""
        ...

    async def add_look(self, look: LookRow) -> bool:
        """A new look; False where the id was used before."""
        ...

    async def save_look(self, look: LookRow, *entries: Entry) -> None:
        """Change a look, with its log."""
        ...

    async def looks_without_receipt(self, after: int, before: int) -> int:
        """How many opened in [after, before) have no receipt."""
        ...

    async def log(self, *entries: Entry) -> None:
        """Add lines."""
        ...

    async def entries(self, search: Search) -> list[Entry]:
        """Find lines, newest first."""
        ...


class Store(PeopleStore, HomeStore, KeeperStore, WishStore, WorkStore, Protocol):
    """Everything that is kept."""

    async def open(self) -> None:
        """Make, check or bring up the tables. Raises StoreFailed where it is damaged, locked or newer than we know."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...

    async def check(self) -> None:
        """Raises StoreFailed where it cannot be read now."""
        ...
