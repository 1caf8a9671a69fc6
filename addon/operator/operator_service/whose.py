"""Whose a home is: the units whose people pair, plan and see it."""

from tillsyn.chain import last_credential

from .rows import Hub, PlanRow
from .service import Service
from .store import Store


async def deciding(store: Store, hub: str) -> PlanRow | None:
    """The plan that says whose the home is: the newest, unless it was declined; then the one in force, if any."""
    newest = await store.newest_plan(hub)
    if newest is None or newest.decision != "declined":
        return newest
    return await store.newest_plan(hub, "accepted")


async def units_of(parts: Service, hub: Hub) -> tuple[str, ...]:
    """Whose home it is: the unit of its plan (``deciding``); before the first, the units of who certified it."""
    plan = await deciding(parts.store, hub.hub)
    if plan is not None:
        return (plan.unit,)
    certified_by = last_credential(hub.chain)
    return () if certified_by is None else certified_by.units


async def concerns(parts: Service, hub: Hub, units: tuple[str, ...]) -> bool:
    """Whether it is for people of these units; a new home that the root certified is for everybody who may plan it."""
    theirs = await units_of(parts, hub)
    return not theirs or not set(theirs).isdisjoint(units)
