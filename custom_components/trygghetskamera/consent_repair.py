"""Asking again whether each person still consents, and whether a client whose camera is taken down wants to stop."""

from typing import Any

import probatio as vol
from homeassistant.components.repairs import RepairsFlowResult

from .camera_words import Words
from .consent import withdraw
from .consent_flow import CONF_HOW, CONF_REVIEW, consent_fields, review_of
from .consent_words import person_words
from .coordinator import Home
from .home_repair import HomeRepair
from .requester import requester_id
from .tillsyn import entries as e
from .tillsyn.model import How, Relation
from .tillsyn.people import Person, to_ask_again
from .tillsyn.schedule import local_day


class ConsentRepair(HomeRepair):
    """One after the other of those whose day has come; an answer of one is not an answer of another."""

    _asked = ""

    def _due(self, home: Home) -> tuple[Person, ...]:
        record = home.memory.heard
        return () if record is None else to_ask_again(record.people, local_day(home.now().wall))

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask the first."""
        home = self._home()
        due = () if home is None else self._due(home)
        if not due:
            return self.async_abort(reason="nobody_to_ask")
        return await self._ask(due[0])

    async def _ask(self, person: Person) -> RepairsFlowResult:
        self._asked = person.id
        return self.async_show_menu(
            step_id="init",
            menu_options=["agreed", "withdraw"],
            description_placeholders={
                "name": person.name,
                "person": person_words(await Words.load(self.hass), person),
            },
        )

    async def _next(self, home: Home) -> RepairsFlowResult:
        due = self._due(home)
        return await self._ask(due[0]) if due else self.async_create_entry(data={})

    async def async_step_agreed(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Still agreed: how it was said this time, and when to ask next."""
        errors: dict[str, str] = {}
        home = self._home()
        person = None if home is None else next((one for one in self._due(home) if one.id == self._asked), None)
        if home is None or person is None:
            return self.async_abort(reason="nobody_to_ask")
        if user_input is not None:
            review = review_of(user_input)
            if review is None:
                errors = {CONF_REVIEW: "invalid_review"}
            else:
                given = e.ConsentGiven(person.id, How(user_input[CONF_HOW]), review, "")
                if (reason := await self.say(home, given)) is not None:
                    return self.async_abort(reason=reason)
                return await self._next(home)
        schema = vol.Schema(consent_fields())
        return self.async_show_form(
            step_id="agreed",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or {}),
            errors=errors,
            description_placeholders={"name": person.name},
        )

    async def async_step_withdraw(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Not any more: heard at once."""
        home = self._home()
        if home is None:
            return self.async_abort(reason="nobody_to_ask")
        await withdraw(home, self._asked, requester_id())
        return await self._next(home)


class StopRepair(HomeRepair):
    """The client wants to stop, or to be left alone for a while, or it was something else."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask, before anybody puts the camera back."""
        home = self._home()
        record = None if home is None else home.memory.heard
        if record is None or not record.may_want_to_stop:
            return self.async_abort(reason="nobody_to_ask")
        return self.async_show_menu(step_id="init", menu_options=["stop", "pause", "go_on"])

    async def async_step_stop(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """The client does not consent any more."""
        home = self._home()
        if home is None:
            return self.async_abort(reason="nobody_to_ask")
        record = home.memory.heard
        clients = [one.id for one in record.people if one.relation is Relation.CLIENT] if record else []
        await withdraw(home, clients[0] if len(clients) == 1 else "", requester_id())
        return self.async_create_entry(data={})

    async def async_step_pause(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Left alone until somebody resumes, and asked again then."""
        home = self._home()
        if home is None:
            return self.async_abort(reason="nobody_to_ask")
        await home.pauses.begin(None, requester_id())
        return self.async_create_entry(data={})

    async def async_step_go_on(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """It was something else."""
        home = self._home()
        if home is None:
            return self.async_abort(reason="nobody_to_ask")
        if (reason := await self.say(home, e.GoOn(""))) is not None:
            return self.async_abort(reason=reason)
        return self.async_create_entry(data={})
