"""The key with which the service stands for the receipts it has kept: the root certifies it, and sees it run out."""

from datetime import UTC, datetime

from tillsyn.checkpoints import MAX_KEY_SECONDS
from tillsyn.errors import Refused
from tillsyn.identity import PublicKey
from tillsyn.wire import ServiceKey

from .actions import Task, unix_now
from .client import ServiceError


async def service_key(task: Task) -> None:
    """Certify the service's key, so that homes see that it keeps their receipts. Do it again each year."""
    told = str((await task.client.post("/api/admin/service-key", {}))["key"])
    try:
        key = PublicKey(told)
    except Refused as err:
        raise ServiceError("the service answered something strange") from err
    iat = unix_now() - 60
    statement = ServiceKey(key.x, iat, iat + min(task.asked.days * 86_400, MAX_KEY_SECONDS))
    done = await task.client.post("/api/admin/service-key/certificate", {"token": task.root.key.sign(statement)})
    until = datetime.fromtimestamp(statement.exp, UTC).date().isoformat()
    task.say(f"{key.kid}\nCertified until {until}. Do it again before that.", kid=key.kid, expires=done["expires"])
