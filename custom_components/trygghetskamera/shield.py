"""The picture that stands in for the camera's own everywhere in Home Assistant: a shield with a moon."""

from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final

CONTENT_TYPE: Final = "image/png"
_SVG: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<path fill="#2a3a5e" d="M12 1 3 5v6c0 5.6 3.8 10.7 9 12 5.2-1.3 9-6.4 9-12V5z"/>'
    '<path fill="#ffe9a8" d="M15.5 14.6A5 5 0 0 1 10 7.2a5.5 5.5 0 1 0 7.2 6.6 5 5 0 0 1-1.7.8z"/></svg>'
)
ENTITY_PICTURE: Final = "data:image/svg+xml;base64," + b64encode(_SVG.encode()).decode()
"""Without an own picture Home Assistant would point to its camera proxy, with a token in the address."""


@cache
def png() -> bytes:
    """The shield as PNG. Reads a file the first time: call it outside the event loop."""
    return (Path(__file__).parent / "brand" / "icon.png").read_bytes()
