"""TURN addresses and connection fields: what is read, what is refused."""

import pytest

from bridge.media import ConnectionFields, FieldsError, IceConfig
from bridge.media.fields import parse_candidate
from bridge.media.ice import TurnServer, parse_turn_url

GOOD = {
    "fingerprint": ":".join(["0F"] * 32),
    "ufrag": "abCD",
    "password": "p" * 22,
    "candidates": ("candidate:1 1 udp 2130706431 192.0.2.1 50000 typ relay",),
    "setup": "active",
}


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("turn:relay.example:3479?transport=udp", TurnServer("relay.example", 3479, "udp", tls=False)),
        ("turn:relay.example", TurnServer("relay.example", 3478, "udp", tls=False)),
        ("turn:192.0.2.1?transport=tcp", TurnServer("192.0.2.1", 3478, "tcp", tls=False)),
        ("turns:relay.example", TurnServer("relay.example", 5349, "tcp", tls=True)),
        ("turns:[2001:db8::1]:443?transport=tcp", TurnServer("2001:db8::1", 443, "tcp", tls=True)),
    ],
)
def test_a_turn_url_is_read(url: str, server: TurnServer) -> None:
    assert parse_turn_url(url) == server


@pytest.mark.parametrize(
    "url",
    ["stun:relay.example", "turn:", "turn:a b", "turn:h:0", "turn:h:70000", "turns:h?transport=udp", "turn:u:p@h"],
)
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="TURN"):
        IceConfig((url,))


def test_the_credential_is_not_shown() -> None:
    assert "secret" not in repr(IceConfig(("turn:h",), "secret-user", "secret"))


def test_good_fields_are_taken() -> None:
    assert ConnectionFields(**GOOD).setup == "active"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fingerprint", ":".join(["0f"] * 32)),
        ("fingerprint", ":".join(["0F"] * 20)),
        ("fingerprint", ":".join(["0F"] * 32) + "\r\na=fingerprint:sha-256 00"),
        ("ufrag", "abc"),
        ("ufrag", "abcd\r\n"),
        ("password", "short"),
        ("password", "p" * 65),
        ("candidates", ()),
        ("candidates", GOOD["candidates"] * 9),
        ("candidates", ("nonsense",)),
        ("setup", "holdconn"),
    ],
)
def test_malformed_fields_are_refused(name: str, value: object) -> None:
    with pytest.raises(FieldsError):
        ConnectionFields(**{**GOOD, name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "candidate:1 1 tcp 1 192.0.2.1 9 typ host",
        "candidate:1 2 udp 1 192.0.2.1 9 typ host",
        "candidate:1 1 udp 1 192.0.2.1 0 typ host",
        "candidate:1 1 udp 1 192.0.2.1 70000 typ host",
        "candidate:1 1 udp 0 192.0.2.1 9 typ host",
        "candidate:1 1 udp 4294967296 192.0.2.1 9 typ host",
        "candidate:1 1 udp 1 192.0.2 9 typ host",
        "candidate:1 1 udp 1 224.0.0.1 9 typ host",
        "candidate:1 1 udp 1 0.0.0.0 9 typ host",
        "candidate:1 1 udp 1 camera.local 9 typ host",
        "candidate:1 1 udp 1 192.0.2.1 9 typ prflx",
        "candidate:1 1 udp 1 192.0.2.1 9 typ relay raddr 10.0.0.1 rport 9",
    ],
)
def test_a_malformed_candidate_is_refused(text: str) -> None:
    with pytest.raises(FieldsError):
        parse_candidate(text)


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "68ee3675-4cc3-4a60-8a30-8a3e6f4ad846.local"])
def test_an_address_or_an_mdns_name_is_taken(host: str) -> None:
    assert parse_candidate(f"candidate:1 1 udp 1 {host} 9 typ host").host == host
