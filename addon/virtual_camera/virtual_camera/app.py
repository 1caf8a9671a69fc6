"""Run the camera as a Home Assistant app, with the options that Supervisor wrote."""

import asyncio
import json
import logging
import sys
from pathlib import Path

from .__main__ import run
from .marks import Look, Person
from .settings import CEILING, Settings

_OPTIONS = Path("/data/options.json")
_MAX_OPTIONS = 16 * 1024
HTTP_PORT, RTSP_PORT = 8000, 8554
"""As in config.yaml."""


def settings_from(text: str) -> Settings:
    """Read the app's options. Raises ValueError, with a text for the app's log, when they are not usable."""
    if len(text) > _MAX_OPTIONS:
        raise ValueError("the options are too long")
    options = json.loads(text)
    names = {"user", "password", "light", "person", "motor_speed"}
    if not isinstance(options, dict) or options.keys() != names:
        raise ValueError("the options are not the ones this version knows")
    user, password, speed = options["user"], options["password"], options["motor_speed"]
    if not isinstance(user, str) or not isinstance(password, str) or not user or not password:
        raise ValueError("set a user name and a password in the app's configuration")
    if isinstance(speed, bool) or not isinstance(speed, int | float):
        raise ValueError("the motor speed is not a number")
    try:
        look, person = Look[str(options["light"]).upper()], Person[str(options["person"]).upper()]
    except KeyError as error:
        raise ValueError("unknown light or person") from error
    return Settings(
        user=user,
        password=password,
        host="0.0.0.0",
        http_port=HTTP_PORT,
        rtsp_port=RTSP_PORT,
        control_port=None,
        look=look,
        person=person,
        motor_speed=float(speed),
        start=CEILING,
    )


def main() -> None:
    """Run until the app is stopped."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        settings = settings_from(_OPTIONS.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"The camera did not start: {error}\n")
        raise SystemExit(1) from error
    asyncio.run(run(settings))


if __name__ == "__main__":
    main()
