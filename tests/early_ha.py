"""Loaded by `pytest -p tests.early_ha` before Home Assistant's test helpers, which know only the release before."""

import homeassistant  # noqa: F401 - takes the place of httpx, which a helper imports
from homeassistant.components import logger
from homeassistant.components.logger.helpers import _clear_logger_overwrites

logger._clear_logger_overwrites = _clear_logger_overwrites  # type: ignore[attr-defined]
