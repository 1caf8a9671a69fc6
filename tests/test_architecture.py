"""Promises that can be read from the code itself. Which part may import which: tests/project/test_layout.py."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "custom_components/trygghetskamera/tillsyn"
PYTHON = ("addon/bridge/bridge", "addon/operator/operator_service", "custom_components")
CONSOLE = "addon/operator/console"


def parsed(*folders: str | Path) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text())


def called(node: ast.AST) -> str:
    """The dotted name of what is called, '' where it is no plain name."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


@cache
def written() -> list[tuple[Path, str]]:
    """All code that runs in a home, in the service or in the operator's browser, and that we wrote."""
    found = []
    for folder in (*PYTHON, CONSOLE):
        for where, folders, names in (ROOT / folder).walk():
            folders[:] = sorted(set(folders) - {"node_modules", "test", "vendor", "qr", "__pycache__"})
            found += [where / name for name in sorted(names) if name.endswith((".py", ".js", ".html"))]
    return [(path, path.read_text()) for path in found]


# ---- the core -------------------------------------------------------------------------------------------------------


def test_only_the_one_check_makes_a_permission_to_look() -> None:
    made = []
    for path, tree in parsed(*PYTHON):
        for outer in ast.walk(tree):
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
                made += [
                    (path.name, outer.name) for node in ast.walk(outer) if called(node).rpartition(".")[2] == "Grant"
                ]
    assert made == [("admission.py", "check_look")]


def test_what_builds_a_permission_is_named_nowhere_else() -> None:
    named = [path.name for path, source in written() if "_BUILDER" in source]
    assert named == ["admission.py"]


def test_the_core_imports_itself_by_relative_names_only_and_nothing_above_it() -> None:
    for path, tree in parsed(CORE):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.level <= 1, path.name
                assert node.module != "tillsyn" or node.level, path.name


def test_only_signatures_know_cryptography() -> None:
    knows = {
        path.name
        for path, _ in parsed(CORE)
        if re.search(r"(?m)^\s*(from|import) (cryptography|hashlib|hmac)", path.read_text())
    }
    assert knows == {"identity.py", "merkle.py", "passkey.py"}


FORBIDDEN = re.compile(
    r"open|print|input|exec|eval|.*\.(now|utcnow|today|monotonic|sleep|getenv|read_text|write_text)|time\.time"
)


def test_the_core_has_no_clock_no_file_and_waits_for_nothing() -> None:
    for path, tree in parsed(CORE):
        for node in ast.walk(tree):
            assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Global), path.name
            assert not FORBIDDEN.fullmatch(called(node)), f"{path.name}: {called(node)}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = (
                    {alias.name.partition(".")[0] for alias in node.names}
                    if isinstance(node, ast.Import)
                    else {node.module}
                )
                assert not names & {"os", "io", "pathlib", "asyncio", "logging", "time", "random", "secrets"}, path.name


def test_nothing_that_a_peer_sent_is_asserted() -> None:
    """Assertions may be switched off. In the core they stand only in the gate, about its own values."""
    asserting = {
        path.name for path, tree in parsed(CORE) if any(isinstance(node, ast.Assert) for node in ast.walk(tree))
    }
    assert asserting <= {"gate_away.py", "gate_rules.py"}


# ---- sound and recordings -------------------------------------------------------------------------------------------

SOUND = re.compile(
    r"m=audio|getUserMedia|getDisplayMedia|AudioStreamTrack|AudioContext|addTransceiver\(\s*['\"]audio|audio\s*:\s*true"
    r"|offerToReceiveAudio|GetAudioOutput|SetupAudio",
    re.IGNORECASE,
)
RECORDING = re.compile(
    r"MediaRecorder|imwrite|VideoWriter|toBlob\(|toDataURL\(|captureStream\(|OffscreenCanvas|drawImage\(|av\.open\([^)]*['\"]w"
    r"|GetSnapshotUri|GetRecording"
)
QUESTIONS = {("camera_setup.py", "GetSnapshotUri"), ("camera_audit.py", "GetRecording"), ("scan.js", "drawImage(")}
"""Set-up shows stills to the installer who aims, in memory only, and asks whether a camera records by itself. A pairing
code is read from what the phone of whoever pairs takes a picture of.
"""
WITHOUT_SOUND = 'navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false })'
WRITING = re.compile(r"write_bytes|write_text|\bopen\(|\.save\(|tempfile|NamedTemporary|shutil")


def test_sound_is_never_asked_for() -> None:
    sources = ((path, source.replace(WITHOUT_SOUND, "")) for path, source in written())
    assert [path.name for path, source in sources if SOUND.search(source)] == []


def test_nothing_can_keep_a_picture() -> None:
    found = {(path.name, one) for path, source in written() for one in RECORDING.findall(source)}
    assert found == QUESTIONS


def test_what_sees_a_still_writes_nothing() -> None:
    """The stills of the aiming step pass through these, and none of them can write a file."""
    seeing = {"aiming_view.py", "aiming_flow.py", "camera_audit.py", "camera_trial.py"}
    sources = {path.name: source for path, source in written() if path.name in seeing}
    assert sources.keys() == seeing
    found = {(name, one) for name, source in sources.items() for one in WRITING.findall(source)}
    # A still is opened to measure how bright it is; a position is saved in the camera.
    assert found == {("camera_audit.py", "open("), ("aiming_flow.py", ".save(")}


@pytest.mark.parametrize("guard", [SOUND, RECORDING], ids=["sound", "recordings"])
def test_the_guards_look_at_something(guard: re.Pattern[str]) -> None:
    assert len(written()) > 50
    assert guard.search("pc.addTransceiver('audio'); new MediaRecorder(stream)")
