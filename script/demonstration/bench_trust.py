"""``script/bench trust``: what it costs to believe a look.

First in the whole system (bench_added.py). Then with the longest chain there is, root > administrator (passkey) >
person (passkey) > the session key of the shift: each step alone, many times, by the processor time of its thread, so
that what else the machine does is not counted.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .bench_added import PARTS, Added, Looks

_ROOT: Final = Path(__file__).parent.parent.parent
_WARM: Final = 20


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that is signed or checked, where, and whether it lies between the click and the first frame."""

    what: str
    act: Callable[[], object]
    after_click: bool = False


def _milliseconds(act: Callable[[], object], times: int) -> list[float]:
    """Processor time (ms) of each of so many."""
    for _ in range(_WARM):
        act()
    found = []
    for _ in range(times):
        began = time.thread_time()
        act()
        found.append((time.thread_time() - began) * 1000)
    return found


def bench(times: int, looks: Looks) -> bool:
    """Measure the steps, and print them with what the whole system showed; whether all goals are met."""
    sys.path.insert(0, str(_ROOT))
    from tests.attacks.besieged import CHAIN, PASSKEYS, PLAN, SAID
    from tests.tillsyn.made import HOME, HUB, NOBODY, NOW, OPERATOR, connection
    from tillsyn.admission import check_look, check_prepare
    from tillsyn.chain import Trust
    from tillsyn.identity import digest, parse
    from tillsyn.wire import Answer, Offer, Opened, Prepare

    trust, plan, ends = Trust(PASSKEYS, NOBODY), PLAN.plan(), (SAID.offer, SAID.answer)
    prepared = check_prepare(HOME, trust, plan, SAID.prepare, CHAIN, NOW)
    prepare = parse(Prepare, SAID.prepare).statement
    offer, answer = parse(Offer, SAID.offer).statement, parse(Answer, SAID.answer).statement
    assert offer.connection == connection()
    opened = Opened(SAID.asked.look, digest(SAID.look), NOW * 1000, 30)

    def preparing() -> object:
        return check_prepare(HOME, trust, plan, SAID.prepare, CHAIN, NOW)

    def clicking() -> object:
        return check_look(HOME, trust, plan, prepared, SAID.look, CHAIN, ends, NOW)

    def all_of_it() -> object:
        found = check_prepare(HOME, trust, plan, SAID.prepare, CHAIN, NOW)
        return check_look(HOME, trust, plan, found, SAID.look, CHAIN, ends, NOW)

    steps = (
        _Step("sign tk-prepare", lambda: OPERATOR.sign(prepare)),
        _Step("check prepare and chain, at the bridge", preparing),
        _Step("check prepare and chain, at home", preparing),
        _Step("sign tk-offer", lambda: HUB.sign(offer)),
        _Step("sign tk-answer", lambda: OPERATOR.sign(answer)),
        _Step("check answer, at the bridge", lambda: parse(Answer, SAID.answer).verified(OPERATOR.public)),
        _Step("sign tk-look", lambda: OPERATOR.sign(SAID.asked), after_click=True),
        _Step("check look, chain and connection, at the bridge", clicking, after_click=True),
        _Step("check look, chain and connection, at home", clicking, after_click=True),
        _Step("sign tk-opened", lambda: HUB.sign(opened), after_click=True),
    )
    whole = statistics.median(_milliseconds(all_of_it, times))
    size = len(SAID.look) + sum(map(len, CHAIN))
    each = [(step, statistics.median(_milliseconds(step.act, times))) for step in steps]
    added = sum(cost for step, cost in each if step.after_click)
    return _print(times, whole, size, each, added, looks)


def _print(times: int, whole: float, size: int, each: list[tuple[_Step, float]], added: float, looks: Looks) -> bool:
    middle = statistics.median(one.all for one in looks.prepared)
    goals = (
        (f"whole system: signing and checking from click to first frame ({_range(looks.prepared)})", middle, "ms", 30),
        (f"a full look checked at home: prepare, click, chain, offer, answer (median of {times})", whole, "ms", 5),
        ("tk-look with its chain", size / 1000, "kB", 6),
        ("signing and checking after the click, one by one, added up", added, "ms", 30),
    )
    print("\n| step | median |\n|---|---|")
    for step, cost in each:
        print(f"| {step.what}{' (after the click)' if step.after_click else ''} | {cost:.2f} ms |")
    print("\n| whole system, medians | all | of these signed and checked | console | bridge | home | service |")
    print("|---|---|---|---|---|---|---|")
    for what, some in (
        ("click to first frame, prepared", looks.prepared),
        ("prepare to first frame, cold", looks.cold),
    ):
        parts = " | ".join(f"{statistics.median(one.parts[part] for one in some):.1f} ms" for part in PARTS)
        whole_of_it, ours = (statistics.median(values) for values in ([x.whole for x in some], [x.all for x in some]))
        print(f"| {what} ({len(some)}) | {whole_of_it:.0f} ms | {ours:.1f} ms | {parts} |")
    print("\n| measured | found | most wanted |\n|---|---|---|")
    for what, found, unit, most in goals:
        print(f"| {what} | {found:.3g} {unit} | {most:g} {unit}: {'yes' if found <= most else 'NO'} |")
    print(
        "\nIn the whole system a person signs by passkey whom the root certified. All: with the camera's own move."
        "\nEach part's time is by the clock on the wall, with whatever else the machine does meanwhile."
    )
    return all(found <= most for _, found, _, most in goals)


def _range(some: list[Added]) -> str:
    return f"{min(one.all for one in some):.1f}-{max(one.all for one in some):.1f} ms, {len(some)} looks"
