"""The media service: profiles, encoder settings, stream addresses, key frames on demand."""

from collections.abc import Mapping
from dataclasses import replace

from virtual_camera.rtsp import STREAM_ROOT
from virtual_camera.settings import Codec, Profile
from virtual_camera.state import CameraState
from virtual_camera.stream import Stream

from .ptz_configuration import ptz_configuration
from .registry import MEDIA, Operations
from .snapshot import SNAPSHOT_ROOT
from .soap import Call, SoapFault, bad_value, escape, number, quoteattr

SOURCE = "source_1"
_SOURCE_CONFIGURATION = "source_configuration_1"


class MediaService:
    """Answers the media service's calls."""

    def __init__(self, state: CameraState, streams: Mapping[str, Stream]) -> None:
        """Answer about streams by profile token."""
        self._state = state
        self._streams = streams

    def register(self, operations: Operations) -> None:
        """Say which calls there are."""
        for name, handler in {
            "GetServiceCapabilities": self._service_capabilities,
            "GetProfiles": self._profiles,
            "GetProfile": self._profile,
            "GetVideoSources": self._video_sources,
            "GetVideoSourceConfigurations": self._source_configurations,
            "GetVideoEncoderConfigurations": self._encoders,
            "GetVideoEncoderConfiguration": self._encoder,
            "GetVideoEncoderConfigurationOptions": self._encoder_options,
            "SetVideoEncoderConfiguration": self._set_encoder,
            "GetStreamUri": self._stream_uri,
            "GetSnapshotUri": self._snapshot_uri,
            "SetSynchronizationPoint": self._sync_point,
            "GetAudioSources": self._audio_sources,
            "GetAudioEncoderConfigurations": self._audio_encoders,
        }.items():
            operations.add(MEDIA, name, handler)

    def _service_capabilities(self, call: Call) -> str:
        return (
            "<trt:GetServiceCapabilitiesResponse><trt:Capabilities "
            f'SnapshotUri="{str(self._state.settings.has_snapshots).lower()}" Rotation="false" OSD="false">'
            f'<trt:ProfileCapabilities MaximumNumberOfProfiles="{len(self._streams)}"/>'
            '<trt:StreamingCapabilities RTPMulticast="false" RTP_TCP="true" RTP_RTSP_TCP="true"/>'
            "</trt:Capabilities></trt:GetServiceCapabilitiesResponse>"
        )

    def _stream(self, call: Call) -> Stream:
        stream = self._streams.get(call.required("trt:ProfileToken"))
        if stream is None:
            raise bad_value("No such profile", "ter:NoProfile")
        return stream

    def _profiles(self, call: Call) -> str:
        parts = "".join(self._profile_xml("Profiles", stream.profile) for stream in self._streams.values())
        return f"<trt:GetProfilesResponse>{parts}</trt:GetProfilesResponse>"

    def _profile(self, call: Call) -> str:
        profile = self._profile_xml("Profile", self._stream(call).profile)
        return f"<trt:GetProfileResponse>{profile}</trt:GetProfileResponse>"

    def _profile_xml(self, tag: str, profile: Profile) -> str:
        settings = self._state.settings
        ptz = (
            ptz_configuration("tt:PTZConfiguration", has_absolute=settings.has_absolute_moves)
            if settings.has_ptz
            else ""
        )
        return (
            f'<trt:{tag} token={quoteattr(profile.token)} fixed="true"><tt:Name>{escape(profile.name)}</tt:Name>'
            f"{self._source_configuration('tt:VideoSourceConfiguration')}"
            f"{_encoder_xml('tt:VideoEncoderConfiguration', profile)}{ptz}</trt:{tag}>"
        )

    def _largest(self) -> Profile:
        return max((stream.profile for stream in self._streams.values()), key=lambda profile: profile.width)

    def _source_configuration(self, tag: str) -> str:
        largest = self._largest()
        return (
            f'<{tag} token="{_SOURCE_CONFIGURATION}"><tt:Name>Source</tt:Name>'
            f"<tt:UseCount>{len(self._streams)}</tt:UseCount>"
            f'<tt:SourceToken>{SOURCE}</tt:SourceToken><tt:Bounds x="0" y="0" width="{largest.width}" '
            f'height="{largest.height}"/></{tag}>'
        )

    def _video_sources(self, call: Call) -> str:
        largest = self._largest()
        return (
            f'<trt:GetVideoSourcesResponse><trt:VideoSources token="{SOURCE}">'
            f"<tt:Framerate>{largest.fps}</tt:Framerate>"
            f"<tt:Resolution><tt:Width>{largest.width}</tt:Width><tt:Height>{largest.height}</tt:Height></tt:Resolution>"
            "</trt:VideoSources></trt:GetVideoSourcesResponse>"
        )

    def _source_configurations(self, call: Call) -> str:
        configuration = self._source_configuration("trt:Configurations")
        return f"<trt:GetVideoSourceConfigurationsResponse>{configuration}</trt:GetVideoSourceConfigurationsResponse>"

    def _by_encoder(self, token: str) -> Stream:
        for stream in self._streams.values():
            if _encoder_token(stream.profile) == token:
                return stream
        raise bad_value("No such configuration", "ter:NoConfig")

    def _encoders(self, call: Call) -> str:
        parts = "".join(_encoder_xml("trt:Configurations", stream.profile) for stream in self._streams.values())
        return f"<trt:GetVideoEncoderConfigurationsResponse>{parts}</trt:GetVideoEncoderConfigurationsResponse>"

    def _encoder(self, call: Call) -> str:
        profile = self._by_encoder(call.required("trt:ConfigurationToken")).profile
        part = _encoder_xml("trt:Configuration", profile)
        return f"<trt:GetVideoEncoderConfigurationResponse>{part}</trt:GetVideoEncoderConfigurationResponse>"

    def _encoder_options(self, call: Call) -> str:
        token, configuration = call.text("trt:ProfileToken"), call.text("trt:ConfigurationToken")
        if token:
            profile = self._stream(call).profile
        elif configuration:
            profile = self._by_encoder(configuration).profile
        else:
            profile = self._largest()
        return (
            "<trt:GetVideoEncoderConfigurationOptionsResponse><trt:Options><tt:QualityRange><tt:Min>1</tt:Min><tt:Max>5</tt:Max>"
            f"</tt:QualityRange><tt:H264><tt:ResolutionsAvailable><tt:Width>{profile.width}</tt:Width>"
            f"<tt:Height>{profile.height}</tt:Height></tt:ResolutionsAvailable><tt:GovLengthRange><tt:Min>1</tt:Min>"
            "<tt:Max>600</tt:Max></tt:GovLengthRange><tt:FrameRateRange><tt:Min>1</tt:Min><tt:Max>60</tt:Max>"
            "</tt:FrameRateRange><tt:EncodingIntervalRange><tt:Min>1</tt:Min><tt:Max>1</tt:Max></tt:EncodingIntervalRange>"
            "<tt:H264ProfilesSupported>Baseline</tt:H264ProfilesSupported></tt:H264></trt:Options>"
            "</trt:GetVideoEncoderConfigurationOptionsResponse>"
        )

    def _set_encoder(self, call: Call) -> str:
        element = call.body.find("{*}Configuration")
        stream = self._by_encoder(element.get("token", "") if element is not None else "")
        profile = stream.profile
        root = "trt:Configuration/"
        width, height = call.text(f"{root}tt:Resolution/tt:Width"), call.text(f"{root}tt:Resolution/tt:Height")
        if (width or str(profile.width), height or str(profile.height)) != (str(profile.width), str(profile.height)):
            raise bad_value("The resolution is fixed", "ter:ConfigModify")
        rate = call.text(f"{root}tt:RateControl/tt:FrameRateLimit")
        bitrate = call.text(f"{root}tt:RateControl/tt:BitrateLimit")
        gop = call.text(f"{root}tt:H264/tt:GovLength")
        try:
            wanted = replace(
                profile,
                fps=int(number(rate)) if rate else profile.fps,
                bitrate=int(number(bitrate) * 1000) if bitrate else profile.bitrate,
                gop=int(number(gop)) if gop else profile.gop,
            )
        except ValueError as error:
            raise bad_value("The configuration is out of range", "ter:ConfigModify") from error
        stream.configure(wanted)
        return "<trt:SetVideoEncoderConfigurationResponse/>"

    def _stream_uri(self, call: Call) -> str:
        uri = f"{call.rtsp_base}{STREAM_ROOT}{self._stream(call).profile.token}"
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{escape(uri)}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
            "<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def _snapshot_uri(self, call: Call) -> str:
        if not self._state.settings.has_snapshots:
            raise SoapFault("This camera takes no stills", "ter:ActionNotSupported", is_sender=False)
        uri = f"{call.base}{SNAPSHOT_ROOT}{self._stream(call).profile.token}"
        return (
            f"<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>{escape(uri)}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
            "<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetSnapshotUriResponse>"
        )

    def _sync_point(self, call: Call) -> str:
        stream = self._stream(call)
        stream.request_key_frame()
        self._state.counters.sync_points += 1
        self._state.notify()
        return "<trt:SetSynchronizationPointResponse/>"

    def _audio_sources(self, call: Call) -> str:
        source = '<trt:AudioSources token="audio_1"><tt:Channels>1</tt:Channels></trt:AudioSources>'
        return (
            f"<trt:GetAudioSourcesResponse>{source if self._state.faults.audio else ''}</trt:GetAudioSourcesResponse>"
        )

    def _audio_encoders(self, call: Call) -> str:
        return "<trt:GetAudioEncoderConfigurationsResponse/>"


def _encoder_token(profile: Profile) -> str:
    return f"encoder_{profile.token}"


def _encoder_xml(tag: str, profile: Profile) -> str:
    is_h264 = profile.codec is Codec.H264
    h264 = f"<tt:H264><tt:GovLength>{profile.gop}</tt:GovLength><tt:H264Profile>Baseline</tt:H264Profile></tt:H264>"
    return (
        f"<{tag} token={quoteattr(_encoder_token(profile))}><tt:Name>{escape(profile.name)}</tt:Name>"
        f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{'H264' if is_h264 else 'H265'}</tt:Encoding>"
        f"<tt:Resolution><tt:Width>{profile.width}</tt:Width>"
        f"<tt:Height>{profile.height}</tt:Height></tt:Resolution><tt:Quality>3</tt:Quality><tt:RateControl>"
        f"<tt:FrameRateLimit>{profile.fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
        f"<tt:BitrateLimit>{profile.bitrate // 1000}</tt:BitrateLimit></tt:RateControl>{h264 if is_h264 else ''}"
        "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
        "<tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>"
        f"<tt:SessionTimeout>PT60S</tt:SessionTimeout></{tag}>"
    )
