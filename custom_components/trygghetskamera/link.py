"""The home's side of the home link: what the bridge says goes to whom, and what the bridge is told about the home."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntryState

from .bridge_link import LinkFault
from .issues import Issue, clear_issue, raise_issue
from .tillsyn import frames
from .tillsyn import gate_values as g
from .tillsyn.errors import CloseReason, Refused
from .tillsyn.identity import typ_of
from .tillsyn.wire import Policy, Revocations

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)

UNREACHABLE_SECONDS: Final = 60.0
"""A bridge that is away this long is worth a repair issue."""


_ISSUES: Final = {
    LinkFault.WRONG_BRIDGE: Issue.HUB_MISMATCH,
    LinkFault.UPDATE_HOME: Issue.UPDATE_HOME,
    LinkFault.UPDATE_BRIDGE: Issue.UPDATE_BRIDGE,
}
_ABOUT_THE_LINK: Final = (*_ISSUES.values(), Issue.BRIDGE_UNREACHABLE)


class LinkSide:
    """What one home does with its link."""

    def __init__(self, home: Home) -> None:
        """The link itself is ``home.connection``."""
        self._home = home
        self._linking: asyncio.Task[None]
        self._down_since = time.monotonic()
        self._has_told_down = False
        self._has_asked_login = False
        self._told: frames.HomeStatus | None = None
        self.service = frames.ServiceLink(False, "")
        """What the bridge says about its link to the operator service."""

    @property
    def is_connected(self) -> bool:
        """Whether the operator service can reach this home."""
        return self._home.connection.is_up and self.service.connected

    # ---- the link itself --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Keep it up for as long as the entry is loaded."""
        self._linking = self._home.background(self._home.connection.run(), "home link")

    @asynccontextmanager
    async def at_rest(self) -> AsyncIterator[None]:
        """The bridge takes one link at a time: somebody else has it as long as this lasts, and no look can begin."""
        self._linking.cancel()
        await asyncio.wait([self._linking])
        try:
            yield
        finally:
            entry = self._home.entry
            if entry.state is ConfigEntryState.LOADED and entry.runtime_data is self._home:
                self.start()

    # ---- from the link ----------------------------------------------------------------------------------------------

    def up(self, bridge: frames.Bridge) -> bool:
        """There is a link; False refuses a bridge that is not the one that was paired."""
        pinned = self._home.config.pinned
        if (bridge.key, bridge.root) != (pinned.hub.x, pinned.root.x):
            raise_issue(self._home.hass, self._home.entry.entry_id, Issue.HUB_MISMATCH)
            return False
        clear_issue(self._home.hass, self._home.entry.entry_id, *_ABOUT_THE_LINK)
        if self._has_told_down:
            _LOGGER.info("The bridge is reachable again")
        self._has_told_down = self._has_asked_login = False
        self._told = None
        self._home.wishes.link_changed()
        configs = {camera: side.config for camera, side in self._home.cameras.items()}
        access = (config.access(camera) for camera, config in configs.items() if config is not None)
        self._home.send(frames.Configure(tuple(access)))
        self._home.changed()
        self._home.finish(self._home.memory.sign_receipts(), "receipts")
        self._home.finish(self._home.plans.answer_again(), "plan answer")
        return True

    def down(self, why: LinkFault) -> None:
        """There is no link."""
        self.service = frames.ServiceLink(False, "")
        self._home.signing.link_lost()
        self._home.restored.link_lost()
        self._home.looks.forget()
        if (issue := _ISSUES.get(why)) is not None:
            raise_issue(self._home.hass, self._home.entry.entry_id, issue)
        if why is LinkFault.INVALID_AUTH and not self._has_asked_login:
            self._has_asked_login = True
            self._home.entry.async_start_reauth(self._home.hass)
        # Aiming goes on: its picture goes straight from the camera to the installer at home.
        if self._home.looker is not None:
            self._home.feed(g.SessionLost(None, CloseReason.LINK_LOST))
        self._home.changed()

    def frame(self, frame: frames.Frame) -> None:
        """A frame from the bridge. A fault of ours must not end the link, over which the camera is also kept closed."""
        try:
            self._frame(frame)
        except Exception:
            _LOGGER.exception("A frame from the bridge could not be handled")

    def _frame(self, frame: frames.Frame) -> None:
        match frame:
            case frames.Signed(look=""):
                self._said(frame)
            case frames.Signed():
                self._home.looks.signed(frame)
            case frames.LookRequest():
                self._home.looks.requested(frame)
            case frames.Session():
                self._home.looks.session(frame)
            case frames.LeaseHeld(look, counter):
                self._home.feed(g.LeaseHeld(look, counter))
            case frames.Signature():
                self._home.signing.answered(frame)
            case frames.Stopped(look=look):
                # Answers our own stop too, and then there is no such look any more.
                self._home.feed(g.SessionLost(look, CloseReason.LEASE_LOST))
            case _:
                self._from_bridge(frame)

    def _from_bridge(self, frame: frames.Frame) -> None:
        """What the bridge knows or has done by itself."""
        match frame:
            case frames.Reached():
                self._home.restored.seen(frame)
            case frames.Kept():
                self._home.kept_receipts.heard(frame)
            case frames.ServiceLink():
                self.service = frame
                self._home.wishes.link_changed()
                self._home.changed()
            case frames.DroveAway():
                self._home.background(self._home.check_positions(), "read-back")
            case _:
                _LOGGER.debug("A frame of type %s needs no answer", frame.TYPE)

    def _said(self, frame: frames.Signed) -> None:
        """Something signed that is about no look."""
        try:
            typ = typ_of(frame.token)
        except Refused as err:
            _LOGGER.debug("A signed frame was refused: %s", err.code)
            return
        if typ == Policy.TYP:
            self._home.trust_side.policy(frame)
        elif typ == Revocations.TYP:
            self._home.trust_side.revocations(frame)
        else:
            self._home.plans.proposed(frame)

    # ---- to the bridge ----------------------------------------------------------------------------------------------

    def terms_changed(self, before: g.Gate, after: g.Gate) -> None:
        """What was prepared under other terms is let go."""
        for why, changed in (
            (CloseReason.PAUSED, after.paused and not before.paused),
            (CloseReason.PRIVACY, after.private and not before.private),
            (CloseReason.CONSENT_WITHDRAWN, before.consent and not after.consent),
            (CloseReason.PLAN_CHANGED, before.plan is not None and before.plan != after.plan),
            (CloseReason.STOPPED, after.stopping and not before.stopping),
        ):
            if changed:
                self._home.looks.let_go_all(why)
        for occurrence in after.skipped - before.skipped:
            self._home.looks.let_go_all(CloseReason.SKIPPED, occurrence)
        for occurrence in after.moved.keys() | before.moved.keys():
            if before.moved.get(occurrence) != after.moved.get(occurrence):
                self._home.looks.let_go_all(CloseReason.WINDOW_ENDED, occurrence)

    def send_status(self) -> None:
        """Tell how the home is, if that has changed since it was last told."""
        gate = self._home.gate
        is_usable = gate.place not in (g.Place.FAULT, g.Place.AIMING, g.Place.DARK) and not gate.stopping
        has_terms = gate.journal and gate.consent and not gate.private and gate.plan is not None
        status = frames.HomeStatus(
            ready=is_usable and has_terms and bool(self._home.cameras),
            paused=gate.paused,
            plan=0 if gate.plan is None else gate.plan.number,
            problem=min(self._home.problems, default=""),
        )
        if status != self._told and self._home.connection.send(status):
            self._told = status

    def tick(self) -> None:
        """Say so, once, when the bridge has been away for long."""
        if self._home.connection.is_up:
            self._down_since = time.monotonic()
        elif not self._has_told_down and time.monotonic() - self._down_since > UNREACHABLE_SECONDS:
            self._has_told_down = True
            _LOGGER.warning("The bridge cannot be reached; agreed looks cannot happen")
            raise_issue(self._home.hass, self._home.entry.entry_id, Issue.BRIDGE_UNREACHABLE)
