"""How far the journal at home has come: said to the integration first of all, and not forgotten by a restart."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bridge.app import Bridge, Options
from bridge.keep import REACHED, Keep
from bridge.reached import NOTHING, Remembered
from tests.bridge.conftest import Home
from tests.bridge.peers import FakeIntegration
from tillsyn import frames
from tillsyn.frames import Reached
from tillsyn.identity import digest

FAR, BACK = Reached("home", 80, digest("far"), 4, 3), Reached("home", 51, digest("back"))


async def test_a_new_bridge_has_seen_nothing(home: Home) -> None:
    integration = await home.connect()
    assert await integration.expect(Reached) == NOTHING


async def test_it_is_said_before_anything_can_be_asked_for(
    keep: Keep, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    keep.store_reached(FAR)
    bridge = Bridge(Keep(keep.access_key_file.parent), session, Options())
    port = await bridge.start("127.0.0.1", 0)
    integration = await FakeIntegration.connect(session, port, keep.access_key)
    came = [await integration.expect(frames.Frame) for _ in range(3)]
    assert [type(one) for one in came] == [frames.Hello, frames.Bridge, Reached]
    assert came[2] == FAR
    await integration.close()
    await bridge.stop()


@pytest.mark.parametrize("last", [FAR, BACK], ids=["further", "and also back"])
async def test_what_was_told_last_outlives_a_restart(keep: Keep, session: aiohttp.ClientSession, last: Reached) -> None:
    bridge = Bridge(keep, session, Options())
    port = await bridge.start("127.0.0.1", 0)
    integration = await FakeIntegration.connect(session, port, keep.access_key)
    await integration.expect(Reached)
    for one in (FAR, BACK, FAR, last):
        await integration.send(one)
    await integration.close()
    again = await FakeIntegration.connect(session, port, keep.access_key)
    assert await again.expect(Reached) == last
    await again.close()
    await bridge.stop()
    assert Keep(keep.access_key_file.parent).reached == last


def test_what_an_earlier_version_wrote_is_read(keep: Keep) -> None:
    folder = keep.access_key_file.parent
    (folder / REACHED).write_text(f'{{"type":"reached","home":"home","lines":51,"last":"{BACK.last}"}}')
    assert Keep(folder).reached == BACK


async def test_a_disk_that_takes_nothing_is_tried_again_with_the_next(keep: Keep) -> None:
    found = Remembered(keep)
    await found.finish()
    (keep.access_key_file.parent / REACHED).mkdir()
    found.told(FAR)
    await found.finish()
    assert found.last == FAR
    (keep.access_key_file.parent / REACHED).rmdir()
    found.told(BACK)
    await asyncio.sleep(0)
    found.told(FAR)
    await found.finish()
    assert Keep(keep.access_key_file.parent).reached == FAR
