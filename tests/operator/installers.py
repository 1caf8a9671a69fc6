"""Installers' and planners' browsers, and hubs that nobody knows yet."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from operator_service.certified import HUB_SECONDS
from tests.operator.peers import Console, Home, Json, World
from tillsyn import frames, wire
from tillsyn.identity import PairingCode, digest

GONE = (404, {"error": "not_found"})
LABEL = "Elsa, Storgatan 4"


class Installer(Console):
    """Somebody's browser that makes pairing codes."""

    code: PairingCode

    async def start(self, label: str = LABEL, replaces: str = "") -> tuple[int, Json]:
        url = str((await self.get("/api/pairing"))[1].get("hub_url", "ws://x/hub"))
        secret = digest(f"{self.name} {label} {self.world.clock.now()}")
        self.code = PairingCode(url, self.world.root.public.kid, secret, label)
        return await self.post("/api/pairing", rendezvous=self.code.rendezvous, label=label, replaces=replaces)

    async def at(self, act: str, **told: object) -> tuple[int, Json]:
        return await self.post(f"/api/pairing/{self.code.rendezvous}/{act}", **told)

    async def asked(self) -> tuple[int, Json]:
        return await self.get(f"/api/pairing/{self.code.rendezvous}?wait=5")

    def signed(self, home: Home, **changes: object) -> str:
        """A certificate for this home's hub by the session key."""
        now = self.world.clock.now()
        made = wire.HubCertificate(home.key.public.x, home.label, "Exempelkommun", now, now + HUB_SECONDS)
        return self.key.sign(replace(made, **changes))  # type: ignore[arg-type]

    async def certify(self, token: str) -> tuple[int, Json]:
        return await self.at("certify", token=token, chain=list(self.chain))

    async def renew(self, token: str) -> tuple[int, Json]:
        return await self.post("/api/homes/certify", token=token, chain=list(self.chain))

    async def homes(self) -> dict[str, Json]:
        status, found = await self.get("/api/homes")
        assert status == 200
        homes = found["homes"]
        assert isinstance(homes, list)
        return {one["label"]: one for one in homes}


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as found:
        yield found


async def person(stack: AsyncExitStack, world: World, login: str, *roles: str, unit: str = "nord") -> Installer:
    """Logged in, with a session key that the root has certified."""
    await world.person(login, *roles, unit=unit)
    found = await stack.enter_async_context(Installer(world, login))
    await found.login()
    await found.approve()
    return found


@pytest.fixture
async def ines(stack: AsyncExitStack, world: World) -> Installer:
    return await person(stack, world, "ines", "installer")


@pytest.fixture
async def hub(stack: AsyncExitStack, world: World) -> Home:
    """A hub that nobody knows."""
    found = Home(world, LABEL)
    stack.push_async_callback(found.close)
    return found


async def ask(hub: Home, pairing: PairingCode, mac: str = "") -> None:
    """The hub holds the code and shows its key."""
    await hub.dial()
    await hub.send(frames.Pair(pairing.rendezvous, hub.key.public.x, mac or pairing.mac(hub.key.public)))


async def pair(installer: Installer, hub: Home, replaces: str = "") -> tuple[int, Json]:
    """From the code to the certificate."""
    assert (await installer.start(hub.label, replaces))[0] == 200
    await ask(hub, installer.code)
    assert (await installer.asked())[1]["state"] == "asked"
    return await installer.certify(installer.signed(hub))


async def come_back(hub: Home, certificate: str, chain: tuple[str, ...]) -> str:
    """The home's link comes up again: the code of the refusal, or ''."""
    await hub.close()
    await hub.dial()
    await hub.send(replace(hub.login(certificate=certificate), chain=chain))
    answer = await hub.hear()
    return answer.code if isinstance(answer, frames.Rejected) else ""


async def say(world: World, token: str) -> None:
    """A newer list of the root's."""
    await world.service.will.set_revocations(world.root.public, token, (), "")
