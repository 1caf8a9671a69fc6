"""What goes wrong when somebody asks for something, in words that Home Assistant shows in the asker's language."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .journal_store import JournalError


def refusal(key: str, **placeholders: str) -> ServiceValidationError:
    """What is asked for cannot be, and why: the text of ``exceptions.<key>``."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders or None
    )


@contextmanager
def journal_needed() -> Iterator[None]:
    """For what must be on disk before it counts: says in words that it could not be written."""
    try:
        yield
    except JournalError as err:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="journal_failed") from err
