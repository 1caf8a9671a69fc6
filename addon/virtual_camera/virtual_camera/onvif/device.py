"""The device service: who the camera is, what it can do, what time it has."""

from collections.abc import Callable
from datetime import UTC, datetime

from virtual_camera.state import CameraState

from .registry import DEVICE, EVENTS, IMAGING, MEDIA, PTZ, RECORDING, Operations
from .soap import NAMESPACES, Call, bad_value, escape

MANUFACTURER = "Trygghetskamera"
MODEL = "Virtual"
STRANGER = "installer"
"""The other user that a fault adds."""


def scopes(state: CameraState) -> list[str]:
    """Give the scopes that discovery and GetScopes tell."""
    name = state.settings.name.replace(" ", "_")
    return [
        "onvif://www.onvif.org/Profile/Streaming",
        "onvif://www.onvif.org/type/video_encoder",
        *(["onvif://www.onvif.org/type/ptz"] if state.settings.has_ptz else []),
        f"onvif://www.onvif.org/name/{name}",
        f"onvif://www.onvif.org/hardware/{MODEL}",
        f"onvif://www.onvif.org/mac/{state.settings.mac}",
    ]


class DeviceService:
    """Answers the device service's calls."""

    def __init__(self, state: CameraState, reboot: Callable[[], None]) -> None:
        """Answer from the camera's state; `reboot` starts a restart."""
        self._state = state
        self._reboot = reboot

    def register(self, operations: Operations) -> None:
        """Say which calls there are."""
        operations.add(DEVICE, "GetSystemDateAndTime", self._date_and_time, is_public=True)
        operations.add(DEVICE, "GetServices", self._services, is_public=True)
        operations.add(DEVICE, "GetCapabilities", self._capabilities, is_public=True)
        operations.add(DEVICE, "GetServiceCapabilities", self._service_capabilities, is_public=True)
        operations.add(DEVICE, "GetDeviceInformation", self._information)
        operations.add(DEVICE, "GetNetworkInterfaces", self._network_interfaces)
        operations.add(DEVICE, "GetScopes", self._scopes)
        operations.add(DEVICE, "GetHostname", self._hostname)
        operations.add(DEVICE, "GetUsers", self._users)
        operations.add(DEVICE, "SystemReboot", self._system_reboot)

    def _address(self, call: Call, service: str) -> str:
        return escape(f"{call.base}/onvif/{service}")

    def _offered(self) -> list[tuple[str, str]]:
        ptz = [(PTZ, "ptz_service")] if self._state.settings.has_ptz else []
        return [
            (DEVICE, "device_service"),
            (MEDIA, "media_service"),
            *ptz,
            (IMAGING, "imaging_service"),
            (EVENTS, "event_service"),
            (RECORDING, "recording_service"),
        ]

    def _services(self, call: Call) -> str:
        entries = "".join(
            f"<tds:Service><tds:Namespace>{NAMESPACES[prefix]}</tds:Namespace>"
            f"<tds:XAddr>{self._address(call, path)}</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
            for prefix, path in self._offered()
        )
        return f"<tds:GetServicesResponse>{entries}</tds:GetServicesResponse>"

    def _capabilities(self, call: Call) -> str:
        category = call.text("tds:Category") or "All"
        parts = {
            "Device": f"<tt:Device><tt:XAddr>{self._address(call, 'device_service')}</tt:XAddr></tt:Device>",
            "Events": f"<tt:Events><tt:XAddr>{self._address(call, 'event_service')}</tt:XAddr>"
            "<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport>"
            "<tt:WSPullPointSupport>true</tt:WSPullPointSupport>"
            "<tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport>"
            "</tt:Events>",
            "Imaging": f"<tt:Imaging><tt:XAddr>{self._address(call, 'imaging_service')}</tt:XAddr></tt:Imaging>",
            "Media": f"<tt:Media><tt:XAddr>{self._address(call, 'media_service')}</tt:XAddr>"
            "<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP>"
            "<tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>",
        }
        if self._state.settings.has_ptz:
            parts["PTZ"] = f"<tt:PTZ><tt:XAddr>{self._address(call, 'ptz_service')}</tt:XAddr></tt:PTZ>"
        if category != "All" and category not in parts:
            raise bad_value("no such capability", "ter:NoSuchService")
        chosen = "".join(part for name, part in parts.items() if category in ("All", name))
        return (
            f"<tds:GetCapabilitiesResponse><tds:Capabilities>{chosen}</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def _service_capabilities(self, call: Call) -> str:
        return (
            "<tds:GetServiceCapabilitiesResponse><tds:Capabilities><tds:Network/>"
            '<tds:Security UsernameToken="true" HttpDigest="false"/><tds:System DiscoveryResolve="false"/>'
            "</tds:Capabilities></tds:GetServiceCapabilitiesResponse>"
        )

    def _date_and_time(self, call: Call) -> str:
        now = datetime.fromtimestamp(self._state.wall_clock(), UTC)
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>UTC0</tt:TZ></tt:TimeZone>"
            f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
            f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime>"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _information(self, call: Call) -> str:
        return (
            f"<tds:GetDeviceInformationResponse><tds:Manufacturer>{MANUFACTURER}</tds:Manufacturer>"
            f"<tds:Model>{MODEL}</tds:Model><tds:FirmwareVersion>{escape(self._state.firmware)}</tds:FirmwareVersion>"
            f"<tds:SerialNumber>{escape(self._state.serial)}</tds:SerialNumber>"
            "<tds:HardwareId>virtual</tds:HardwareId></tds:GetDeviceInformationResponse>"
        )

    def _network_interfaces(self, call: Call) -> str:
        return (
            '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled>'
            f"<tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>{escape(self._state.settings.mac)}</tt:HwAddress>"
            "<tt:MTU>1500</tt:MTU></tt:Info></tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>"
        )

    def _scopes(self, call: Call) -> str:
        entries = "".join(
            f"<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>{escape(scope)}</tt:ScopeItem></tds:Scopes>"
            for scope in scopes(self._state)
        )
        return f"<tds:GetScopesResponse>{entries}</tds:GetScopesResponse>"

    def _hostname(self, call: Call) -> str:
        return (
            "<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP>"
            "<tt:Name>virtual-camera</tt:Name></tds:HostnameInformation></tds:GetHostnameResponse>"
        )

    def _users(self, call: Call) -> str:
        users = [(self._state.settings.user, "Administrator")]
        if self._state.faults.stranger:
            users.append((STRANGER, "User"))
        entries = "".join(
            f"<tds:User><tt:Username>{escape(name)}</tt:Username><tt:UserLevel>{level}</tt:UserLevel></tds:User>"
            for name, level in users
        )
        return f"<tds:GetUsersResponse>{entries}</tds:GetUsersResponse>"

    def _system_reboot(self, call: Call) -> str:
        self._reboot()
        return "<tds:SystemRebootResponse><tds:Message>Restarting</tds:Message></tds:SystemRebootResponse>"
