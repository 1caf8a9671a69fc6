"""Python loads this first in every part that ``script/bench trust`` starts, for this folder is in their PYTHONPATH: it
notes what signing and checking cost, and when. The parts themselves know nothing of it.

One line of JSON for each call that is inside no other: which, start in seconds since 1970, seconds that it took.
"""

import functools
import importlib.abc
import importlib.util
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

WATCHED = {
    "identity": ("parse", "typ_of", "digest", "SigningKey.sign", "Parsed.verified", "PublicKey.__post_init__"),
    "chain": ("signer", "hub_certificate", "check_policy", "check_revocations"),
    "admission": (
        "check_prepare", "check_look", "check_close", "check_turn", "check_ack", "check_plan",
    ),
}  # fmt: skip
"""By module of the core, whichever of its two names it has."""
_inside = threading.local()


def _noted(act: Callable[..., Any], write: Callable[[str], object]) -> Callable[..., Any]:
    @functools.wraps(act)
    def call(*given: Any, **named: Any) -> Any:
        if getattr(_inside, "depth", 0):
            return act(*given, **named)
        _inside.depth = 1
        at, began = time.time(), time.perf_counter()
        try:
            return act(*given, **named)
        finally:
            took = time.perf_counter() - began
            _inside.depth = 0
            what = getattr(given[0], "TYP", "") if act.__name__ == "parse" else act.__qualname__
            write(json.dumps({"what": what, "at": at, "took": took}) + "\n")

    return call


class _Watching(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader, names: Sequence[str], write: Callable[[str], object]) -> None:
        self._loader, self._names, self._write = loader, names, write

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for name in self._names:
            *path, last = name.split(".")
            holder = functools.reduce(getattr, path, module)
            if hasattr(holder, last):
                setattr(holder, last, _noted(getattr(holder, last), self._write))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        core, _, module = name.rpartition(".")
        if core.rpartition(".")[2] != "tillsyn" or module not in WATCHED:
            return None
        others = (one for one in sys.meta_path if one is not self)
        spec = next((found for one in others if (found := one.find_spec(name, path, target)) is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Watching(spec.loader, WATCHED[module], self._write)
        return spec


def _begin(folder: Path) -> None:
    part = Path(sys.argv[0] if len(sys.argv) > 0 else "part").stem
    file = (folder / f"{part}-{os.getpid()}.times").open("a", buffering=1)
    sys.meta_path.insert(0, _Finder(file.write))


if "TILLSYN_TIMES" in os.environ:
    _begin(Path(os.environ["TILLSYN_TIMES"]))
