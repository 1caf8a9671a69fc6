"""What the root says to all homes: its policy, and by the list key who is revoked."""

import asyncio
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from tillsyn.chain import Trust, check_revocations
from tillsyn.errors import Refused
from tillsyn.identity import SigningKey
from tillsyn.strict import dump
from tillsyn.wire import Policy, Revocations
from tillsyn.wire_people import MAX_REVOKED

from . import listfile
from .actions import ListTask, Task, known_policy, unix_now
from .client import ServiceError
from .listfile import ListFile

FRESH_HOURS: Final = 6
"""How often a list is signed again: homes let nobody in on one that is older than 24 hours."""
_AGAIN_SECONDS: Final = 60
_WARN_SECONDS: Final = 14 * 86_400


async def policy(task: Task) -> None:
    """Say what holds in all homes: whether browser keys count, longest shift, longest look, most retries."""
    asked, root = task.asked, task.root.key
    before = await known_policy(task.client, root.public)
    fields: dict[str, object] = {
        "number": before.number + 1,
        "browser_keys": asked.browser_keys,
        "delegation_seconds": asked.shift_hours * 3600,
        "look_seconds": asked.look_seconds,
        "max_retries": asked.retries,
        "iat": unix_now(),
    }
    try:
        statement = Policy.parse(dump(fields))
    except Refused as err:
        raise ServiceError(f"the policy is not one that may be ({err.detail})") from err
    await task.client.post("/api/trust/policy", {"token": root.sign(statement)})
    keys = "passkeys, or keys kept in browsers" if statement.browser_keys else "passkeys only"
    task.say(
        f"Policy {statement.number}: {keys}; shifts of {asked.shift_hours} h, looks of {statement.look_seconds} s and "
        f"{statement.max_retries} retries at most.",
        **fields,
    )


async def revoke(task: ListTask) -> None:
    """Put keys on the list of those that no longer count, or take them off it, and send it to all homes."""
    asked = task.asked
    kept = await _newest(task)
    revoked = (set(kept.revoked) | set(asked.kid)) - set(asked.restore)
    if len(revoked) > MAX_REVOKED:
        raise ServiceError(f"a list holds {MAX_REVOKED} keys; take off those whose credentials have run out")
    kept = await _sign(task, kept, revoked)
    task.say(
        f"List {kept.number} with {len(revoked)} revoked keys is on its way.", number=kept.number, revoked=len(revoked)
    )


async def keep_fresh(task: ListTask) -> None:
    """Sign the list again, every six hours until stopped: where nobody does for 24 hours, nobody can look."""
    while True:
        wait = FRESH_HOURS * 3600
        try:
            await _again(task)
        except ServiceError as err:
            if task.asked.once or err.code in ("forbidden", "wrong_login"):
                raise
            sys.stderr.write(f"{err}; trying again\n")
            wait = _AGAIN_SECONDS
        if task.asked.once:
            return
        await asyncio.sleep(wait)


async def _again(task: ListTask) -> None:
    kept = await _newest(task)
    if kept.expires - unix_now() < _WARN_SECONDS:
        until = datetime.fromtimestamp(kept.expires, UTC).date().isoformat()
        sys.stderr.write(f"The list key runs out on {until}. Make a new one with: tillsyn-root list-key\n")
    kept = await _sign(task, kept, kept.revoked)
    task.say(f"List {kept.number} is signed anew.", number=kept.number, revoked=len(kept.revoked))


async def _newest(task: ListTask) -> ListFile:
    """The newest list that is known, from the file or, once it is seen to be right, from the service."""
    kept = listfile.read(task.path)
    told: Any = (await task.client.get("/api/trust"))["revocations"]
    if not isinstance(told, dict):
        return kept
    known = Trust(revocations=Revocations(kept.number, kept.revoked, 0)) if kept.number else Trust()
    try:
        found = check_revocations(kept.root, known, str(told["token"]), tuple(map(str, told["chain"])), unix_now())
    except Refused:
        return kept  # older than ours, or nobody's who may
    return kept.knows(found.number, found.revoked)


async def _sign(task: ListTask, kept: ListFile, revoked: Iterable[str]) -> ListFile:
    """The next list, written down before anybody has it."""
    kept = kept.knows(kept.number + 1, tuple(sorted(revoked)))
    signer: SigningKey = kept.key if task.root is None else task.root.key
    chain = [kept.credential] if task.root is None else []
    token = signer.sign(Revocations(kept.number, kept.revoked, unix_now()))
    await task.client.post("/api/trust/revocations", {"token": token, "chain": chain})
    return kept
