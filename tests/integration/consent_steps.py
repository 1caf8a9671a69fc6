"""What the tests share about the steps in which people are named and consent."""

from typing import Any, Self

from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.trygghetskamera.const import DOMAIN
from custom_components.trygghetskamera.issues import Issue
from custom_components.trygghetskamera.tillsyn.people import Person
from custom_components.trygghetskamera.tillsyn.record import Record

from .home import Setup

BO = {"person_name": "Bo B", "relation": "cohabitant", "how": "spoken"}


class Options:
    """The options flow, at its steps of consent, as an administrator walks it."""

    def __init__(self, home: Setup) -> None:
        self._flows = home.hass.config_entries.options
        self._home = home
        self.flow: Any = None

    async def open(self) -> Any:
        """Configure > Consent."""
        self.flow = await self._flows.async_init(self._home.entry.entry_id)
        return await self.choose("consent")

    async def choose(self, step: str) -> Any:
        """Choose from a menu."""
        assert self.flow["type"] is FlowResultType.MENU, self.flow
        return await self.answer({"next_step_id": step})

    async def answer(self, answers: dict[str, Any]) -> Any:
        self.flow = await self._flows.async_configure(self.flow["flow_id"], answers)
        return self.flow

    async def add(self, **answers: Any) -> Any:
        """Name somebody."""
        await self.choose("person_add")
        return await self.answer(answers)

    async def about(self, person: str, step: str) -> Any:
        """Do this for somebody."""
        await self.choose("person_choose")
        await self.answer({"person": person})
        return await self.choose(step)


def record(home: Setup) -> Record:
    """What the journal says."""
    found = home.home.journal.record
    assert found is not None
    return found


def person(home: Setup, name: str) -> Person:
    """Whoever is called this."""
    return next(one for one in record(home).people if one.name == name)


async def withdraw(home: Setup, context: Any = None, **data: Any) -> None:
    """The action."""
    data["config_entry_id"] = home.entry.entry_id
    await home.hass.services.async_call(DOMAIN, "withdraw_consent", data, blocking=True, context=context)


async def leave(home: Setup) -> None:
    """Unload it, once its link is up: one that is cut amid its greeting is a fault of nobody's."""
    await home.until(lambda: home.home.connection.is_up)
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    await home.hass.async_block_till_done()


class Question:
    """A repair issue as an administrator opens and answers it."""

    def __init__(self, client: Any, issue: str) -> None:
        self._client = client
        self._issue = issue
        self.flow: Any = None

    @classmethod
    async def open(cls, home: Setup, hass_client: ClientSessionGenerator, issue: Issue) -> Self:
        """Once it is there."""
        await home.until(lambda: home.has_issue(issue))
        assert await async_setup_component(home.hass, "repairs", {})
        found = cls(await hass_client(), f"{issue}_{home.entry.entry_id}")
        await found.again()
        return found

    async def again(self) -> Any:
        """From its beginning."""
        data = {"handler": DOMAIN, "issue_id": self._issue}
        self.flow = await (await self._client.post("/api/repairs/issues/fix", json=data)).json()
        return self.flow

    async def answer(self, answers: dict[str, Any]) -> Any:
        """Fill in the form."""
        path = f"/api/repairs/issues/fix/{self.flow['flow_id']}"
        self.flow = await (await self._client.post(path, json=answers)).json()
        return self.flow

    async def choose(self, step: str) -> Any:
        """Choose from the menu."""
        return await self.answer({"next_step_id": step})
