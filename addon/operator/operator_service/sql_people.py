"""Roster, logins and browser keys in the store."""

from sqlalchemy import delete, insert, or_, select, update

from . import tables
from .rows import Browser, Municipality, PasskeyRow, Session, Standing, User
from .sql import Sql, add, one, save

_DAY = 86400


class SqlPeople(Sql):
    """store.PeopleStore."""

    async def municipality(self) -> Municipality | None:
        """The pinned root, or None before the first."""
        async with self.reading() as db:
            found = (await db.execute(select(tables.municipality))).first()
            return None if found is None else tables.read(Municipality, found)

    async def pin(self, root: Municipality) -> bool:
        """Pin the root; False where another is pinned already."""
        async with self.writing() as db:
            found = (await db.execute(select(tables.municipality))).first()
            if found is None:
                await db.execute(insert(tables.municipality).values(tables.values(root)))
            return found is None or found.root == root.root

    async def user(self, login: str) -> User | None:
        """A person of the roster."""
        async with self.reading() as db:
            return await one(db, User, tables.user, login=login)

    async def users(self) -> list[User]:
        """The roster by login."""
        async with self.reading() as db:
            found = await db.execute(select(tables.user).order_by(tables.user.c.login))
            return [tables.read(User, row) for row in found]

    async def save_user(self, user: User) -> None:
        """Add or change a person. The sessions of one whose password changed end."""
        async with self.writing() as db:
            before = await one(db, User, tables.user, login=user.login)
            if before is not None and before.secret != user.secret:
                await db.execute(delete(tables.session).where(tables.session.c.login == user.login))
            await save(db, tables.user, user)

    async def remove_user(self, login: str) -> bool:
        """Remove a person with sessions and keys; False where there is none."""
        async with self.writing() as db:
            return (await db.execute(delete(tables.user).where(tables.user.c.login == login))).rowcount == 1

    async def session(self, session_id: str) -> Session | None:
        """A session."""
        async with self.reading() as db:
            return await one(db, Session, tables.session, id=session_id)

    async def add_session(self, session: Session) -> None:
        """A new login."""
        async with self.writing() as db:
            await save(db, tables.session, session)

    async def touch_session(self, session_id: str, now: int) -> None:
        """The session was used."""
        async with self.writing() as db:
            await db.execute(update(tables.session).where(tables.session.c.id == session_id).values(used=now))

    async def end_session(self, session_id: str) -> None:
        """Logout."""
        async with self.writing() as db:
            await db.execute(delete(tables.session).where(tables.session.c.id == session_id))

    async def drop_sessions(self, created: int, used: int) -> None:
        """Forget those made before ``created`` or unused since ``used``."""
        old = or_(tables.session.c.created < created, tables.session.c.used < used)
        async with self.writing() as db:
            await db.execute(delete(tables.session).where(old))

    async def browser(self, key: str) -> Browser | None:
        """The browser with this key."""
        async with self.reading() as db:
            return await one(db, Browser, tables.browser, key=key)

    async def ask_browser(self, browser: Browser) -> bool:
        """A browser asks for a credential; False where the key belongs to somebody else."""
        same = tables.browser.c.key == browser.key
        async with self.writing() as db:
            if await add(db, tables.browser, browser):
                return True
            mine = same & (tables.browser.c.login == browser.login)
            return (await db.execute(update(tables.browser).where(mine).values(asked=browser.asked))).rowcount == 1

    async def certify_browser(self, key: str, credential: str, expires: int) -> bool:
        """The root has answered; False where the key is unknown."""
        told = update(tables.browser).where(tables.browser.c.key == key)
        async with self.writing() as db:
            return (await db.execute(told.values(credential=credential, expires=expires))).rowcount == 1

    async def browsers(self) -> list[Browser]:
        """All, newest last."""
        async with self.reading() as db:
            found = await db.execute(select(tables.browser).order_by(tables.browser.c.asked, tables.browser.c.kid))
            return [tables.read(Browser, row) for row in found]

    async def passkey(self, kid: str) -> PasskeyRow | None:
        """The passkey with this thumbprint."""
        async with self.reading() as db:
            return await one(db, PasskeyRow, tables.passkey, kid=kid)

    async def passkeys(self, login: str = "") -> list[PasskeyRow]:
        """All (of one person), newest last."""
        wanted = select(tables.passkey).order_by(tables.passkey.c.asked, tables.passkey.c.kid)
        if login:
            wanted = wanted.where(tables.passkey.c.login == login)
        async with self.reading() as db:
            return [tables.read(PasskeyRow, row) for row in await db.execute(wanted)]

    async def ask_passkey(self, passkey: PasskeyRow) -> bool:
        """A passkey was registered; False where it belongs to somebody else."""
        async with self.writing() as db:
            if await add(db, tables.passkey, passkey):
                return True
            known = await one(db, PasskeyRow, tables.passkey, kid=passkey.kid)
            return known is not None and known.login == passkey.login

    async def certify_passkey(self, kid: str, chain: tuple[str, ...], expires: int) -> bool:
        """It is certified; False where it is unknown."""
        told = update(tables.passkey).where(tables.passkey.c.kid == kid)
        async with self.writing() as db:
            return (await db.execute(told.values(chain=chain, expires=expires))).rowcount == 1

    async def standing(self) -> list[Standing]:
        """The newest policy and list of revoked keys, each where there is one."""
        async with self.reading() as db:
            return [tables.read(Standing, row) for row in await db.execute(select(tables.standing))]

    async def keep_standing(self, told: Standing) -> None:
        """A newer one."""
        async with self.writing() as db:
            await save(db, tables.standing, told)

    async def waiting_browsers(self, now: int) -> list[Browser]:
        """Browsers without a credential that is valid at ``now``, asked within a day."""
        column = tables.browser.c
        waits = select(tables.browser).where(column.expires <= now, column.asked > now - _DAY)
        async with self.reading() as db:
            return [tables.read(Browser, row) for row in await db.execute(waits.order_by(column.asked))]
