"""A plan, and what it changes, in plain words in the language of Home Assistant. The words are in translations/, under
selector.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .tillsyn.comparison import (
    Change,
    Changed,
    Comparison,
    Topic,
    Value,
    WindowAdded,
    WindowChanged,
    WindowRemoved,
    compare,
)
from .tillsyn.model import Plan, Window

_KINDS: Final = {Topic.ROLES: "role", Topic.ROOMS: "room", Topic.FALLBACK: "fallback"}
"""What the words for the members of a list are listed under."""


class PlanWords:
    """The words for plans in one language."""

    def __init__(self, texts: dict[str, str]) -> None:
        """``texts``: the translations under selector."""
        self._texts = texts

    @classmethod
    async def load(cls, hass: HomeAssistant) -> PlanWords:
        """In the language of the home."""
        return cls(await async_get_translations(hass, hass.config.language, "selector", [DOMAIN]))

    # ---- a plan -----------------------------------------------------------------------------------------------------

    def plan(self, plan: Plan) -> dict[str, str]:
        """The placeholders that say what it is."""
        limits = plan.limits
        return {
            "number": str(plan.number),
            "windows": "\n".join(f"- {self._window(one)}" for one in plan.windows),
            "look_seconds": str(limits.look_seconds),
            "grace_seconds": str(limits.grace_seconds),
            "retries": str(limits.max_retries),
            "retry_minutes": str(limits.retry_within_minutes),
            "roles": self._all("role", plan.roles),
            "rooms": self._all("room", plan.rooms),
            "fallback": self._all("fallback", plan.fallback),
            "moving": self._word("moving", "some" if plan.move_minutes else "none", minutes=plan.move_minutes),
            "keep_days": str(plan.keep_days),
            "review": plan.review.isoformat(),
            "contact": self.contact(plan),
        }

    def contact(self, plan: Plan | None) -> str:
        """Whom to speak to about the plan: the care contact that it names, or words for one that it does not."""
        return self._word("contact", "unnamed") if plan is None or not plan.contact else plan.contact

    # ---- what it changes --------------------------------------------------------------------------------------------

    def compared(self, before: Plan | None, after: Plan) -> str:
        """What it changes, a line each, and in all whether more or less may be seen."""
        changes, effect = self.changes(before, after)
        return "\n".join((*(f"- {one}" for one in changes), "", effect)).strip()

    def changes(self, before: Plan | None, after: Plan) -> tuple[list[str], str]:
        """Likewise, apart."""
        if before is None:
            return [], self._word("effect", "first")
        found = compare(before, after)
        said = [one for change in found.changes if (one := self._change(change)) is not None]
        return [*self._count(found), *said], self._word("effect", _effect(found))

    def _count(self, found: Comparison) -> Iterator[str]:
        before, after = found.looks_before, found.looks_after
        if before != after:
            kind = "look_count" if after == 1 else "looks_count"
            yield _sentence(self._word("change", kind, before=self._number(before), after=self._number(after)))

    def _change(self, change: Change) -> str | None:
        match change:
            case WindowAdded(window):
                return self._word("change", "window_added", window=self._window(window))
            case WindowRemoved(window):
                return self._word("change", "window_removed", window=self._window(window))
            case WindowChanged(before, after):
                kind = "window_moved" if change.is_moved else "window_changed"
                hours = {"before": self._window(before), "after": self._window(after)}
                return self._word("change", kind, **hours) if change.is_noticed else None
            case Changed(topic, before, after):
                values = {"before": self._value(topic, before), "after": self._value(topic, after)}
                return self._word("change", self._kind(change), **values)

    def _kind(self, change: Changed) -> str:
        if change.topic is Topic.MOVE_MINUTES and 0 in (change.before, change.after):
            return "may_move" if change.after else "may_not_move"
        return change.topic

    def _value(self, topic: Topic, value: Value) -> str:
        if isinstance(value, tuple):
            return self._all(_KINDS[topic], value)
        if isinstance(value, date):
            return value.isoformat()
        return str(value) or self._word("contact", "nobody")

    # ---- words ------------------------------------------------------------------------------------------------------

    def _word(self, kind: str, key: str, **values: str | int) -> str:
        text = self._texts.get(f"component.{DOMAIN}.selector.{kind}.options.{key}", key)
        return text.format_map(values)

    def _all(self, kind: str, values: Sequence[StrEnum]) -> str:
        return ", ".join(self._word(kind, one.value) for one in values)

    def _number(self, number: int) -> str:
        return self._word("number", str(number))

    def _window(self, window: Window) -> str:
        hours = f"{window.start:%H:%M}–{window.end:%H:%M}"
        if sorted(window.days) == list(range(1, 8)):
            return f"{hours} ({self._word('day', 'every')})"
        days = ", ".join(self._word("day", str(day)) for day in sorted(window.days))
        return f"{hours} ({days})"


def _effect(found: Comparison) -> str:
    if found.is_wider:
        return "mixed" if found.is_narrower else "wider"
    return "narrower" if found.is_narrower else "same"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
