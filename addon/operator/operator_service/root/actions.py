"""What the command does: each function is one subcommand."""

import asyncio
import json
import re
import secrets
import sys
import time
from argparse import Namespace
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from operator_service import plan_fields
from operator_service.certified import HUB_SECONDS
from tillsyn.chain import Trust, check_policy
from tillsyn.errors import Refused
from tillsyn.identity import PairingCode, PublicKey
from tillsyn.model import Fallback, Role, Room
from tillsyn.strict import b64u_encode, dump, plain
from tillsyn.wire import Credential, HubCertificate, Passkey, PlanStatement, Policy
from tillsyn.wire_people import STRICTEST
from tillsyn.wire_people import passkey as wire_passkey
from tillsyn.words import ENGLISH, SWEDISH

from .client import Client, ServiceError
from .keyfile import RootKey

_WAIT: Final = 20
_KEEPER: Final = {
    "none": "is not certified",
    "asked": "is not certified",
    "over": "has run out",
    "revoked": "is revoked",
}
"""How it stands with the service's key, where it is not as it should be."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The logged-in service and what was asked."""

    client: Client
    asked: Namespace

    def say(self, text: str, **fields: object) -> None:
        """One line: for people, or with --json for programs."""
        sys.stdout.write((json.dumps(fields, ensure_ascii=False) if self.asked.json else text) + "\n")
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Task(_Asked):
    """With the opened root key."""

    root: RootKey


@dataclass(frozen=True, slots=True)
class ListTask(_Asked):
    """With the file of the list key; ``root`` signs in its place where it is opened."""

    path: Path
    root: RootKey | None = None


def unix_now() -> int:
    """Seconds since 1970 UTC."""
    return int(time.time())


async def known_policy(client: Client, root: PublicKey) -> Policy:
    """The policy that the service has, once it is seen to be the root's; the strictest where there is none."""
    token = (await client.get("/api/trust"))["policy"]
    if not isinstance(token, str):
        return STRICTEST
    try:
        return check_policy(root, Trust(), 0, token, unix_now())
    except Refused as err:
        raise ServiceError("the service has a policy that this root did not sign") from err


async def publish(task: Task) -> None:
    """Give a fresh service the root's public key to pin."""
    root = task.root.key.public
    told = {"root": root.x, "municipality": task.root.municipality}
    try:
        await task.client.post("/api/admin/root", dict(told))
    except ServiceError as err:
        if err.code == "already_set":
            raise ServiceError("the service has another root pinned; it never changes it", err.code) from err
        raise
    task.say(f"The service trusts {task.root.municipality}, root {root.kid}.", root=root.x, kid=root.kid)


async def pair(task: Task) -> None:
    """Print a pairing code, wait for the hub that holds it, and certify its key once the same words are seen there."""
    hub_url = task.asked.hub_url or re.sub("^http", "ws", task.asked.service.rstrip("/")) + "/hub"
    secret = b64u_encode(secrets.token_bytes(32))
    least = (await known_policy(task.client, task.root.key.public)).number
    code = PairingCode(hub_url, task.root.key.public.kid, secret, task.asked.label, least)
    try:
        text = PairingCode.decode(code.encode()).encode()
    except Refused as err:
        raise ServiceError("the label or the hub's address cannot be put in a code") from err
    meeting = {"rendezvous": code.rendezvous, "label": task.asked.label, "replaces": task.asked.replaces}
    try:
        await task.client.post("/api/admin/pairing", dict(meeting))
    except ServiceError as err:
        if err.code == "label_in_use":
            said = "another home has that label: choose another, or say with --replaces which hub the new one replaces"
            raise ServiceError(said, err.code) from err
        raise
    task.say(text, code=text)
    while True:
        found = await task.client.get(f"/api/admin/pairing/{code.rendezvous}?wait={_WAIT}")
        if found["state"] == "certified":
            raise ServiceError("somebody else has answered this code")
        if found["state"] == "asked" and await _certify(task, code, str(found["key"]), str(found["mac"])):
            return


async def _certify(task: Task, code: PairingCode, key_x: str, mac: str) -> bool:
    key = _proved(code, key_x, mac)
    if key is None:
        sys.stderr.write("A hub without this code tried to use it; it was refused. Waiting on.\n")
        await task.client.post(f"/api/admin/pairing/{code.rendezvous}/refuse", {})
        return False
    if not await _same_words(task, code, key):
        await task.client.post(f"/api/admin/pairing/{code.rendezvous}/end", {})
        raise ServiceError("not the same words: somebody else may have seen the code. It is of no use any more")
    now = unix_now()
    certificate = HubCertificate(key_x, code.label, task.root.municipality, now, now + HUB_SECONDS, code.policy)
    token = task.root.key.sign(certificate)
    done = await task.client.post("/api/admin/hubcert", {"rendezvous": code.rendezvous, "token": token})
    task.say(str(done["hub"]), hub=done["hub"])
    return True


def _proved(code: PairingCode, key_x: str, mac: str) -> PublicKey | None:
    """The key of a hub that holds the code."""
    try:
        key = PublicKey(key_x)
        return key if code.accepts(key, mac) else None
    except Refused:
        return None


async def _same_words(task: Task, code: PairingCode, hub: PublicKey) -> bool:
    """Whether somebody at home has told the words that this code and hub give; --yes: nobody is asked."""
    places = code.words(hub)
    swedish, english = [SWEDISH[place] for place in places], [ENGLISH[place] for place in places]
    told = f"The home should show: {' · '.join(swedish)} ({' · '.join(english)})"
    task.say(told, words={"sv": swedish, "en": english})
    return task.asked.yes or await _yes("The same words at home? [y/N] ")


async def approve(task: Task) -> None:
    """Certify the browsers of people on the roster: asks for each, or --all; --watch goes on until stopped."""
    skipped: set[str] = set()
    if not task.asked.watch:
        if not await _approve_waiting(task, "/api/admin/requests", skipped):
            task.say("No browser waits for approval.", waiting=0)
        return
    while True:
        try:
            if not await _approve_waiting(task, f"/api/admin/requests?wait={_WAIT}", skipped):
                continue
        except ServiceError as err:
            if err.code in ("forbidden", "wrong_login"):
                raise
            sys.stderr.write(f"{err}; trying again\n")
        await asyncio.sleep(1)  # those who were skipped are still there, or the service is not


async def _approve_waiting(task: Task, path: str, skipped: set[str]) -> int:
    """Approve those who wait and were not skipped before; how many still wait or were approved."""
    found = (await task.client.get(path))["requests"]
    waiting = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    for one in waiting:
        if str(one["kid"]) not in skipped and not await _approve(task, one):
            skipped.add(str(one["kid"]))
    return len(waiting)


async def _approve(task: Task, one: dict[str, object]) -> bool:
    roles, units = one["roles"], one["units"]
    if not isinstance(roles, list) or not isinstance(units, list):
        raise ServiceError("the service answered something strange")
    kind = "passkey" if one["passkey"] else "browser"
    who = f"{one['login']} ({one['name']}), {', '.join(roles)}, unit {', '.join(units)}, {kind} {one['kid']}"
    if not task.asked.all and not await _yes(f"Approve {who}? [y/N] "):
        return False
    now = unix_now()
    hours = task.asked.hours if task.asked.days is None else task.asked.days * 24
    credential = Credential(
        str(one["key"]),
        str(one["name"]),
        tuple(Role(role) for role in roles),
        tuple(units),
        now - 60,
        now - 60 + hours * 3600,
        _passkey(one["passkey"]),
    )
    try:
        token = task.root.key.sign(credential)
        if credential.passkey is None:
            await task.client.post("/api/admin/credential", {"token": token})
        else:
            await task.client.post("/api/people/credential", {"token": token, "chain": []})
    except ServiceError as err:
        if err.code in ("not_found", "role_not_allowed"):  # removed or changed in the roster meanwhile
            sys.stderr.write(f"{one['login']}: {err}\n")
            return False
        raise
    task.say(f"Approved {who}, {hours} h.", login=one["login"], kid=one["kid"])
    return True


def _passkey(value: object) -> Passkey | None:
    try:
        return None if value is None else wire_passkey(value)
    except Refused as err:
        raise ServiceError("the service answered something strange") from err


async def _yes(question: str) -> bool:
    sys.stderr.write(question)
    sys.stderr.flush()
    return (await asyncio.to_thread(sys.stdin.readline)).strip().lower() in ("y", "yes", "j", "ja")


async def plan(task: Task) -> None:
    """Sign the next plan of a home and send it there; it counts when it is accepted at home."""
    asked = task.asked
    hub = await _hub(task, asked.hub)
    proposed = hub["proposed"]
    last = proposed["number"] if isinstance(proposed, dict) else 0
    in_force = hub["plan"] if isinstance(hub["plan"], int) else 0
    number = max(last if isinstance(last, int) else 0, in_force) + 1
    fields: dict[str, object] = {
        "hub": hub["hub"],
        "number": number,
        "unit": asked.unit,
        "windows": [window_fields(text, place) for place, text in enumerate(asked.window, 1)],
        "look_seconds": asked.look_seconds,
        "grace_seconds": asked.grace_seconds,
        "retry_within_minutes": asked.retry_minutes,
        "max_retries": asked.retries,
        "roles": asked.role or [Role.OPERATOR.value],
        "fallback": asked.fallback or [Fallback.VISIT.value],
        "review": asked.review or (date.today() + timedelta(days=180)).isoformat(),  # noqa: DTZ011 # a day at the desk
        "iat": unix_now(),
        "rooms": asked.room or [Room.BEDROOM.value],
        "contact": asked.contact,
        "keep_days": asked.keep_days,
        "move_minutes": asked.move_minutes,
    }
    statement = plan_statement(fields)
    sent = await task.client.post("/api/admin/plan", {"token": task.root.key.sign(statement)})
    task.say(f"Plan {number} is on its way to {hub['label']}.", hub=sent["hub"], number=sent["number"])


def plan_statement(fields: dict[str, object]) -> PlanStatement:
    """The plan with these fields. Raises ServiceError that says which is wrong, and what it may be."""
    if name := plan_fields.wrong(fields):
        raise ServiceError(f"{name}: {plan_fields.MAY_BE.get(name, 'not understood')}")
    try:
        statement = PlanStatement.parse(dump({name: plain(value) for name, value in fields.items()}))
        if not isinstance(statement, PlanStatement):
            raise ServiceError("not a plan")
        statement.plan()
    except Refused as err:
        raise ServiceError(f"the plan is not one that may be agreed on ({err.detail})") from err
    return statement


async def _hub(task: Task, name: str) -> dict[str, object]:
    found = (await task.client.get("/api/admin/hubs"))["hubs"]
    hubs = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    named = [one for one in hubs if name in (one["hub"], one["label"])]
    if len(named) != 1:
        raise ServiceError(
            "no home has that id or label" if not named else "several homes have that label; give the id"
        )
    return named[0]


def window_fields(text: str, place: int) -> dict[str, object]:
    """'[id=]22:00-06:00[@1,2,3]' as the fields of a window; days are ISO weekdays of the start, all if left out."""
    found = re.fullmatch(r"(?:([^=]+)=)?([0-9:]{5})-([0-9:]{5})(?:@([1-7](?:,[1-7])*))?", text)
    if found is None:
        raise ServiceError(f"a window is written [id=]22:00-06:00[@1,2,3], not {text!r}")
    name, start, end, days = found.groups()
    weekdays = [int(day) for day in days.split(",")] if days else list(range(1, 8))
    return {"id": name or f"w{place}", "start": start, "end": end, "days": weekdays}


async def status(task: Task) -> None:
    """Which homes are connected, which plan is in force, who waits for approval, and the service's key."""
    hubs = (await task.client.get("/api/admin/hubs"))["hubs"]
    waiting = (await task.client.get("/api/admin/requests"))["requests"]
    keeper = await task.client.get("/api/admin/service-key")
    if task.asked.json:
        task.say("", hubs=hubs, requests=waiting, service_key=keeper)
        return
    for one in hubs if isinstance(hubs, list) else []:
        link = "online" if one["online"] else "offline"
        proposed = one["proposed"]
        newest = f"plan {proposed['number']} {proposed['decision']}" if proposed else "no plan"
        task.say(f"{one['hub']}  {one['label']}: {link}{', paused' if one['paused'] else ''}, {newest}")
    for one in waiting if isinstance(waiting, list) else []:
        task.say(f"{one['login']} ({one['name']}) waits for approval of browser {one['kid']}")
    if keeper["state"]:
        why = _KEEPER.get(str(keeper["state"]), "cannot be used")
        task.say(f"The service's key for checkpoints {why}: homes do not see that their receipts are kept.")
