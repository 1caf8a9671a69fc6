"""The calendar of absences: everybody may add one, only some may delete. Of what is written, only the kind is kept."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final, override

from homeassistant.components.calendar import (
    EVENT_END,
    EVENT_RRULE,
    EVENT_START,
    EVENT_SUMMARY,
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEntityFeature,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import Home
from .entity import TillsynEntity
from .faults import journal_needed, refusal
from .pauses import earliest, latest
from .permissions import require_trusted, user_of
from .requester import connected
from .tillsyn.agreement import Away
from .tillsyn.model import AwayKind
from .tillsyn.record import moment

_ABSENCES = CalendarEntityDescription(key="absences", translation_key="absences")
_LANGUAGES: Final = ("en", "sv")
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class AbsenceWords:
    """What kinds of absence are called: in the language of the home, and in all languages."""

    shown: Mapping[AwayKind, str]
    known: Mapping[str, AwayKind]

    def kind_of(self, summary: str) -> AwayKind:
        """The kind that somebody means."""
        words = _WORD.findall(summary.casefold())
        meant = (kind for word in words for known, kind in self.known.items() if word.startswith(known))
        return next(meant, AwayKind.OTHER)


async def absence_words(hass: HomeAssistant) -> AbsenceWords:
    """They are in translations/, under selector."""

    async def words(language: str) -> dict[AwayKind, str]:
        texts = await async_get_translations(hass, language, "selector", [DOMAIN])
        return {kind: texts.get(f"component.{DOMAIN}.selector.absence.options.{kind}", kind) for kind in AwayKind}

    known = {text.casefold(): kind for language in _LANGUAGES for kind, text in (await words(language)).items()}
    return AbsenceWords(await words(hass.config.language), known)


class AbsencesCalendar(TillsynEntity, CalendarEntity):
    """The absences of the home. Why somebody is away is not written to the recorder's database."""

    entity_description: CalendarEntityDescription
    _attr_supported_features = CalendarEntityFeature.CREATE_EVENT | CalendarEntityFeature.DELETE_EVENT
    _unrecorded_attributes = frozenset({"message"})

    def __init__(self, home: Home, words: AbsenceWords) -> None:
        super().__init__(home, _ABSENCES)
        self._words = words

    @property
    @override
    def event(self) -> CalendarEvent | None:
        now = dt_util.utcnow()
        coming = (one for one in self.home.pauses.absences if moment(one.end_ms) > now)
        return next(map(self._event, coming), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        return [
            self._event(one)
            for one in self.home.pauses.absences
            if moment(one.end_ms) > start_date and moment(one.start_ms) < end_date
        ]

    @override
    async def async_create_event(self, **kwargs: Any) -> None:
        # An action leaves its context behind; the calendar page has none, and the next to come may be from there.
        context, self._context = self._context, None
        by = user_of(context or connected())
        async with _in_words(self.hass):
            if kwargs.get(EVENT_RRULE):
                raise refusal("absence_repeats")
            start, end = earliest(kwargs[EVENT_START]), latest(kwargs[EVENT_END])
            await self.home.pauses.add_absence(self._words.kind_of(kwargs[EVENT_SUMMARY]), start, end, by)

    @override
    async def async_delete_event(
        self, uid: str, recurrence_id: str | None = None, recurrence_range: str | None = None
    ) -> None:
        """From the calendar page alone: Home Assistant has no action that deletes."""
        async with _in_words(self.hass):
            by = await require_trusted(self.hass, self.home.entry, connected())
            with journal_needed():
                await self.home.pauses.remove_absence(uid, by)

    def _event(self, one: Away) -> CalendarEvent:
        start, end = dt_util.as_local(moment(one.start_ms)), dt_util.as_local(moment(one.end_ms))
        summary = self._words.shown[one.kind]
        if start.time() == end.time() == time():
            return CalendarEvent(start=start.date(), end=end.date(), summary=summary, uid=one.id)
        return CalendarEvent(start=start, end=end, summary=summary, uid=one.id)


@asynccontextmanager
async def _in_words(hass: HomeAssistant) -> AsyncIterator[None]:
    """The calendar page shows an error as it is: say it in the language of the home."""
    try:
        yield
    except HomeAssistantError as err:
        texts = await async_get_translations(hass, hass.config.language, "exceptions", [DOMAIN])
        raise type(err)(
            texts.get(f"component.{DOMAIN}.exceptions.{err.translation_key}.message", str(err)),
            translation_domain=DOMAIN,
            translation_key=err.translation_key,
        ) from err
