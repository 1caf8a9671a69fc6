"""What screens get to see, as JSON; the interface's words are in api.py."""

from .desk import Line, Task
from .homes import Home
from .queue import State, held, state
from .rows import Entry, Hub, SleepRow, User
from .turn import Ice
from .wished import is_moved, last_call

type Json = dict[str, object]


def me(user: User, municipality: str) -> Json:
    """The person who is logged in."""
    return {
        "login": user.login,
        "name": user.name,
        "roles": list(user.roles),
        "units": list(user.units),
        "language": user.language,
        "municipality": municipality,
    }


def line(one: Line, home: Home, names: dict[str, str], login: str, now: int) -> Json:
    """A row of the queue for one viewer."""
    row, plan = one.row, one.plan
    is_held = held(row, now)
    mine = is_held and row.claimed_by == login
    return {
        "hub": row.hub,
        "occurrence": row.occurrence,
        "label": one.hub.label,
        "unit": row.unit,
        "start": row.start,
        "end": row.end,
        "deadline": last_call(row, home.away, now),
        "state": state(row, home.is_paused(now), now).value,
        "cause": row.cause,
        "plan": {
            "number": plan.number,
            "look_seconds": plan.look_seconds,
            "grace_seconds": plan.grace_seconds,
            "retry_within_minutes": plan.retry_within_minutes,
            "max_retries": plan.max_retries,
            "roles": [role.value for role in plan.roles],
            "rooms": [room.value for room in plan.rooms],
        },
        "hub_key": one.hub.key,
        "hub_certificate": one.hub.certificate,
        "hub_chain": list(one.hub.chain),
        **home_fields(home, now),
        "claimed_by": names.get(row.claimed_by, row.claimed_by) if is_held else "",
        "mine": mine,
        "retry_at": row.retry_at or None,
        "looks": row.looks,
        "look": row.look if mine else "",
        "fallback": [step.value for step in plan.fallback],
        "contact": plan.contact,
        "wish": wish(one),
        "away": row.away or None,
        "visit": one.visit,
    }


def wish(one: Line) -> str:
    """What the client wants otherwise than the plan, if anything."""
    if one.row.skipped:
        return "skipped"
    if one.row.away:
        return "away"
    return "moved" if is_moved(one.row, one.plan) else ""


def home_fields(home: Home, now: int) -> Json:
    """How a home is."""
    return {"online": home.online, "ready": home.ready, "paused": home.is_paused(now), "problem": home.problem}


def task(one: Task, names: dict[str, str]) -> Json:
    """A visit."""
    visit = one.visit
    steps = (("finished", visit.finished), ("arrived", visit.arrived), ("acknowledged", visit.acknowledged))
    where = next((name for name, at in steps if at), "open")
    return {
        "id": visit.id,
        "hub": visit.hub,
        "label": one.hub.label,
        "unit": visit.unit,
        "occurrence": visit.occurrence,
        "cause": visit.cause,
        "fallback": [step.value for step in one.plan.fallback],
        "contact": one.plan.contact,
        "created": visit.created,
        "state": where,
        "by": names.get(visit.by, visit.by),
        "acknowledged": visit.acknowledged or None,
        "arrived": visit.arrived or None,
        "finished": visit.finished or None,
        "result": visit.result,
        "how": visit.how,
        "note": visit.note,
    }


def entry(one: Entry, names: dict[str, str], labels: dict[str, str]) -> Json:
    """A line of the log."""
    return {
        "id": one.id,
        "at": one.at,
        "event": one.event,
        "login": one.login,
        "name": names.get(one.login, one.login),
        "hub": one.hub,
        "label": labels.get(one.hub, ""),
        "occurrence": one.occurrence,
        "look": one.look,
        "code": one.code,
    }


def sleep(hub: Hub, nights: list[SleepRow]) -> Json:
    """How a client has slept."""
    told = [{"night": one.night, "rating": one.rating, "comment": one.comment} for one in nights]
    return {"label": hub.label, "nights": told}


def ice(one: Ice) -> Json:
    """TURN servers and credentials."""
    return {"urls": list(one.urls), "username": one.username, "credential": one.credential}


def account(day: str, states: list[State], bare: int, broken: int, over: bool) -> Json:
    """The night's account: how each planned look ended. Red where it does not add up once the night is over."""
    count = {one: states.count(one) for one in State}
    ended = sum(count[one] for one in (State.SEEN, State.VISITED, State.DECLINED))
    # A pause ends a look only when its time has passed; until then it may come back.
    adds_up = len(states) == ended + count[State.PAUSED]
    red = bool(count[State.MISSED] or broken or (over and (bare or not adds_up)))
    return {
        "date": day,
        "planned": len(states),
        **{one.value: count[one] for one in (State.SEEN, State.VISITED, State.PAUSED, State.DECLINED)},
        "open": len(states) - ended - count[State.PAUSED] - count[State.MISSED],
        "missed": count[State.MISSED],
        "receipts_missing": bare,
        "chain_gaps": broken,
        "adds_up": adds_up,
        "red": red,
    }
