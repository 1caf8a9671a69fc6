"""One RTSP session: the tracks that were set up, and the packets of a stream while it plays."""

import secrets
import time
from dataclasses import dataclass

from .faults import StreamFault
from .rtp import AUDIO_CLOCK, VIDEO_CLOCK, RtpSender, payloads
from .rtsp_transport import Outlet
from .sdp import AUDIO_PAYLOAD_TYPE, AUDIO_TRACK, VIDEO_PAYLOAD_TYPE, VIDEO_TRACK
from .state import CameraState
from .stream import LivePicture, Stream

_REPORT_INTERVAL = 5.0
_SILENCE = b"\xff"
"""One sample of silence in mu-law."""


@dataclass(frozen=True, slots=True)
class Track:
    """A track that was set up. `offset` is added to the stream's time stamps."""

    sender: RtpSender
    outlet: Outlet
    offset: int


class Session:
    """Plays one stream to one client. Counted in the camera's state from set-up to end."""

    def __init__(self, state: CameraState, stream: Stream) -> None:
        """Open a session on a stream."""
        self.token = secrets.token_hex(8)
        self.stream = stream
        self.tracks: dict[str, Track] = {}
        self.is_playing = False
        self._state = state
        self._report_due = 0.0
        state.sessions += 1
        state.notify()

    def add_track(self, name: str, outlet: Outlet) -> Track:
        """Set up a track; one that was set up before is replaced."""
        is_video = name == VIDEO_TRACK
        clock = VIDEO_CLOCK if is_video else AUDIO_CLOCK
        sender = RtpSender(VIDEO_PAYLOAD_TYPE if is_video else AUDIO_PAYLOAD_TYPE, clock)
        if name in self.tracks:
            self.tracks[name].outlet.close()
        self.tracks[name] = Track(sender, outlet, secrets.randbits(32))
        if name == AUDIO_TRACK:
            self._state.counters.audio_setups += 1
            self._state.notify()
        return self.tracks[name]

    def play(self) -> None:
        """Begin to send."""
        if not self.is_playing:
            self.is_playing = True
            self._report_due = 0.0
            self.stream.add(self._send)
            self._state.playing += 1
        self._state.counters.plays += 1
        self._state.notify()

    def pause(self) -> None:
        """Stop sending; the tracks stay."""
        if self.is_playing:
            self.is_playing = False
            self.stream.remove(self._send)
            self._state.playing -= 1
            self._state.notify()

    def close(self) -> None:
        """End the session."""
        self.pause()
        for track in self.tracks.values():
            track.outlet.send(track.sender.goodbye(), is_control=True)
            track.outlet.close()
        self.tracks.clear()
        self._state.sessions -= 1
        self._state.notify()

    def rtp_info(self, base: str) -> str:
        """Tell the first sequence number and time stamp of each track, for the answer to PLAY."""
        now = self.stream.timestamp_at(time.monotonic())
        return ",".join(
            f"url={base}/{name};seq={track.sender.sequence};rtptime={self._stamp(name, track, now)}"
            for name, track in sorted(self.tracks.items())
        )

    def _stamp(self, name: str, track: Track, video_stamp: int) -> int:
        stamp = video_stamp if name == VIDEO_TRACK else video_stamp * AUDIO_CLOCK // VIDEO_CLOCK
        return stamp + track.offset & 0xFFFFFFFF

    def _send(self, picture: LivePicture) -> None:
        if self._state.faults.stream is StreamFault.FROZEN:
            return
        if video := self.tracks.get(VIDEO_TRACK):
            self._send_video(video, picture)
        if audio := self.tracks.get(AUDIO_TRACK):
            self._send_silence(audio, picture)
        now = time.monotonic()
        if now >= self._report_due:
            self._report_due = now + _REPORT_INTERVAL
            wall_clock = self._state.wall_clock() - (now - picture.taken_at)
            for name, track in self.tracks.items():
                report = track.sender.sender_report(wall_clock, self._stamp(name, track, picture.timestamp))
                track.outlet.send(report, is_control=True)

    def _send_video(self, track: Track, picture: LivePicture) -> None:
        settings = self._state.settings
        parts = payloads(
            self.stream.profile.codec,
            picture.nal_units,
            settings.max_payload,
            is_aggregating=settings.has_aggregation,
        )
        stamp = self._stamp(VIDEO_TRACK, track, picture.timestamp)
        for index, part in enumerate(parts, 1):
            packet = track.sender.packet(part, stamp, is_last=index == len(parts))
            track.outlet.send(packet, is_control=False)

    def _send_silence(self, track: Track, picture: LivePicture) -> None:
        samples = AUDIO_CLOCK // self.stream.profile.fps
        stamp = self._stamp(AUDIO_TRACK, track, picture.timestamp)
        track.outlet.send(track.sender.packet(_SILENCE * samples, stamp, is_last=False), is_control=False)
