"""A journal that an older one has taken the place of, as when a backup is put back: how it shows, and what follows.

The bridge remembers how far the journal has come, outside the backups. What has happened since the backup is not known
any more: pauses, withdrawn consent, looks that were used.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from .model import Plan, Spent
from .schedule import Moved, as_wished


def is_older(lines: int, ends: Mapping[int, str], seen_lines: int, seen_last: str) -> bool:
    """Whether a journal of so many lines lacks what has been seen of it: the line ``seen_lines`` with this hash.

    ``ends``: the hashes of its last lines, by number. A line too far back to be known there is believed.
    """
    return seen_lines > lines or ends.get(seen_lines, seen_last) != seen_last


def used_up(plan: Plan | None, spent: Mapping[str, Spent], moved: Moved, at: datetime) -> Mapping[str, Spent]:
    """What is used of each window once nobody knows what was used of those that have begun: of them, all."""
    if plan is None:
        return spent
    retry = timedelta(minutes=plan.limits.retry_within_minutes)
    looks = plan.limits.max_retries + 1
    begun = as_wished(plan.windows, (at - retry, at), (), moved)
    marks = {
        one.id: Spent(spent[one.id].first, max(looks, spent[one.id].looks), spent[one.id].seen)
        if one.id in spent
        else Spent(at, looks, seen=False)
        for one in begun
    }
    return MappingProxyType({**spent, **marks})
