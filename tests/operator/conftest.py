"""One served service for each test, on a real socket and a real SQLite file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.operator.peers import Console, Home, MovedClock, World, serve
from tillsyn.identity import SigningKey


@pytest.fixture
def clock() -> MovedClock:
    """22:00 in Stockholm until moved."""
    return MovedClock()


@pytest.fixture
async def world(tmp_path: Path, clock: MovedClock) -> AsyncIterator[World]:
    """The service."""
    found = await serve(tmp_path, SigningKey.generate(), clock)
    yield found
    await found.stop()


@pytest.fixture
async def home(world: World) -> AsyncIterator[Home]:
    """A home whose window is open now."""
    found = await world.home()
    yield found
    await found.close()


@pytest.fixture
async def anna(world: World, home: Home) -> AsyncIterator[Console]:
    """An operator at her screen."""
    found = await world.console("anna")
    yield found
    await found.close()


@pytest.fixture
async def bo(world: World, home: Home) -> AsyncIterator[Console]:
    """Another operator."""
    found = await world.console("bo")
    yield found
    await found.close()
