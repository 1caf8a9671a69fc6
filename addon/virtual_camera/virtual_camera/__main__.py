"""Run the camera as a process: `python -m virtual_camera --user NAME --password-file FILE`.

When it serves, it prints one JSON line with its ports on standard output, then nothing more.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from .camera import VirtualCamera
from .marks import Look, Person
from .motor import Position
from .settings import (
    CEILING,
    CENTRE,
    DEFAULT_NAME,
    DEFAULT_PRESETS,
    DEFAULT_SERIAL,
    Codec,
    Profile,
    Settings,
    profile_720p15,
    profile_1080p25,
)


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"virtual_camera: {message}\n")
    raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="virtual_camera", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--http-port", type=int, default=0, help="ONVIF port; 0 means any free one")
    parser.add_argument("--rtsp-port", type=int, default=0)
    parser.add_argument("--control-port", type=int, help="port of the control endpoint, on the loopback address")
    parser.add_argument("--user", required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--password-env", metavar="VARIABLE")
    source.add_argument("--password-file", type=Path, metavar="FILE")
    parser.add_argument("--name", default=DEFAULT_NAME)
    parser.add_argument("--serial", default=DEFAULT_SERIAL, help="another one for each camera at home")
    parser.add_argument("--profiles", default="720p15,1080p25", help="comma-separated: 720p15, 1080p25")
    parser.add_argument("--codec", type=Codec, choices=list(Codec), default=Codec.H264)
    parser.add_argument("--gop", type=float, default=1.0, metavar="SECONDS", help="time between key frames")
    parser.add_argument("--bitrate-scale", type=float, default=1.0, help="share of the profiles' normal bit rate")
    parser.add_argument("--motor-speed", type=float, default=1.0, help="units per second; the pan range is 2")
    parser.add_argument("--start", choices=("home", "ceiling"), default="home")
    parser.add_argument("--home", type=float, nargs=3, metavar=("PAN", "TILT", "ZOOM"))
    parser.add_argument("--look", choices=[look.name.lower() for look in Look], default="infrared")
    parser.add_argument("--person", choices=[person.name.lower() for person in Person], default="in_bed")
    parser.add_argument("--no-ptz", action="store_true")
    parser.add_argument("--no-presets", action="store_true")
    parser.add_argument("--discovery", action="store_true", help="answer WS-Discovery")
    parser.add_argument("--verbose", action="store_true")
    return parser


def _password(arguments: argparse.Namespace) -> str:
    if arguments.password_env is not None:
        password = os.environ.get(arguments.password_env)
        if not password:
            _fail(f"the environment variable {arguments.password_env} is empty")
        return password
    try:
        text: str = arguments.password_file.read_text(encoding="utf-8").strip()
    except OSError, UnicodeDecodeError:
        _fail("the password file cannot be read")
    if not text:
        _fail("the password file is empty")
    return text


def _profile(name: str, arguments: argparse.Namespace) -> Profile:
    make = {"720p15": (profile_720p15, 15, 1_500_000), "1080p25": (profile_1080p25, 25, 4_000_000)}
    if name not in make:
        raise ValueError(f"there is no profile {name}")
    builder, fps, bitrate = make[name]
    return builder(
        gop=max(1, round(arguments.gop * fps)), bitrate=round(bitrate * arguments.bitrate_scale), codec=arguments.codec
    )


def _settings(arguments: argparse.Namespace) -> Settings:
    home = CENTRE if arguments.home is None else Position(*arguments.home)
    if not home.is_within_limits():
        raise ValueError("the home position is out of bounds")
    return Settings(
        user=arguments.user,
        password=_password(arguments),
        host=arguments.host,
        http_port=arguments.http_port,
        rtsp_port=arguments.rtsp_port,
        control_port=arguments.control_port,
        name=arguments.name,
        serial=arguments.serial,
        profiles=tuple(_profile(name, arguments) for name in arguments.profiles.split(",")),
        motor_speed=arguments.motor_speed,
        start=CEILING if arguments.start == "ceiling" else None,
        look=Look[arguments.look.upper()],
        person=Person[arguments.person.upper()],
        has_ptz=not arguments.no_ptz,
        has_discovery=arguments.discovery,
        presets=() if arguments.no_presets else DEFAULT_PRESETS,
        home=home,
    )


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; the ports are told on standard output."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with VirtualCamera(settings) as camera:
        ports = {"http_port": camera.http_port, "rtsp_port": camera.rtsp_port, "control_port": camera.control_port}
        sys.stdout.write(json.dumps({"host": camera.host, **ports}) + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.DEBUG if arguments.verbose else logging.WARNING)
    try:
        asyncio.run(run(_settings(arguments)))
    except ValueError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"cannot listen: {error.strerror}")


if __name__ == "__main__":
    main()
