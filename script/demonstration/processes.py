"""Start the parts as processes, wait until they serve, stop them in the right order."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


class DemoError(Exception):
    """Something the demo cannot go on without; the text says what to do."""


def say(text: str) -> None:
    """One line of progress for the person at the terminal."""
    print(f"» {text}", file=sys.stderr, flush=True)


def free_port() -> int:
    """A TCP port on loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Processes:
    """The running parts. ``folder`` gets one log for each; ``stop`` ends them, last started first."""

    folder: Path
    _running: list[tuple[str, asyncio.subprocess.Process]] = field(default_factory=list)
    _pumps: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(
        self, name: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None, *, ready: bool = True
    ) -> dict[str, object]:
        """Start a part; with ``ready`` its first line of output is the JSON that says where it serves."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = (self.folder / f"{name}.log").open("ab")
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**os.environ, **(env or {})},
            start_new_session=True,  # Ctrl-C reaches only the demo, which stops the parts in order
        )
        self._running.append((name, process))
        assert process.stdout is not None
        line = b""
        if ready:
            try:
                async with asyncio.timeout(60):
                    line = await process.stdout.readline()
            except TimeoutError as err:
                raise self._failed(name) from err
            if not line:
                raise self._failed(name)
        self._pumps.append(asyncio.create_task(self._pump(process.stdout, log)))
        return dict(json.loads(line)) if line else {}

    def _failed(self, name: str) -> DemoError:
        log = self.folder / f"{name}.log"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        return DemoError(f"{name} did not start; its log is {log}\n{tail}")

    @staticmethod
    async def _pump(stream: asyncio.StreamReader, log: object) -> None:
        while data := await stream.read(65536):
            log.write(data)  # type: ignore[attr-defined]
            log.flush()  # type: ignore[attr-defined]

    def pid(self, name: str) -> int:
        """The process id of a running part."""
        return next(process.pid for part, process in self._running if part == name)

    def dead(self) -> str | None:
        """The name of a part that has ended by itself, if any."""
        return next((name for name, process in self._running if process.returncode is not None), None)

    async def stop_one(self, name: str) -> None:
        """Stop one part: politely, then by force after 30 s."""
        for entry in [one for one in self._running if one[0] == name]:
            self._running.remove(entry)
            await self._end(entry[1])

    async def stop(self) -> None:
        """Stop all."""
        for _, process in reversed(self._running):
            await self._end(process)
        self._running.clear()
        for pump in self._pumps:
            with suppress(asyncio.CancelledError, OSError, ValueError):
                await asyncio.wait_for(pump, 2)

    @staticmethod
    async def _end(process: asyncio.subprocess.Process) -> None:
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def run(command: Sequence[str | Path], env: Mapping[str, str] | None = None, within: float = 60) -> str:
    """Run a command to its end within seconds and give its output. Raises DemoError with its last lines."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(env or {})},
    )
    try:
        async with asyncio.timeout(within):
            out, err = await process.communicate()
    except TimeoutError as late:
        process.kill()
        await process.wait()
        raise DemoError(f"{Path(str(command[0])).name} took longer than {within:.0f} s") from late
    if process.returncode:
        last = err.decode(errors="replace").strip().splitlines()[-4:]
        raise DemoError(f"{' '.join(str(part) for part in command[1:5])}: " + "\n".join(last))
    return out.decode()
