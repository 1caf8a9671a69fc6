"""The event service: pull points that tell of movement in the room."""

import asyncio
import re
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from virtual_camera.marks import Person
from virtual_camera.state import CameraState

from .media import SOURCE
from .registry import EVENTS, NOTIFICATION, Operations
from .soap import Call, SoapFault, bad_value, escape

SUBSCRIPTION_ROOT = "/onvif/subscription/"
_MOTION = "tns1:RuleEngine/CellMotionDetector/Motion"
_DIALECT = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
_MAX_SUBSCRIPTIONS = 8
_MAX_WAITING = 100
_DEFAULT_LIFE = 60.0
_MAX_LIFE = 3600.0
_MAX_PULL = 60.0
_DURATION = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,6})(?:\.\d{1,9})?S)?)?")


@dataclass(slots=True)
class _PullPoint:
    """One client's subscription; times are monotonic seconds."""

    ends_at: float
    waiting: deque[str] = field(default_factory=lambda: deque(maxlen=_MAX_WAITING))
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, message: str) -> None:
        self.waiting.append(message)
        self.arrived.set()


class EventService:
    """Answers the event service's calls, and tells pull points when somebody gets up or lies down."""

    def __init__(self, state: CameraState) -> None:
        """Watch this camera's scene."""
        self._state = state
        self._points: dict[str, _PullPoint] = {}
        self._has_motion = self._sees_motion()
        state.listen(self._on_change)

    def register(self, operations: Operations) -> None:
        """Say which calls there are."""
        operations.add(EVENTS, "GetServiceCapabilities", self._service_capabilities)
        operations.add(EVENTS, "GetEventProperties", self._event_properties)
        operations.add(EVENTS, "CreatePullPointSubscription", self._create)
        operations.add(EVENTS, "PullMessages", self._pull)
        operations.add(EVENTS, "SetSynchronizationPoint", self._synchronize)
        operations.add(NOTIFICATION, "Renew", self._renew)
        operations.add(NOTIFICATION, "Unsubscribe", self._unsubscribe)

    def forget_all(self) -> None:
        """Lose every subscription, as in a restart; those who wait get an empty answer."""
        for point in self._points.values():
            point.ends_at = 0.0
            point.arrived.set()
        self._points.clear()

    def _sees_motion(self) -> bool:
        return self._state.scene.person is Person.OUT_OF_BED

    def _on_change(self) -> None:
        if self._sees_motion() != self._has_motion:
            self._has_motion = not self._has_motion
            for point in self._points.values():
                point.put(self._motion_message("Changed"))

    def _motion_message(self, operation: str) -> str:
        now = _iso(self._state.wall_clock())
        return (
            f'<wsnt:NotificationMessage><wsnt:Topic Dialect="{_DIALECT}">{_MOTION}</wsnt:Topic><wsnt:Message>'
            f'<tt:Message UtcTime="{now}" PropertyOperation="{operation}"><tt:Source>'
            f'<tt:SimpleItem Name="VideoSourceConfigurationToken" Value="{SOURCE}"/>'
            '<tt:SimpleItem Name="VideoAnalyticsConfigurationToken" Value="analytics_1"/>'
            '<tt:SimpleItem Name="Rule" Value="movement"/></tt:Source><tt:Data>'
            f'<tt:SimpleItem Name="IsMotion" Value="{str(self._has_motion).lower()}"/></tt:Data></tt:Message>'
            "</wsnt:Message></wsnt:NotificationMessage>"
        )

    def _service_capabilities(self, call: Call) -> str:
        return (
            '<tev:GetServiceCapabilitiesResponse><tev:Capabilities WSSubscriptionPolicySupport="false" '
            f'WSPausableSubscriptionManagerInterfaceSupport="false" MaxPullPoints="{_MAX_SUBSCRIPTIONS}"/>'
            "</tev:GetServiceCapabilitiesResponse>"
        )

    def _event_properties(self, call: Call) -> str:
        return (
            "<tev:GetEventPropertiesResponse><tev:TopicNamespaceLocation>"
            "http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation>"
            "<wsnt:FixedTopicSet>true</wsnt:FixedTopicSet><wstop:TopicSet><tns1:RuleEngine><CellMotionDetector>"
            '<Motion wstop:topic="true"/></CellMotionDetector></tns1:RuleEngine></wstop:TopicSet>'
            f"<wsnt:TopicExpressionDialect>{_DIALECT}</wsnt:TopicExpressionDialect>"
            "<tev:MessageContentFilterDialect>http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"
            "</tev:MessageContentFilterDialect><tev:MessageContentSchemaLocation>"
            "http://www.onvif.org/onvif/ver10/schema/onvif.xsd</tev:MessageContentSchemaLocation>"
            "</tev:GetEventPropertiesResponse>"
        )

    def _create(self, call: Call) -> str:
        now = time.monotonic()
        for token in [token for token, point in self._points.items() if point.ends_at <= now]:
            del self._points[token]
        if len(self._points) >= _MAX_SUBSCRIPTIONS:
            raise SoapFault("Too many subscriptions", "ter:Action", "ter:TooManyPullPoints", is_sender=False)
        life = self._lifetime(call.text("tev:InitialTerminationTime"))
        token = secrets.token_hex(8)
        self._points[token] = _PullPoint(now + life)
        self._points[token].put(self._motion_message("Initialized"))
        return (
            "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa:Address>"
            f"{escape(call.base + SUBSCRIPTION_ROOT + token)}</wsa:Address></tev:SubscriptionReference>"
            f"{self._times(life)}</tev:CreatePullPointSubscriptionResponse>"
        )

    def _point(self, call: Call) -> tuple[str, _PullPoint]:
        token = call.path.removeprefix(SUBSCRIPTION_ROOT)
        point = self._points.get(token)
        if point is None or point.ends_at <= time.monotonic():
            raise SoapFault("No such subscription", "ter:InvalidArgVal", "ter:NoEntity")
        return token, point

    async def _pull(self, call: Call) -> str:
        point = self._point(call)[1]
        wait = min(self._seconds(call.required("tev:Timeout")), _MAX_PULL)
        limit = call.required("tev:MessageLimit")
        if not limit.isdecimal() or not int(limit[:9]) >= 1:
            raise bad_value("The message limit is malformed")
        if not point.waiting:
            point.arrived.clear()
            try:
                async with asyncio.timeout(wait):
                    await point.arrived.wait()
            except TimeoutError:
                pass
        count = min(int(limit), len(point.waiting))
        messages = "".join(point.waiting.popleft() for _ in range(count))
        remaining = max(0.0, point.ends_at - time.monotonic())
        return f"<tev:PullMessagesResponse>{self._times(remaining, 'tev')}{messages}</tev:PullMessagesResponse>"

    def _synchronize(self, call: Call) -> str:
        self._point(call)[1].put(self._motion_message("Initialized"))
        return "<tev:SetSynchronizationPointResponse/>"

    def _renew(self, call: Call) -> str:
        point = self._point(call)[1]
        life = self._lifetime(call.text("wsnt:TerminationTime"))
        point.ends_at = time.monotonic() + life
        now = self._state.wall_clock()
        return (
            f"<wsnt:RenewResponse><wsnt:TerminationTime>{_iso(now + life)}</wsnt:TerminationTime>"
            f"<wsnt:CurrentTime>{_iso(now)}</wsnt:CurrentTime></wsnt:RenewResponse>"
        )

    def _unsubscribe(self, call: Call) -> str:
        token, point = self._point(call)
        del self._points[token]
        point.arrived.set()
        return "<wsnt:UnsubscribeResponse/>"

    def _times(self, life: float, prefix: str = "wsnt") -> str:
        now = self._state.wall_clock()
        return (
            f"<{prefix}:CurrentTime>{_iso(now)}</{prefix}:CurrentTime>"
            f"<{prefix}:TerminationTime>{_iso(now + life)}</{prefix}:TerminationTime>"
        )

    def _lifetime(self, text: str | None) -> float:
        """Read how long a subscription is to live: a duration, or a moment by the camera's clock."""
        if text is None:
            return _DEFAULT_LIFE
        if text.startswith("P"):
            seconds = self._seconds(text)
        else:
            try:
                seconds = datetime.fromisoformat(text).timestamp() - self._state.wall_clock()
            except ValueError as error:
                raise bad_value("The termination time is malformed") from error
        if seconds <= 0:
            raise bad_value("The termination time has passed")
        return min(seconds, _MAX_LIFE)

    def _seconds(self, duration: str) -> float:
        parts = _DURATION.fullmatch(duration)
        if parts is None or duration in ("P", "PT"):
            raise bad_value("The duration is malformed")
        days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
