"""Naming everyone whose consent is needed, and writing down what each of them has said: at set-up, and later."""

import secrets
import unicodedata
from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import probatio as vol
from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    DateSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util import dt as dt_util

from .camera_words import Words
from .consent_words import people_words, person_words, who
from .journal_store import JournalError
from .requester import requester_id
from .tillsyn import entries as e
from .tillsyn.errors import Refused
from .tillsyn.model import How, Relation
from .tillsyn.people import MOST, REVIEW_AFTER, Person, is_review_day
from .tillsyn.record import Record
from .tillsyn.schedule import local_day
from .tillsyn.wire import NAME

CONF_HOW: Final = "how"
CONF_NAME: Final = "person_name"
CONF_PERSON: Final = "person"
CONF_RELATION: Final = "relation"
CONF_REVIEW: Final = "review"
CONF_USER: Final = "user"
NOT_YET: Final = "not_yet"


def _choice(options: list[str], key: str) -> SelectSelector:
    return SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST, translation_key=key))


def today() -> date:
    """By the clock at home."""
    return local_day(dt_util.utcnow())


def consent_fields(*, can_wait: bool = False) -> dict[vol.Marker, Any]:
    """How consent was given, and when it is to be asked about again. Neither is ever implied."""
    ways = [one.value for one in How]
    how = vol.Required(CONF_HOW, default=NOT_YET) if can_wait else vol.Required(CONF_HOW)
    return {
        how: _choice([NOT_YET, *ways] if can_wait else ways, "consent_how"),
        vol.Required(CONF_REVIEW, default=(today() + REVIEW_AFTER).isoformat()): DateSelector(),
    }


def review_of(user_input: Mapping[str, Any]) -> date | None:
    """The day that was chosen; None where it is none on which to ask again."""
    review = date.fromisoformat(user_input[CONF_REVIEW])
    return review if is_review_day(review, today()) else None


class ConsentSteps(ConfigEntryBaseFlow):
    """The steps, whether what is said goes to the journal or waits for it."""

    suggested_name = ""
    """Of the first person, where an earlier version has asked for it."""
    _chosen = ""

    @abstractmethod
    def said(self) -> Record | None:
        """What is known of consent; None where the journal has not been read."""

    @abstractmethod
    async def say(self, *entries: e.Entry) -> None:
        """Keep this. Raises JournalError."""

    @abstractmethod
    async def take_back(self, person: str) -> None:
        """This person ('': somebody here) does not consent any more."""

    @abstractmethod
    async def async_step_consent_done(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """That was all."""

    @property
    def _people(self) -> tuple[Person, ...]:
        record = self.said()
        return () if record is None else record.people

    @property
    def _person(self) -> Person | None:
        return next((one for one in self._people if one.id == self._chosen), None)

    def consent_options(self) -> list[str]:
        """What can be done now."""
        record = self.said()
        can_add = record is not None and len(record.people) < MOST
        steps = {"person_add": can_add, "person_choose": bool(self._people), "consent_done": True}
        return [step for step, is_offered in steps.items() if is_offered]

    async def async_step_consent(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Who lives here, what they have said, and what to do."""
        words = await Words.load(self.hass)
        return self.async_show_menu(
            step_id="consent",
            menu_options=self.consent_options(),
            description_placeholders={"people": people_words(words, self.said())},
        )

    # ---- somebody who lives here ------------------------------------------------------------------------------------

    async def async_step_person_add(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Name somebody, and how they have consented, at once: nothing is blocked in between."""
        record = self.said()
        if record is None or len(record.people) >= MOST:
            return await self.async_step_consent()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._add(record, user_input)
            if not errors:
                return await self.async_step_consent()
        has_client = any(one.relation is Relation.CLIENT for one in record.people)
        relation = vol.Required(CONF_RELATION, default=Relation.COHABITANT.value)
        schema = vol.Schema(
            {
                vol.Required(CONF_NAME): TextSelector(),
                **({relation: _choice([one.value for one in Relation], "relation")} if has_client else {}),
                vol.Optional(CONF_USER): await _users(self.hass),
                **consent_fields(can_wait=True),
            }
        )
        return self._form("person_add", schema, user_input or {CONF_NAME: self.suggested_name}, errors)

    async def _add(self, record: Record, user_input: Mapping[str, Any]) -> dict[str, str]:
        """Write it; the errors to show in the form."""
        name, how, review = _name(user_input), user_input[CONF_HOW], review_of(user_input)
        if name is None:
            return {CONF_NAME: "invalid_name"}
        if how != NOT_YET and review is None:
            return {CONF_REVIEW: "invalid_review"}
        if how == NOT_YET and record.old_consent:
            return {CONF_HOW: "consent_is_given"}
        person, by = secrets.token_hex(4), requester_id()
        relation = Relation(user_input.get(CONF_RELATION, Relation.CLIENT))
        entries: list[e.Entry] = [e.PersonAdded(person, name, relation, user_input.get(CONF_USER, ""), by)]
        if how != NOT_YET and review is not None:
            entries.append(e.ConsentGiven(person, How(how), review, by))
        return await self._say(*entries)

    async def _say(self, *entries: e.Entry) -> dict[str, str]:
        try:
            await self.say(*entries)
        except JournalError:
            return {"base": "journal_failed"}
        return {}

    def _form(
        self, step: str, schema: vol.Schema, suggested: Mapping[str, Any], errors: dict[str, str]
    ) -> ConfigFlowResult:
        person = self._person
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders={"name": "" if person is None else person.name},
        )

    # ---- one of them ------------------------------------------------------------------------------------------------

    async def async_step_person_choose(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Who is it about?"""
        if user_input is not None:
            self._chosen = user_input[CONF_PERSON]
            return await self.async_step_person()
        words = await Words.load(self.hass)
        people = [SelectOptionDict(value=one.id, label=who(words, one)) for one in self._people]
        selector = SelectSelector(SelectSelectorConfig(options=people, mode=SelectSelectorMode.LIST))
        return self._form("person_choose", vol.Schema({vol.Required(CONF_PERSON): selector}), {}, {})

    async def async_step_person(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """What to do."""
        person = self._person
        if person is None:
            return await self.async_step_consent()
        steps = {
            "person_withdraw": person.given_ms > 0,
            "person_consent": True,
            "person_change": True,
            "person_remove": True,
            "consent": True,
        }
        return self.async_show_menu(
            step_id="person",
            menu_options=[step for step, is_offered in steps.items() if is_offered],
            description_placeholders={"person": person_words(await Words.load(self.hass), person)},
        )

    async def async_step_person_withdraw(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Heard at once, without asking whether it is meant."""
        if self._person is not None:
            await self.take_back(self._chosen)
        return await self.async_step_consent()

    async def async_step_person_consent(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Consents, or consents still."""
        errors: dict[str, str] = {}
        if self._person is None:
            return await self.async_step_consent()
        if user_input is not None:
            review = review_of(user_input)
            if review is None:
                errors = {CONF_REVIEW: "invalid_review"}
            else:
                given = e.ConsentGiven(self._chosen, How(user_input[CONF_HOW]), review, requester_id())
                errors = await self._say(given)
            if not errors:
                return await self.async_step_consent()
        return self._form("person_consent", vol.Schema(consent_fields()), user_input or {}, errors)

    async def async_step_person_change(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """The name was wrong, or another user of Home Assistant is theirs."""
        errors: dict[str, str] = {}
        person = self._person
        if person is None:
            return await self.async_step_consent()
        if user_input is not None:
            name = _name(user_input)
            if name is None:
                errors = {CONF_NAME: "invalid_name"}
            else:
                errors = await self._say(
                    e.PersonChanged(person.id, name, user_input.get(CONF_USER, ""), requester_id())
                )
            if not errors:
                return await self.async_step_consent()
        schema = vol.Schema({vol.Required(CONF_NAME): TextSelector(), vol.Optional(CONF_USER): await _users(self.hass)})
        known = {CONF_NAME: person.name, **({CONF_USER: person.user} if person.user else {})}
        return self._form("person_change", schema, user_input or known, errors)

    async def async_step_person_remove(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Does not live here any more."""
        errors: dict[str, str] = {}
        if self._person is None:
            return await self.async_step_consent()
        if user_input is not None:
            errors = await self._say(e.PersonRemoved(self._chosen, requester_id()))
            if not errors:
                return await self.async_step_consent()
        return self._form("person_remove", vol.Schema({}), {}, errors)


def _name(user_input: Mapping[str, Any]) -> str | None:
    """As it is to be written; None where it is no name."""
    try:
        return NAME(unicodedata.normalize("NFC", user_input[CONF_NAME]).strip())
    except Refused:
        return None


async def _users(hass: HomeAssistant) -> SelectSelector:
    """Those who sign in to this Home Assistant."""
    people = [
        SelectOptionDict(value=user.id, label=user.name or user.id)
        for user in await hass.auth.async_get_users()
        if user.is_active and not user.system_generated
    ]
    return SelectSelector(SelectSelectorConfig(options=people, mode=SelectSelectorMode.DROPDOWN))
