"""A plan in plain words, in the language of Home Assistant. The words are in translations/, under selector."""

from collections.abc import Sequence
from enum import StrEnum

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .tillsyn.model import Plan, Window
from .tillsyn.wire import PlanStatement


class _Words:
    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def word(self, kind: str, key: str) -> str:
        return self._texts.get(f"component.{DOMAIN}.selector.{kind}.options.{key}", key)

    def all(self, kind: str, values: Sequence[StrEnum]) -> str:
        return ", ".join(self.word(kind, one.value) for one in values)

    def window(self, window: Window) -> str:
        hours = f"{window.start:%H:%M}–{window.end:%H:%M}"
        if sorted(window.days) == list(range(1, 8)):
            return f"{hours} ({self.word('day', 'every')})"
        days = ", ".join(self.word("day", str(day)) for day in sorted(window.days))
        return f"{hours} ({days})"


async def contact_words(hass: HomeAssistant, plan: Plan | None) -> str:
    """Whom to speak to about the plan: the care contact that it names, or words for one that it does not."""
    words = _Words(await async_get_translations(hass, hass.config.language, "selector", [DOMAIN]))
    return words.word("contact", "unnamed") if plan is None or not plan.contact else plan.contact


async def plan_words(hass: HomeAssistant, plan: PlanStatement) -> dict[str, str]:
    """The placeholders of the repair flow."""
    words = _Words(await async_get_translations(hass, hass.config.language, "selector", [DOMAIN]))
    return {
        "number": str(plan.number),
        "windows": "\n".join(f"- {words.window(one)}" for one in plan.windows),
        "look_seconds": str(plan.look_seconds),
        "grace_seconds": str(plan.grace_seconds),
        "retries": str(plan.max_retries),
        "retry_minutes": str(plan.retry_within_minutes),
        "roles": words.all("role", plan.roles),
        "fallback": words.all("fallback", plan.fallback),
        "review": plan.review.isoformat(),
    }
