"""Words for what is found at set-up, in the language of Home Assistant; they are in translations/, under selector."""

from collections.abc import Collection, Iterable, Mapping
from typing import Self

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN


class Words:
    """The texts of one language."""

    def __init__(self, texts: Mapping[str, str], language: str) -> None:
        """Use ``load``."""
        self._texts = texts
        self._language = language

    @classmethod
    async def load(cls, hass: HomeAssistant, language: str | None = None) -> Self:
        """Of this language, Home Assistant's own where none is given."""
        wanted = language or hass.config.language
        texts: dict[str, str] = {}
        for category in ("selector", "config_subentries"):
            texts |= await async_get_translations(hass, wanted, category, [DOMAIN])
        return cls(texts, wanted)

    def word(self, kind: str, key: str) -> str:
        """A word under selector."""
        return self._texts.get(f"component.{DOMAIN}.selector.{kind}.options.{key}", key)

    def error(self, key: str) -> str:
        """What went wrong with the camera."""
        return self._texts.get(f"component.{DOMAIN}.config_subentries.camera.error.{key}", key)

    def number(self, value: float) -> str:
        """With one decimal."""
        text = f"{value:.1f}"
        return text.replace(".", ",") if self._language == "sv" else text

    def marked(self, kind: str, keys: Iterable[str], done: Collection[str]) -> str:
        """A list in Markdown of what is done and what is left."""
        return "\n".join(
            f"- {self.word(kind, key)}: **{self.word('mark', 'done' if key in done else 'left')}**" for key in keys
        )

    def list(self, kind: str, keys: Iterable[str]) -> str:
        """A list in Markdown."""
        return "\n".join(f"- {self.word(kind, key)}" for key in keys)
