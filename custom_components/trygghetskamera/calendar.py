"""The calendars: absences, and the agreed looks, to read. What is agreed is changed by a new plan, and only there."""

from datetime import UTC, datetime, timedelta
from typing import Final, override

from homeassistant.components.calendar import CalendarEntity, CalendarEntityDescription, CalendarEvent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .absence_calendar import AbsencesCalendar, absence_words
from .const import DOMAIN
from .coordinator import Home, TrygghetskameraConfigEntry
from .entity import TillsynEntity
from .tillsyn.record import read_plan
from .tillsyn.schedule import Occurrence, as_wished

PARALLEL_UPDATES = 0

_LOOKS = CalendarEntityDescription(key="looks", translation_key="looks")
_AHEAD: Final = timedelta(days=8)
_LONGEST: Final = timedelta(days=400)
"""Whoever asks for more at once gets this much; it is worked out in the event loop."""
_SUMMARY: Final = f"component.{DOMAIN}.selector.calendar.options.look"


async def async_setup_entry(
    hass: HomeAssistant, entry: TrygghetskameraConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the home's."""
    texts = await async_get_translations(hass, hass.config.language, "selector", [DOMAIN])
    async_add_entities(
        [
            LooksCalendar(entry.runtime_data, texts.get(_SUMMARY, "Look")),
            AbsencesCalendar(entry.runtime_data, await absence_words(hass)),
        ]
    )


def agreed(home: Home, after: datetime, until: datetime) -> list[Occurrence]:
    """The windows of the accepted plan that touch [after, until), where the client has put them and without those that
    the client does without; none without consent, none from before the plan.
    """
    record = home.journal.record
    if record is None or record.accepted is None or home.gate.plan is None or not home.gate.consent:
        return []
    made = datetime.fromtimestamp(read_plan(record.accepted).iat, UTC)
    first = max(after.astimezone(UTC), made)
    last = min(until.astimezone(UTC), first + _LONGEST)
    return as_wished(home.gate.plan.windows, (first, last), home.gate.skipped, home.gate.moved)


class LooksCalendar(TillsynEntity, CalendarEntity):
    """The agreed looks. It has no features: nothing is added, moved or removed here."""

    entity_description: CalendarEntityDescription

    def __init__(self, home: Home, summary: str) -> None:
        """``summary``: what an agreed look is called, in the language of the home."""
        super().__init__(home, _LOOKS)
        self._summary = summary

    @property
    @override
    def event(self) -> CalendarEvent | None:
        now = dt_util.utcnow()
        return next(map(self._event, agreed(self.home, now, now + _AHEAD)), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        return [self._event(one) for one in agreed(self.home, start_date, end_date)]

    def _event(self, one: Occurrence) -> CalendarEvent:
        start, end = dt_util.as_local(one.start), dt_util.as_local(one.end)
        return CalendarEvent(start=start, end=end, summary=self._summary, uid=one.id)
