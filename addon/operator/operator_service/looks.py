"""The signed statements of a look on their way between a browser and a home.

They are checked here to refuse early and to keep the queue true; nothing that opens a camera depends on it.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from tillsyn import admission
from tillsyn.chain import Signer, signer
from tillsyn.errors import Refusal, Refused
from tillsyn.frames import Signed
from tillsyn.identity import Parsed, PublicKey, parse
from tillsyn.strict import b64u_decode, bad, load
from tillsyn.wire import (
    STATEMENTS,
    Answer,
    Close,
    Look,
    Offer,
    Opened,
    Prepare,
    Receipt,
    ReceiptAck,
    Refuse,
    Statement,
    Turn,
)

from . import queue
from .clock import Clock
from .desk import Desk, read_plan
from .login import Viewer
from .problems import Failed, Problem
from .rows import Entry, Hub, LookRow, ReceiptRow
from .store import Store
from .will import Will

FROM_BROWSER: Final = frozenset({Prepare.TYP, Answer.TYP, Look.TYP, Turn.TYP, Close.TYP, ReceiptAck.TYP})
FROM_HOME: Final = frozenset({Offer.TYP, Opened.TYP, Refuse.TYP, Receipt.TYP})
BLINK: Final = 60
"""A home that lost its link less than this ago may be back in a moment: the operator is told, the patrol is not."""
_SKEW: Final = 120
_REMEMBERED: Final = 2000


class ToHomes(Protocol):
    """The links to the homes."""

    def send(self, hub: str, frame: Signed) -> bool:
        """False where the home is not connected."""
        ...

    async def settled(self, hub: str) -> None:
        """Return once what the home has sent so far is stored (or after a short while)."""
        ...


class ToBrowsers(Protocol):
    """The screens."""

    def send(self, session: str, frame: Signed) -> None:
        """To all screens of this session."""
        ...


def typ(token: str, allowed: frozenset[str]) -> str:
    """Which statement a token says it is. Raises Refused where that is not allowed here."""
    found = load(b64u_decode(token.partition(".")[0]), 160).get("typ")
    if not isinstance(found, str) or found not in allowed or found not in STATEMENTS:
        raise bad("typ")
    return found


class Looks:
    """Relays and follows all looks."""

    def __init__(
        self, store: Store, clock: Clock, desk: Desk, homes: ToHomes, browsers: ToBrowsers, will: Will
    ) -> None:
        """No look yet; those in the store are found when spoken of."""
        self._store, self._clock, self._desk = store, clock, desk
        self._homes, self._browsers, self._will = homes, browsers, will
        self._known: OrderedDict[str, LookRow] = OrderedDict()

    # ---- from a browser -----------------------------------------------------------------------------------------

    async def from_browser(self, viewer: Viewer, frame: Signed) -> None:
        """Check and relay. Raises Refused or Failed with the code for the operator, or StoreFailed."""
        kind = typ(frame.token, FROM_BROWSER)
        closing = kind == Close.TYP and self._close_first(viewer, frame)
        pinned = await self._store.municipality()
        if pinned is None:
            raise Refused(Refusal.UNKNOWN_SIGNER)
        root = PublicKey(pinned.root)
        who = signer(root, self._will.trust(), frame.chain, self._clock.now())
        if await self._whose(who) != viewer.user.login:
            raise Refused(Refusal.UNKNOWN_SIGNER)
        if kind == Prepare.TYP:
            await self._prepare(viewer, root, who, frame)
        elif kind == Answer.TYP:
            look = await self._mine(who, frame, parse(Answer, frame.token))
            self._relay(look, frame)
        elif kind == Look.TYP:
            await self._click(viewer, who, frame)
        elif kind == Turn.TYP:
            await self._turn(viewer, who, frame)
        elif kind == Close.TYP:
            await self._close(viewer, who, frame, closing)
        else:
            look = await self._mine(who, frame, parse(ReceiptAck, frame.token))
            await self._store.log(self._entry("receipt_ack", look, viewer.user.login))
            self._homes.send(look.hub, frame)

    async def _whose(self, who: Signer) -> str:
        """The login that registered this passkey or browser key."""
        known = await self._store.passkey(who.operator.kid) or await self._store.browser(who.key.x)
        return "" if known is None else known.login

    async def _prepare(self, viewer: Viewer, root: PublicKey, who: Signer, frame: Signed) -> None:
        asked = parse(Prepare, frame.token)
        said, now, login = asked.statement, self._clock.now(), viewer.user.login
        hub, row = await self._store.hub(said.hub), await self._store.planned(said.hub, said.occurrence)
        if hub is None:
            raise Refused(Refusal.WRONG_HUB)
        if row is None:
            raise Refused(Refusal.WRONG_WINDOW)
        plan = await self._store.plan(said.hub, row.plan)
        home = admission.Home(root, PublicKey(hub.key))
        agreed = read_plan(plan.token).plan() if plan else None
        admission.check_prepare(home, self._will.trust(), agreed, frame.token, frame.chain, now)
        if frame.look != said.look:
            raise bad("look")
        queue.require_held(row, now, login)
        look = LookRow(said.look, said.hub, said.occurrence, login, viewer.session, who.key.kid, asked.hash, now)
        if not await self._store.add_look(look):
            raise Refused(Refusal.REPLAYED)
        self._remember(look)
        await self._desk.change(
            said.hub,
            said.occurrence,
            lambda row, paused, now: queue.prepare(row, paused, now, login, said.look),
            self._entry("prepared", look, login),
        )
        if not self._homes.send(look.hub, frame):
            await self._offline(look)

    async def _click(self, viewer: Viewer, who: Signer, frame: Signed) -> None:
        asked = parse(Look, frame.token)
        look = await self._mine(who, frame, asked)
        said, now = asked.statement, self._clock.now()
        if (said.hub, said.occurrence) != (look.hub, look.occurrence):
            raise Refused(Refusal.WRONG_WINDOW)
        if not said.iat <= said.exp or now - said.exp > _SKEW or said.iat - now > _SKEW:
            raise Refused(Refusal.EXPIRED)
        row = await self._store.planned(look.hub, look.occurrence)
        if row is None or row.look != look.look:
            raise Failed(Problem.NOT_CLAIMED)
        queue.require_held(row, now, viewer.user.login)
        clicked = replace(look, request=asked.hash)
        await self._store.save_look(clicked, self._entry("looked", look, viewer.user.login))
        self._remember(clicked)
        self._relay(clicked, frame)

    async def _turn(self, viewer: Viewer, who: Signer, frame: Signed) -> None:
        """Another room within the look; whether it may be is the home's to say."""
        asked = parse(Turn, frame.token)
        look = await self._mine(who, frame, asked)
        row = await self._store.planned(look.hub, look.occurrence)
        if not look.request or row is None or row.look != look.look:
            raise Refused(Refusal.NOT_PREPARED)
        turning = replace(look, turn=asked.hash)
        said = self._entry("turn", look, viewer.user.login, asked.statement.room.value)
        await self._store.save_look(turning, said)
        self._remember(turning)
        self._relay(turning, frame)

    def _close_first(self, viewer: Viewer, frame: Signed) -> bool:
        """Hand a tk-close of this session on before anything else: the camera looks away though the store fails."""
        look = self._known.get(frame.look)
        mine = look is not None and look.session == viewer.session and parse(Close, frame.token).kid == look.kid
        return look is not None and mine and self._homes.send(look.hub, frame)

    async def _close(self, viewer: Viewer, who: Signer, frame: Signed, passed: bool) -> None:
        told = parse(Close, frame.token)
        look = await self._mine(who, frame, told)
        if not passed:
            self._homes.send(look.hub, frame)
        await self._homes.settled(look.hub)
        what = told.statement.outcome

        def step(row: queue.Planned, _paused: bool, now: int) -> queue.Planned:
            if row.look == look.look and not row.opened:
                return queue.let_go(row, look.look)
            return queue.outcome(row, look.look, what, now)

        row, now_known = await self._store.planned(look.hub, look.occurrence), await self._look(look.look)
        # The home's receipt, which repeats the outcome, may have been quicker.
        of_this = row is not None and (row.look == look.look or row.outcome == what.value)
        counts = of_this and now_known is not None and now_known.opened
        said = self._entry("outcome" if counts else "closed", look, viewer.user.login, what.value if counts else "")
        await self._desk.change(look.hub, look.occurrence, step, said)

    async def _mine[S: Answer | Look | Turn | Close | ReceiptAck](
        self, who: Signer, frame: Signed, parsed: Parsed[S]
    ) -> LookRow:
        """The look that a statement is about, once it is signed by the key that prepared it."""
        said = parsed.verified(who.key)
        look = await self._look(said.look)
        if look is None or look.kid != who.key.kid or frame.look != said.look:
            raise Refused(Refusal.NOT_PREPARED)
        return look

    def _relay(self, look: LookRow, frame: Signed) -> None:
        if not self._homes.send(look.hub, frame):
            raise Refused(Refusal.HOME_OFFLINE)

    async def _offline(self, look: LookRow) -> None:
        home = self._desk.homes.get(look.hub)
        if self._clock.now() - home.since >= BLINK:
            await self._desk.change(
                look.hub,
                look.occurrence,
                lambda row, _paused, _now: queue.refused(row, look.look, Refusal.HOME_OFFLINE),
                self._entry("refused", look, code=Refusal.HOME_OFFLINE.value),
            )
        raise Refused(Refusal.HOME_OFFLINE)

    # ---- from a home --------------------------------------------------------------------------------------------

    def verify(self, hub: Hub, frame: Signed) -> Parsed[Offer | Opened | Refuse | Receipt]:
        """A statement that this home signed, about the look its frame names. Raises Refused."""
        kinds: Mapping[str, type[Offer | Opened | Refuse | Receipt]] = {
            one.TYP: one for one in (Offer, Opened, Refuse, Receipt)
        }
        parsed = parse(kinds[typ(frame.token, FROM_HOME)], frame.token)
        said = parsed.verified(PublicKey(hub.key))
        if said.look != frame.look or frame.chain:
            raise bad("look")
        if isinstance(said, Receipt) and said.hub != hub.hub:
            raise Refused(Refusal.WRONG_HUB)
        return parsed

    def pass_on(self, hub: Hub, frame: Signed) -> bool:
        """To the browser at once, where the look is remembered; ``record`` follows."""
        look = self._known.get(frame.look)
        if look is None or look.hub != hub.hub:
            return False
        self._browsers.send(look.session, frame)
        return True

    async def record(self, hub: Hub, frame: Signed, parsed: Parsed[Statement], passed: bool) -> None:
        """Keep what the home said. Raises Refused where it is about no look of this home, or StoreFailed."""
        said, look = parsed.statement, await self._look(frame.look)
        if look is not None and look.hub != hub.hub:
            raise Refused(Refusal.WRONG_HUB)
        if isinstance(said, Receipt):
            await self._receipt(hub, parsed.hash, said, frame.token, look)
        if look is None:
            if isinstance(said, Receipt):
                return
            raise Refused(Refusal.NOT_PREPARED)
        if not passed:
            self._browsers.send(look.session, frame)
        if isinstance(said, Opened):
            await self._opened(look, said)
        elif isinstance(said, Refuse):
            await self._refused(look, said)

    async def _opened(self, look: LookRow, said: Opened) -> None:
        if look.turn and said.request == look.turn:
            return  # the same look goes on in another room
        if said.request != look.request:
            raise Refused(Refusal.NOT_PREPARED)
        at = self._moment(said.opened_ms)
        entry = self._entry("opened", look, look.login)
        await self._desk.change(
            look.hub,
            look.occurrence,
            lambda row, _paused, _now: queue.opened(row, look.look, at, said.seconds),
            entry if not look.opened else None,
        )
        await self._keep(replace(look, opened=at))

    async def _refused(self, look: LookRow, said: Refuse) -> None:
        if look.turn and said.request == look.turn:
            await self._store.log(self._entry("turn_refused", look, look.login, said.code.value))
            return
        if said.request not in (look.prepare, look.request):
            raise Refused(Refusal.NOT_PREPARED)
        if said.code is Refusal.PAUSED:
            self._desk.homes.paused(look.hub)
            await self._store.hub_status(look.hub, self._clock.now(), paused=True)
        await self._desk.change(
            look.hub,
            look.occurrence,
            lambda row, _paused, _now: queue.refused(row, look.look, said.code),
            self._entry("refused", look, look.login, said.code.value),
        )

    async def _receipt(self, hub: Hub, name: str, said: Receipt, token: str, look: LookRow | None) -> None:
        now = self._clock.now()
        # The home says that somebody else looked, or at another time, than who was let through here.
        other = look is not None and not await self._is_of(said, look)
        row = ReceiptRow(
            hash=name,
            hub=hub.hub,
            sequence=said.sequence,
            previous=said.previous,
            look=said.look,
            occurrence=said.occurrence,
            token=token,
            stored=now,
            gap=False,
            fork=other,
        )
        stored = await self._store.add_receipt(row)
        if stored is not None:
            who = look.login if look else ""
            event = "receipt_fork" if stored.fork else "receipt_gap" if stored.gap else "receipt"
            entry = Entry(now, event, who, hub.hub, said.occurrence, said.look, said.reason.value)
            await self._store.log(entry)
        if look is None:
            return
        await self._keep(replace(look, receipt=name, opened=look.opened or self._moment(said.opened_ms)))
        await self._desk.change(
            look.hub,
            look.occurrence,
            lambda row, _paused, now: queue.closed(row, look.look, said.reason, self._moment(said.opened_ms), now),
        )

    async def _is_of(self, said: Receipt, look: LookRow) -> bool:
        """Whether a receipt names the occurrence and the person that were let through here."""
        passkey = None if said.operator == look.kid else await self._store.passkey(said.operator)
        person = passkey is not None and passkey.login == look.login
        return said.occurrence == look.occurrence and (said.operator == look.kid or person)

    def _moment(self, told_ms: int) -> int:
        """The home's clock, where it is near ours; else ours."""
        now = self._clock.now()
        return told_ms // 1000 if abs(told_ms // 1000 - now) <= _SKEW else now

    # ---- memory -------------------------------------------------------------------------------------------------

    async def _look(self, look: str) -> LookRow | None:
        known = self._known.get(look) or await self._store.look(look)
        if known is not None:
            self._remember(known)
        return known

    async def _keep(self, look: LookRow) -> None:
        await self._store.save_look(look)
        self._remember(look)

    def _remember(self, look: LookRow) -> None:
        self._known[look.look] = look
        self._known.move_to_end(look.look)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _entry(self, event: str, look: LookRow, login: str = "", code: str = "") -> Entry:
        return Entry(self._clock.now(), event, login, look.hub, look.occurrence, look.look, code)
