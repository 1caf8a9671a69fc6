"""Pairing, hubs, plans and receipts in the store."""

from dataclasses import replace as changed

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tillsyn.receipts import FIRST

from . import tables
from .rows import Entry, Hub, Pairing, PlanRow, ReceiptRow
from .sql import add, one, replace, save, write
from .sql_people import SqlPeople


class SqlHomes(SqlPeople):
    """store.HomeStore."""

    async def pairing(self, rendezvous: str) -> Pairing | None:
        """A meeting."""
        async with self.reading() as db:
            return await one(db, Pairing, tables.pairing, rendezvous=rendezvous)

    async def save_pairing(self, pairing: Pairing) -> None:
        """Add or change a meeting; those that are over a day old go."""
        async with self.writing() as db:
            await db.execute(delete(tables.pairing).where(tables.pairing.c.expires < pairing.expires - 86400))
            await save(db, tables.pairing, pairing)

    async def hub(self, hub: str) -> Hub | None:
        """A paired home."""
        async with self.reading() as db:
            return await one(db, Hub, tables.hub, hub=hub)

    async def hubs(self) -> list[Hub]:
        """All by label."""
        async with self.reading() as db:
            found = await db.execute(select(tables.hub).order_by(tables.hub.c.label, tables.hub.c.hub))
            return [tables.read(Hub, row) for row in found]

    async def save_hub(self, hub: Hub) -> None:
        """Add a home or renew its certificate and label."""
        async with self.writing() as db:
            if not await add(db, tables.hub, hub):
                same = update(tables.hub).where(tables.hub.c.hub == hub.hub)
                told = ("label", "certificate", "chain", "paired", "replaces")
                await db.execute(same.values({name: getattr(hub, name) for name in told}))

    async def hub_status(self, hub: str, seen: int, paused: bool) -> None:
        """What the home told about itself."""
        async with self.writing() as db:
            same = update(tables.hub).where(tables.hub.c.hub == hub)
            await db.execute(same.values(seen=seen, paused=paused))

    async def propose(self, plan: PlanRow) -> bool:
        """A new plan; False unless its number is larger than any before."""
        newest = select(func.max(tables.plan.c.number)).where(tables.plan.c.hub == plan.hub)
        async with self.writing() as db:
            if plan.number <= ((await db.execute(newest)).scalar() or 0):
                return False
            return await add(db, tables.plan, plan)

    async def plan(self, hub: str, number: int) -> PlanRow | None:
        """One plan."""
        async with self.reading() as db:
            return await one(db, PlanRow, tables.plan, hub=hub, number=number)

    async def newest_plan(self, hub: str, decision: str = "") -> PlanRow | None:
        """The plan with the largest number (with that decision, if given)."""
        wanted = select(tables.plan).where(tables.plan.c.hub == hub)
        if decision:
            wanted = wanted.where(tables.plan.c.decision == decision)
        async with self.reading() as db:
            found = (await db.execute(wanted.order_by(tables.plan.c.number.desc()).limit(1))).first()
            return None if found is None else tables.read(PlanRow, found)

    async def plan_sent(self, hub: str, number: int, sent: int) -> None:
        """A plan went out to its home."""
        column = tables.plan.c
        async with self.writing() as db:
            same = update(tables.plan).where(column.hub == hub, column.number == number)
            await db.execute(same.values(sent=sent))

    async def decide(self, plan: PlanRow) -> None:
        """Keep the home's answer. One plan at a time is accepted: an older one is then replaced.

        Looks are to be made anew from that moment, also if the service dies right after this.
        """
        column = tables.plan.c
        accepted = (column.hub == plan.hub) & (column.decision == "accepted")
        async with self.writing() as db:
            if plan.decision == "accepted":
                await db.execute(update(tables.plan).where(accepted).values(decision="replaced"))
                anew = update(tables.hub).where(tables.hub.c.hub == plan.hub).values(planned_until=plan.decided)
                await db.execute(anew)
            await replace(db, tables.plan, plan)

    async def end_plans(self, hub: str, entry: Entry) -> bool:
        """The home has left: no plan of it counts any more; False where none did."""
        column = tables.plan.c
        counts = (column.hub == hub) & column.decision.not_in(("replaced", "ended"))
        async with self.writing() as db:
            ended = (await db.execute(update(tables.plan).where(counts).values(decision="ended"))).rowcount > 0
            await write(db, (entry,) if ended else ())
            return ended

    async def add_receipt(self, receipt: ReceiptRow) -> ReceiptRow | None:
        """Store a receipt with what the chain says of it; None where it is there already.

        ``gap``: the receipt it continues is not here (mended when that one comes late). ``fork``: it contradicts
        what we know, or another receipt has the same place in the chain.
        """
        async with self.writing() as db:
            if await one(db, ReceiptRow, tables.receipt, hash=receipt.hash) is not None:
                return None
            before = await _at(db, receipt.hub, receipt.sequence - 1)
            first = receipt.sequence == 1 and receipt.previous == FIRST
            gap = not first and receipt.previous not in before
            fork = receipt.fork or bool(await _at(db, receipt.hub, receipt.sequence))
            stored = changed(receipt, gap=gap, fork=fork)
            await add(db, tables.receipt, stored)
            column = tables.receipt.c
            follows = (column.sequence == receipt.sequence + 1) & (column.previous == receipt.hash)
            mend = update(tables.receipt).where(column.hub == receipt.hub, follows)
            await db.execute(mend.values(gap=False))
            return stored

    async def broken_receipts(self, after: int, before: int) -> int:
        """How many stored in [after, before) have a gap before them or contradict another."""
        column = tables.receipt.c
        broken = or_(column.gap.is_(True), column.fork.is_(True))
        count = select(func.count()).select_from(tables.receipt)
        async with self.reading() as db:
            found = await db.execute(count.where(broken, column.stored >= after, column.stored < before))
            return found.scalar() or 0


async def _at(db: AsyncConnection, hub: str, sequence: int) -> set[str]:
    column = tables.receipt.c
    found = await db.execute(select(column.hash).where(column.hub == hub, column.sequence == sequence))
    return {str(row.hash) for row in found}
