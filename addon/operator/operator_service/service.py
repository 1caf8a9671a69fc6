"""Everything the service is made of, put together once."""

from dataclasses import dataclass

from aiohttp import web

from .clock import Clock
from .desk import Desk
from .homes import Homes
from .hubs import HubDoor, Links
from .keeper import Keeper
from .letters import Letters
from .live import Live
from .login import Door
from .looks import Looks
from .pairing import Meetings
from .planner import Planner
from .plans import Plans
from .screens import Screens
from .setup import Setup
from .sockets import Bell
from .store import Store
from .turn import Turn
from .will import Will


@dataclass(frozen=True, slots=True)
class Service:
    """The parts, by name."""

    store: Store
    clock: Clock
    turn: Turn
    homes: Homes
    desk: Desk
    planner: Planner
    links: Links
    screens: Screens
    door: Door
    looks: Looks
    plans: Plans
    meetings: Meetings
    hub_door: HubDoor
    live: Live
    asked: Bell
    """Rings when a browser or a passkey asks for a credential."""
    will: Will
    keeper: Keeper
    setup: Setup


SERVICE: web.AppKey[Service] = web.AppKey("service", Service)


def build(store: Store, clock: Clock, turn: Turn) -> Service:
    """Wire the parts; nothing runs yet."""
    homes = Homes()
    desk = Desk(store, clock, homes)
    links, screens = Links(), Screens(clock, homes)
    desk.screens = screens
    will = Will(store, clock, links, screens)
    planner, door = Planner(store, clock, desk, will), Door(store, clock)
    looks = Looks(store, clock, desk, links, screens, will)
    plans, meetings = Plans(store, clock, planner, will, homes), Meetings(store, clock, will)
    keeper = Keeper(store, clock, links, will)
    letters = Letters(store, clock, desk, planner, plans)
    hub_door = HubDoor(store, clock, desk, links, looks, plans, letters, meetings, screens, turn, will, keeper)
    live = Live(desk, door, looks, screens)
    return Service(
        store, clock, turn, homes, desk, planner, links, screens, door, looks, plans, meetings, hub_door, live, Bell(),
        will, keeper, Setup(store, clock, will),
    )  # fmt: skip
