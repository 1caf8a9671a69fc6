"""Pull points, by the real client's own manager."""

import asyncio
import datetime as dt
from typing import Any

import pytest
from onvif.managers import PullPointManager
from zeep.exceptions import Fault

from tests.virtual_camera.conftest import Client
from virtual_camera import Person, VirtualCamera


async def subscribe(client: Client) -> PullPointManager:
    return await client.device.create_pullpoint_manager(dt.timedelta(minutes=10), lambda: None)


async def pull(manager: PullPointManager, timeout: float = 10) -> list[bool]:
    request = {"MessageLimit": 100, "Timeout": dt.timedelta(seconds=timeout)}
    answer: Any = await manager.get_service().PullMessages(request)
    return [
        item.Value == "true"
        for notification in answer.NotificationMessage
        for item in notification.Message._value_1.Data.SimpleItem
        if item.Name == "IsMotion"
    ]


async def test_getting_up_is_told_as_motion(client: Client, camera: VirtualCamera) -> None:
    manager = await subscribe(client)
    assert await pull(manager) == [False]
    waiting = asyncio.create_task(pull(manager))
    await camera.set_scene(person=Person.OUT_OF_BED)
    assert await waiting == [True]
    await manager.shutdown()


async def test_a_synchronization_point_tells_the_state_again(client: Client, camera: VirtualCamera) -> None:
    manager = await subscribe(client)
    await pull(manager)
    await manager.set_synchronization_point()
    assert await pull(manager) == [False]
    await manager.shutdown()


async def test_a_pull_without_events_ends_at_its_timeout(client: Client) -> None:
    manager = await subscribe(client)
    await pull(manager)
    assert await pull(manager, timeout=0) == []
    await manager.shutdown()
    with pytest.raises(Fault):
        await pull(manager)


async def test_subscriptions_can_be_renewed_and_are_few(client: Client) -> None:
    manager = await subscribe(client)
    assert await manager._renew_subscription() is not None
    others = [await subscribe(client) for _ in range(7)]
    with pytest.raises(Fault):
        await subscribe(client)
    for one in (manager, *others):
        one._cancel_renewals()


async def test_event_properties_name_the_topic(client: Client) -> None:
    events: Any = await client.device.create_events_service()
    assert await events.GetEventProperties() is not None
    assert (await events.GetServiceCapabilities()).WSSubscriptionPolicySupport is False
