"""With which municipality the home is, and through which bridge: kept in the entry's data, and told by the journal.

The journal is written first, so that there is no moment in which a new municipality finds what was agreed with the one
before. Where the power is cut between the two, the journal decides at the next start (``settle``); until entry and
journal say the same, nothing opens.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .config import dump_pairing, read_pairing
from .consent import read_entries
from .const import CONF_CONSENT_GIVEN_BY, CONF_MOVED_FROM, CONF_SET_UP, DOMAIN
from .issues import Issue, clear_issue, raise_issue
from .journal_store import Journal, JournalError, journal_path
from .tillsyn import entries as e
from .tillsyn.chain import hub_certificate
from .tillsyn.errors import Refusal, Refused
from .tillsyn.identity import PublicKey, parse
from .tillsyn.record import Record
from .tillsyn.wire import HubCertificate

if TYPE_CHECKING:
    from .coordinator import Home

_LOGGER = logging.getLogger(__name__)


async def pair_again(
    hass: HomeAssistant, entry: ConfigEntry, paired: e.Paired, address: Mapping[str, Any] | None = None
) -> None:
    """The home goes over to this municipality and hub, whose certificate has been checked; then it starts again.

    ``address``: host, port and access key, where it is another bridge. The camera looks away first, and the home is as
    it was where this raises: Refused(WRONG_HUB) where the hub is another home's, JournalError where it cannot be
    written.
    """
    if is_anothers(hass, entry, paired):
        raise Refused(Refusal.WRONG_HUB, "another entry's")
    if not await hass.config_entries.async_unload(entry.entry_id):
        raise JournalError("in use")
    try:
        await _write(hass, entry, paired)
        _store(hass, entry, paired, address or {})
    finally:
        await hass.config_entries.async_setup(entry.entry_id)


@asynccontextmanager
async def alone_with_bridge(entry: ConfigEntry) -> AsyncIterator[None]:
    """While a flow pairs over a link of its own, the home's own does not take its place."""
    async with AsyncExitStack() as stack:
        if entry.state is ConfigEntryState.LOADED:
            await stack.enter_async_context(entry.runtime_data.link.at_rest())
        yield


@callback
def is_anothers(hass: HomeAssistant, entry: ConfigEntry | None, paired: e.Paired) -> bool:
    """Whether this hub belongs to another entry: one bridge is one home's."""
    found = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, PublicKey(paired.hub).kid)
    return found is not None and found is not entry


async def _write(hass: HomeAssistant, entry: ConfigEntry, paired: e.Paired) -> None:
    journal = Journal(journal_path(hass, entry.entry_id), hass.async_add_executor_job)
    try:
        record = await journal.load()
        if not record.lines:
            await journal.settle()  # a new journal lacks nothing
        await journal.add(*_before(record, entry), paired)
    finally:
        await journal.close()


def _before(record: Record, entry: ConfigEntry) -> tuple[e.Entry, ...]:
    """Entries to write first, where the journal has no pairing yet: what the entry's data say of set-up and of the
    pairing so far.
    """
    said = () if record.set_up else read_entries(entry.data.get(CONF_SET_UP, ()))
    return (*said, *_unsaid(entry), read_pairing(entry.data)) if record.paired is None else said


def _unsaid(entry: ConfigEntry) -> tuple[e.Paired, ...]:
    """The pairing of before, of which a journal that says nothing of pairings was the journal."""
    before = entry.data.get(CONF_MOVED_FROM)
    return () if before is None else (read_pairing(before),)


@callback
def _store(hass: HomeAssistant, entry: ConfigEntry, paired: e.Paired, address: Mapping[str, Any]) -> None:
    """Keep it in the entry. What was said at set-up is in the journal, and was said before."""
    kept = {name: one for name, one in entry.data.items() if name not in (CONF_SET_UP, CONF_CONSENT_GIVEN_BY)}
    data = {**kept, CONF_MOVED_FROM: _moved_from(entry, paired), **address, **dump_pairing(paired)}
    hass.config_entries.async_update_entry(entry, data=data, unique_id=PublicKey(paired.hub).kid)


def _moved_from(entry: ConfigEntry, paired: e.Paired) -> dict[str, Any]:
    before: dict[str, Any] | None = entry.data.get(CONF_MOVED_FROM)
    if before is not None and read_pairing(before).root != paired.root:
        return before
    return dump_pairing(read_pairing(entry.data))


async def settle(home: Home, record: Record) -> Record | None:
    """The record, where the journal is of the pairing that this home was started with. Raises JournalError.

    None: nothing opens. The entry is put right by the journal and started again, or somebody must pair anew. A journal
    from before the home was paired anew, put back without the entry, is told of it again.
    """
    if record.paired is None and record.lines and (before := _unsaid(home.entry)):
        _LOGGER.warning("The journal is from before the home was paired anew; what was agreed then ends again")
        record = await home.journal.add(*before, home.config.paired)
    if _is_settled(home, record.paired):
        clear_issue(home.hass, home.entry.entry_id, Issue.PAIRING_UNCLEAR)
        return record
    return None


@callback
def _is_settled(home: Home, wanted: e.Paired | None) -> bool:
    if wanted is None or _same(wanted, home.config.paired):
        return True
    try:
        certificate, root, hub = wanted.certificate, PublicKey(wanted.root), PublicKey(wanted.hub)
        made = parse(HubCertificate, certificate).statement.iat
        hub_certificate(root, None, certificate, wanted.chain, hub, made)
        if is_anothers(home.hass, home.entry, wanted):
            raise Refused(Refusal.WRONG_HUB, "another entry's")
    except Refused as err:
        _LOGGER.warning("The journal and the entry disagree on the municipality: %s", err.code)
        raise_issue(home.hass, home.entry.entry_id, Issue.PAIRING_UNCLEAR)
        return False
    if not _same(wanted, read_pairing(home.entry.data)):
        _LOGGER.warning("The home was paired anew when it was interrupted; it starts again with that")
        _store(home.hass, home.entry, wanted, {})
        home.hass.config_entries.async_schedule_reload(home.entry.entry_id)
    return False


def _same(one: e.Paired, other: e.Paired) -> bool:
    return replace(one, by="") == replace(other, by="")
