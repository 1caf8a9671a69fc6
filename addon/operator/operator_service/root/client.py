"""The command's conversation with the service, as an administrator."""

from types import TracebackType
from typing import Self

import aiohttp


class ServiceError(Exception):
    """The service said no or cannot be reached. The text is for the person at the keyboard; ``code``: the service's."""

    def __init__(self, text: str, code: str = "") -> None:
        """Keep both."""
        super().__init__(text)
        self.code = code


class Client:
    """A logged-in session; use ``async with``."""

    def __init__(self, url: str, login: str, password: str) -> None:
        """Nothing is sent until entered."""
        self._url, self._login, self._password = url.rstrip("/"), login, password
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True)  # the service may be an address instead of a name
        timeout = aiohttp.ClientTimeout(total=60)
        self._session = aiohttp.ClientSession(cookie_jar=jar, timeout=timeout, headers={"Origin": self._url})
        try:
            await self._enter()
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def _enter(self) -> None:
        await self._ask("POST", "/api/login", {"login": self._login, "password": self._password})

    async def get(self, path: str) -> dict[str, object]:
        """A GET. Raises ServiceError."""
        return await self._again("GET", path, None)

    async def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        """A POST. Raises ServiceError."""
        return await self._again("POST", path, body)

    async def _again(self, method: str, path: str, body: dict[str, object] | None) -> dict[str, object]:
        """Ask; log in once more where the session has ended meanwhile."""
        try:
            return await self._ask(method, path, body)
        except ServiceError as err:
            if err.code != "login_required":
                raise
        await self._enter()
        return await self._ask(method, path, body)

    async def _ask(self, method: str, path: str, body: dict[str, object] | None) -> dict[str, object]:
        if self._session is None:
            raise ServiceError("not logged in")
        try:
            async with self._session.request(method, self._url + path, json=body) as response:
                found = await response.json()
                if response.status != 200:
                    code = str(found.get("error", "")) if isinstance(found, dict) else ""
                    raise ServiceError(f"the service refused: {code or response.status}", code)
        except (aiohttp.ClientError, TimeoutError, ValueError) as err:
            raise ServiceError(f"the service at {self._url} does not answer as it should") from err
        if not isinstance(found, dict):
            raise ServiceError("the service answered something strange")
        return found
