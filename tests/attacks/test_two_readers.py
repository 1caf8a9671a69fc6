"""Home and console must read every statement alike: what one accepts and the other refuses is a way between them.

Payloads are changed as JSON text (numbers, escapes, twins, spaces, lengths, kinds of value) and read by both.
"""

import asyncio
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tillsyn.errors import Refused
from tillsyn.identity import parse
from tillsyn.strict import b64u_decode, b64u_encode
from tillsyn.wire import STATEMENTS

HERE = Path(__file__).parent
GOOD: list[dict[str, str]] = json.loads((HERE.parent / "vectors/statements.json").read_text(encoding="utf-8"))["good"]
PIECES = (
    "1.0", "1e3", "-0", "-1", "01", "1E2", "9" * 17, "NaN", "Infinity", "true", "false", "null", '""', "[]", "{}",
    '"\\u0041"', '"\\ud800"', '"\\u0000"', '"A\u030a"', '"\u202eabc"', '"\ufeff"', '"a\tb"', '"\\n"', '"\u00a0x"',
    '"x "', '"Å"', '"A" ', '"\U0001f469\u200d\U0001f680"', '"\U000e0001"', '"2026-02-30"', '"24:00"', '"7:05"',
    "[1,2,3,4,5,6,7,1]", "[[[[[[[[[]]]]]]]]]", '"' + "x" * 81 + '"', '"' + "å" * 80 + '"', '"bedroom"', '"seen"',
)  # fmt: skip
ROUNDS = 60
PLAN_1 = ("rooms", "contact", "keep_days", "move_minutes")
"""What a plan of protocol 1, which a home may still have in its journal, lacks; the console has never seen one."""


def payloads(text: str, chance: random.Random) -> Iterator[str]:
    """Other texts of this payload, most of them wrong."""
    fields = list(json.loads(text))
    for _ in range(ROUNDS):
        changed = json.loads(text)
        name = chance.choice(fields)
        piece = chance.choice(PIECES)
        match chance.randrange(6):
            case 0 if name not in PLAN_1:
                del changed[name]
                yield json.dumps(changed, ensure_ascii=False)
            case 1:
                yield json.dumps({**changed, chance.choice(("x", "__proto__", "constructor", name + " ")): 1})
            case 2:
                yield text[:-1] + f',"{name}":{json.dumps(changed[name])}}}'
            case 3:
                yield chance.choice((" ", "\ufeff", "\n", "[", "")) + text + chance.choice((" ", "\n", "x", ","))
            case _:
                changed[name] = "@@"
                yield json.dumps(changed, ensure_ascii=False, separators=(",", ":")).replace('"@@"', piece)


def tokens() -> list[tuple[str, str]]:
    chance = random.Random(20261125)
    found = []
    for one in GOOD:
        header, payload, *rest = one["token"].split(".")
        if len(rest) != 1 or not payload:
            continue
        text = b64u_decode(payload).decode()
        texts = (text, *payloads(text, chance))
        found += [(one["typ"], f"{header}.{b64u_encode(changed.encode())}.{rest[0]}") for changed in texts]
    return found


def accepts(typ: str, token: str) -> bool:
    try:
        parse(STATEMENTS[typ], token)
    except Refused:
        return False
    return True


@pytest.mark.skipif(shutil.which("node") is None, reason="script/setup found no Node.js")
async def test_home_and_console_accept_the_same() -> None:
    asked = tokens()
    node = await asyncio.create_subprocess_exec(
        "node", str(HERE / "read_tokens.js"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await node.communicate(json.dumps(asked).encode())
    console = json.loads(answer)
    home = [accepts(typ, token) for typ, token in asked]
    assert 50 < sum(home) < len(home) - 50, "some of each"
    differ = [
        (typ, b64u_decode(token.split(".")[1]).decode("utf-8", "replace"), "home" if ours else "console")
        for (typ, token), ours, theirs in zip(asked, home, console, strict=True)
        if ours is not theirs
    ]
    assert differ == []
