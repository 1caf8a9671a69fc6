"""The session description that DESCRIBE answers with."""

from base64 import b64encode

from .settings import Codec, Profile

VIDEO_PAYLOAD_TYPE = 96
AUDIO_PAYLOAD_TYPE = 0
VIDEO_TRACK = "trackID=1"
AUDIO_TRACK = "trackID=2"


def describe(profile: Profile, parameter_sets: tuple[bytes, ...], host: str, *, has_audio: bool) -> str:
    """Describe a stream: one video track, and one audio track if the microphone is on."""
    family = "IP6" if ":" in host else "IP4"
    lines = [
        "v=0",
        f"o=- 1 1 IN {family} {host}",
        f"s={profile.name}",
        f"c=IN {family} {'::' if family == 'IP6' else '0.0.0.0'}",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {VIDEO_PAYLOAD_TYPE}",
        f"b=AS:{profile.bitrate // 1000}",
        *_video_format(profile, parameter_sets),
        f"a=framerate:{profile.fps}",
        f"a=framesize:{VIDEO_PAYLOAD_TYPE} {profile.width}-{profile.height}",
        "a=sendonly",
        f"a=control:{VIDEO_TRACK}",
    ]
    if has_audio:
        lines += [
            f"m=audio 0 RTP/AVP {AUDIO_PAYLOAD_TYPE}",
            "a=rtpmap:0 PCMU/8000",
            "a=sendonly",
            f"a=control:{AUDIO_TRACK}",
        ]
    return "\r\n".join(lines) + "\r\n"


def _video_format(profile: Profile, parameter_sets: tuple[bytes, ...]) -> list[str]:
    coded = [b64encode(unit).decode() for unit in parameter_sets]
    if profile.codec is Codec.H264:
        level = parameter_sets[0][1:4].hex().upper()
        sets = ",".join(coded)
        return [
            f"a=rtpmap:{VIDEO_PAYLOAD_TYPE} H264/90000",
            f"a=fmtp:{VIDEO_PAYLOAD_TYPE} packetization-mode=1;profile-level-id={level};sprop-parameter-sets={sets}",
        ]
    names = ("sprop-vps", "sprop-sps", "sprop-pps")
    sets = ";".join(f"{name}={value}" for name, value in zip(names, coded, strict=True))
    return [f"a=rtpmap:{VIDEO_PAYLOAD_TYPE} H265/90000", f"a=fmtp:{VIDEO_PAYLOAD_TYPE} {sets}"]
