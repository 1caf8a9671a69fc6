"""One JSON object a line on stderr. No secret, address or name can get in: only listed fields are written.

A message of our own is written as its constant text, without arguments. Of other libraries' messages, which may hold
addresses, and of exceptions only the kind is told.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Final, override

_FIELDS: Final = ("code", "look", "state", "count", "last_ms", "version", "port")
_OURS: Final = "bridge"


class _Lines(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        ours = record.name == _OURS or record.name.startswith(f"{_OURS}.")
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": str(record.msg) if ours else "message of a library",
        }
        for name in _FIELDS:
            value = getattr(record, name, None)
            if ours and isinstance(value, str | int):
                line[name] = value
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-6:]
            line["at"] = [f"{one.filename.rpartition('/')[2]}:{one.lineno}" for one in frames]
        return json.dumps(line)


def set_up(level: int = logging.INFO) -> None:
    """Write all logs as lines; libraries only from warning up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(level)


def short(look: str) -> str:
    """Enough of a look's random id to follow it through a log."""
    return look[:6]
