"""Connection fields: the only thing about a media connection that the two ends tell each other.

Both are signed by their sender; each end writes the SDP itself from them
(docs/decisions/001-signed-connection-fields.md). No SDP of a peer is ever parsed.
"""

import ipaddress
import re
from dataclasses import dataclass, field

from .errors import FieldsError

MAX_CANDIDATES = 8
SETUP_ROLES = ("actpass", "active", "passive")
_FINGERPRINT = re.compile(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}")
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,32}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,64}")
_CANDIDATE = re.compile(
    r"candidate:([A-Za-z0-9+/]{1,32}) 1 udp ([0-9]{1,10}) ([0-9a-fA-F:.]{2,45}|[0-9a-f-]{36}\.local) "
    r"([0-9]{1,5}) typ (host|srflx|relay)"
)


@dataclass(frozen=True, slots=True)
class CandidateParts:
    """One candidate attribute, taken apart."""

    foundation: str
    priority: int
    host: str
    """IPv4 or IPv6 literal, or an mDNS name."""
    port: int
    kind: str
    """host, srflx or relay."""


def parse_candidate(text: str) -> CandidateParts:
    """Read one candidate. Only component 1, UDP and no extensions exist. Raises FieldsError."""
    match = _CANDIDATE.fullmatch(text)
    if match is None:
        raise FieldsError("malformed candidate")
    foundation, priority, host, port, kind = match.groups()
    if not 0 < int(priority) < 1 << 31 or not 0 < int(port) < 1 << 16:
        raise FieldsError("candidate out of range")
    if not host.endswith(".local"):
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            raise FieldsError("malformed candidate address") from None
        if address.is_multicast or address.is_unspecified:
            raise FieldsError("candidate address is not a host")
    return CandidateParts(foundation, int(priority), host, int(port), kind)


@dataclass(frozen=True, slots=True)
class ConnectionFields:
    """One end of a media connection. Raises FieldsError when built from anything malformed."""

    fingerprint: str
    """SHA-256 of the DTLS certificate, as in SDP: upper-case hex pairs with colons."""
    ufrag: str
    password: str = field(repr=False)
    """ICE password: like the user fragment, good for this one connection."""
    candidates: tuple[str, ...]
    """Candidate attributes without "a=", in the short form that `parse_candidate` reads."""
    setup: str
    """DTLS role: the hub says actpass, the viewer answers active."""

    def __post_init__(self) -> None:
        """Check every field: size, shape, meaning."""
        if not _FINGERPRINT.fullmatch(self.fingerprint):
            raise FieldsError("malformed fingerprint")
        if not _UFRAG.fullmatch(self.ufrag) or not _PASSWORD.fullmatch(self.password):
            raise FieldsError("malformed ICE user fragment or password")
        if not 0 < len(self.candidates) <= MAX_CANDIDATES:
            raise FieldsError("no candidates, or too many")
        for candidate in self.candidates:
            parse_candidate(candidate)
        if self.setup not in SETUP_ROLES:
            raise FieldsError("unknown setup role")
