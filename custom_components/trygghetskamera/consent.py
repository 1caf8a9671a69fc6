"""Consent as the shell keeps it: what is said at set-up until the journal has it, and withdrawal at once by anyone."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_CONSENT_GIVEN_BY, CONF_SET_UP
from .tillsyn import entries as e
from .tillsyn.record import Record
from .tillsyn.strict import plain

if TYPE_CHECKING:
    from .coordinator import Home


def dump_entries(entries: Iterable[e.Entry]) -> list[dict[str, Any]]:
    """What the journal is to begin with, to store until there is one."""
    return [{"kind": one.KIND, "entry": plain(one)} for one in entries]


def read_entries(stored: Iterable[Mapping[str, Any]]) -> tuple[e.Entry, ...]:
    """The same, read back."""
    found = ((e.KINDS[one["kind"]], one["entry"]) for one in stored)
    return tuple(kind(**kind.SHAPE.read(entry)) for kind, entry in found)


def set_up_entries(record: Record, by: str) -> tuple[e.Entry, ...]:
    """What a new home's journal is to begin with, so that it says of consent what this record does."""
    people = record.people
    return (
        *(e.PersonAdded(one.id, one.name, one.relation, one.user, by) for one in people),
        *(e.ConsentGiven(one.id, one.how, one.review, by) for one in people if one.how and one.review),
        e.HomeSetUp(by),
    )


async def write_set_up(home: Home) -> None:
    """Move what was said at set-up from the entry's data to the journal, once. Raises JournalError.

    Home Assistant may die before, amid or after: what the journal has is not written again, since it may have been
    taken back in the meantime.
    """
    if CONF_SET_UP in home.entry.data:
        said = read_entries(home.entry.data[CONF_SET_UP])
        await home.journal.add(*said, only_if=lambda record: not record.set_up)
        forget(home.hass, home.entry, CONF_SET_UP)


def forget(hass: HomeAssistant, entry: ConfigEntry, name: str) -> None:
    """No longer keep this in the entry's data."""
    if name in entry.data:
        data = {key: value for key, value in entry.data.items() if key != name}
        hass.config_entries.async_update_entry(entry, data=data)


async def withdraw(home: Home, person: str, by: str) -> None:
    """One person ('': somebody here) does not consent any more. Heard at once, whether or not it can be written."""
    _unsay(home, person)
    await home.memory.away(e.ConsentWithdrawn(person, by))


def _unsay(home: Home, person: str) -> None:
    """What was said at set-up and is not in the journal yet must not come after the withdrawal."""
    forget(home.hass, home.entry, CONF_CONSENT_GIVEN_BY)
    if CONF_SET_UP in home.entry.data:
        said = read_entries(home.entry.data[CONF_SET_UP])
        left = dump_entries(one for one in said if not _is_consent_of(one, person))
        home.hass.config_entries.async_update_entry(home.entry, data={**home.entry.data, CONF_SET_UP: left})


def _is_consent_of(entry: e.Entry, person: str) -> bool:
    match entry:
        case e.Consent():
            return True
        case e.ConsentGiven(whose):
            return person in ("", whose)
        case _:
            return False


def person_meant(record: Record | None, wanted: str | None, user: str) -> str:
    """Whose consent somebody speaks of, '' (everybody's) where that is not clear.

    ``wanted``: the person's id or name; None where nothing is said, and then it is the user's own.
    """
    people = () if record is None else record.people
    if wanted is None:
        found = [one.id for one in people if one.user and one.user == user]
    else:
        name = wanted.strip().casefold()
        found = [one.id for one in people if name in (one.id, one.name.casefold())]
    return found[0] if len(found) == 1 else ""
