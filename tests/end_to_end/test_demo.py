"""The demo as a new user runs it: every part a process of its own, one whole look in Chromium, and Ctrl-C."""

import shutil
import signal
import subprocess
from itertools import product
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PICTURES = (
    "1-queue", "2-look", "3-seen", "4-done",
    *("-".join(one) for one in product(("client", "relative"), ("sv", "en"), ("tablet", "phone"), ("light", "dark"))),
)  # fmt: skip

needs_chromium = pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is missing")


@pytest.mark.timeout(500)
@needs_chromium
def test_a_whole_look_is_performed_and_judged(tmp_path: Path) -> None:
    done = subprocess.run(
        [_ROOT / "script/demo", "--check", tmp_path / "look"], capture_output=True, text=True, timeout=480, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All of it held" in done.stdout
    assert all((tmp_path / "look" / f"{name}.png").stat().st_size > 10_000 for name in _PICTURES)


def test_ctrl_c_stops_every_part(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [_ROOT / "script/demo", "--logs", tmp_path], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert demo.stdout is not None
    try:
        said = ""
        while "Ctrl-C stops everything" not in said:
            line = demo.stdout.readline()
            assert line, "the demo ended by itself"
            said += line
        parts = _descendants(demo.pid)
        assert len(parts) >= 5
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
    finally:
        demo.kill()
    assert not [pid for pid in parts if Path(f"/proc/{pid}").exists()]


def _descendants(pid: int) -> list[int]:
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *_descendants(int(child))]
    return found
