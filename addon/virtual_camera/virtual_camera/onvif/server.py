"""ONVIF over HTTP: takes calls, checks who makes them, lets the services answer."""

import inspect
from collections.abc import Callable, Mapping

from aiohttp import web
from yarl import URL

from virtual_camera.state import CameraState
from virtual_camera.stream import Stream

from .device import DeviceService
from .events import SUBSCRIPTION_ROOT, EventService
from .imaging import ImagingService
from .media import MediaService
from .ptz import PtzService
from .recording import RecordingService
from .registry import Operations
from .security import TokenGuard, not_authorized
from .snapshot import SNAPSHOT_ROOT, SnapshotService
from .soap import MAX_REQUEST, Call, SoapFault, envelope, fault_envelope, parse_call

_CONTENT_TYPE = "application/soap+xml"
_ADDRESSING_ACTIONS = {
    "CreatePullPointSubscription": "http://www.onvif.org/ver10/events/wsdl/EventPortType/CreatePullPointSubscriptionResponse",
    "PullMessages": "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/PullMessagesResponse",
    "Renew": "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewResponse",
    "Unsubscribe": "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/UnsubscribeResponse",
}


class OnvifServer:
    """The camera's web server. It can be closed and started again, as in a restart."""

    def __init__(self, state: CameraState, streams: Mapping[str, Stream], reboot: Callable[[], None]) -> None:
        """Serve this camera; `reboot` is called when a client asks for a restart."""
        self._state = state
        self._operations = Operations()
        self._guard = TokenGuard(state.settings.user, state.settings.password)
        self._events = EventService(state)
        self._rtsp_port = 0
        self._runner: web.AppRunner | None = None
        DeviceService(state, reboot).register(self._operations)
        MediaService(state, streams).register(self._operations)
        if state.settings.has_ptz:
            PtzService(state).register(self._operations)
        ImagingService(state).register(self._operations)
        RecordingService(state).register(self._operations)
        self._snapshots = SnapshotService(state, streams)
        self._events.register(self._operations)

    async def start(self, host: str, port: int, rtsp_port: int) -> int:
        """Listen; give the port. Raises OSError when it is taken."""
        self._rtsp_port = rtsp_port
        app = web.Application(client_max_size=MAX_REQUEST)
        app.router.add_post("/onvif/{service:[a-z_]+}", self._serve)
        app.router.add_post(SUBSCRIPTION_ROOT + "{token:[0-9a-f]+}", self._serve)
        app.router.add_get(SNAPSHOT_ROOT + "{token:[A-Za-z0-9_]+}", self._snapshots.serve, allow_head=False)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, reuse_address=True)
        await site.start()
        actual: int = self._runner.addresses[0][1]
        return actual

    async def close(self) -> None:
        """Stop listening, cut every connection and forget subscriptions."""
        self._events.forget_all()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            data = await request.read()
            call = parse_call(data, str(request.url.origin()), self._rtsp_base(request.url), request.path)
            self._check_access(call)
            result = self._operations.handler(call)(call)
            body = await result if inspect.isawaitable(result) else result
        except SoapFault as fault:
            status = 400 if fault.is_sender else 500
            return web.Response(body=fault_envelope(fault), status=status, content_type=_CONTENT_TYPE, charset="utf-8")
        answer = envelope(body, action=_ADDRESSING_ACTIONS.get(call.operation, ""), relates_to=call.message_id())
        return web.Response(body=answer, content_type=_CONTENT_TYPE, charset="utf-8")

    def _rtsp_base(self, url: URL) -> str:
        """Give the RTSP server's address as the client can reach it: the host that it used for HTTP."""
        return str(URL.build(scheme="rtsp", host=url.host or self._state.settings.host, port=self._rtsp_port))

    def _check_access(self, call: Call) -> None:
        if self._operations.is_public(call):
            return
        try:
            if self._state.faults.password_changed:
                raise not_authorized()
            self._guard.check(call, self._state.wall_clock())
        except SoapFault:
            self._state.counters.refused_logins += 1
            self._state.notify()
            raise
