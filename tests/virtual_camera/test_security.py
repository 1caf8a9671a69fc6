"""Attacks on the ONVIF login and parser."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from virtual_camera import VirtualCamera

SOAP = "http://www.w3.org/2003/05/soap-envelope"
SECEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
GOTO = (
    '<p:GotoPreset xmlns:p="http://www.onvif.org/ver20/ptz/wsdl"><p:ProfileToken>profile_720p15</p:ProfileToken>'
    "<p:PresetToken>preset_bed</p:PresetToken></p:GotoPreset>"
)


def token(
    *,
    user: str = "viewer",
    password: str = "secret",
    age: float = 0,
    nonce: bytes = b"0123456789abcdef",
    kind: str = "Digest",
) -> str:
    created = (datetime.now(UTC) - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
    value = digest if kind == "Digest" else password
    return (
        f'<w:Security xmlns:w="{SECEXT}" xmlns:u="{UTILITY}"><w:UsernameToken><w:Username>{user}</w:Username>'
        f'<w:Password Type="{PROFILE}#Password{kind}">{value}</w:Password>'
        f"<w:Nonce>{b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created></w:UsernameToken></w:Security>"
    )


def call(header: str, body: str = GOTO) -> str:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'


async def post(camera: VirtualCamera, data: str | bytes, path: str = "/onvif/ptz_service") -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://{camera.host}:{camera.http_port}{path}", data=data) as response,
    ):
        return response.status, await response.text()


async def test_a_good_token_moves_the_camera(camera: VirtualCamera) -> None:
    assert (await post(camera, call(token())))[0] == 200
    assert camera.state.counters.move_commands == 1


async def test_a_replayed_token_is_refused(camera: VirtualCamera) -> None:
    request = call(token())
    assert (await post(camera, request))[0] == 200
    status, text = await post(camera, request)
    assert status == 400
    assert "ter:NotAuthorized" in text
    assert camera.state.counters.move_commands == 1


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(lambda: "", id="no token"),
        pytest.param(lambda: token(password="wrong"), id="wrong password"),
        pytest.param(lambda: token(user="admin"), id="wrong user"),
        pytest.param(lambda: token(age=400), id="too old"),
        pytest.param(lambda: token(age=-400), id="from the future"),
        pytest.param(lambda: token(nonce=b""), id="no nonce"),
        pytest.param(lambda: token(kind="Text"), id="password in clear"),
        pytest.param(lambda: token().replace("<w:Nonce>", "<w:Nonce>!"), id="nonce not base64"),
        pytest.param(lambda: token().replace("Z</u:Created>", "</u:Created>"), id="time without zone"),
        pytest.param(lambda: token().replace("20", "x", 99), id="garbage"),
    ],
)
async def test_a_bad_token_is_refused_and_moves_nothing(camera: VirtualCamera, header: Callable[[], str]) -> None:
    status, text = await post(camera, call(header()))  # made now: a token ages
    assert status == 400
    assert "ter:NotAuthorized" in text
    assert camera.state.counters.move_commands == 0
    assert camera.state.counters.refused_logins == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"hello", id="not XML"),
        pytest.param('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', id="entities"),
        pytest.param(f'<!DOCTYPE x SYSTEM "file:///etc/hostname">{call(token())}', id="a document type"),
        pytest.param('<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16"), id="hidden in another encoding"),
        pytest.param("<a>" * 500 + "</a>" * 500, id="nested deeply"),
        pytest.param(call("", GOTO + GOTO), id="two calls"),
        pytest.param(call("", "<NoNamespace/>"), id="no namespace"),
    ],
)
async def test_a_malformed_request_is_refused(camera: VirtualCamera, data: str | bytes) -> None:
    status, text = await post(camera, data)
    assert status == 400
    assert "Fault" in text


async def test_an_oversized_request_is_refused(camera: VirtualCamera) -> None:
    assert (await post(camera, b"<a>" + b" " * 70_000 + b"</a>"))[0] == 413


async def test_an_unknown_action_is_refused(camera: VirtualCamera) -> None:
    body = '<d:SetUser xmlns:d="http://www.onvif.org/ver10/device/wsdl"/>'
    status, text = await post(camera, call(token(), body), "/onvif/device_service")
    assert status == 500
    assert "ter:ActionNotSupported" in text


@pytest.mark.parametrize("value", ["NaN", "1e999", "", "abc", "2"])
async def test_impossible_positions_are_refused(camera: VirtualCamera, value: str) -> None:
    body = (
        '<p:AbsoluteMove xmlns:p="http://www.onvif.org/ver20/ptz/wsdl" xmlns:t="http://www.onvif.org/ver10/schema">'
        f'<p:ProfileToken>profile_720p15</p:ProfileToken><p:Position><t:PanTilt x="{value}" y="0"/></p:Position>'
        "</p:AbsoluteMove>"
    )
    assert (await post(camera, call(token(), body)))[0] == 400
    assert camera.state.counters.move_commands == 0
