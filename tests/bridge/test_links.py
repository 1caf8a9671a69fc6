"""Who gets in on the home link, what the service link survives, and pairing."""

import asyncio
import ssl

import aiohttp
import pytest

from bridge.app import Bridge, Options
from bridge.keep import Keep, Pairing
from bridge.media import IceConfig
from bridge.pairing import CANNOT_STORE
from tests.bridge.conftest import Home, Unpaired
from tests.bridge.peers import CAMERA, FakeIntegration, FakeService, Municipality, Operator, random_id
from tillsyn import frames, wire
from tillsyn.errors import Refusal
from tillsyn.frames import Hello, HomeStatus
from tillsyn.identity import PublicKey, SigningKey
from tillsyn.wire import VERSION


async def test_a_wrong_access_key_is_refused(home: Home) -> None:
    for bearer in ("", "Bearer", f"Bearer {random_id(32)}", "Basic abc"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await FakeIntegration.connect(home.session, home.port, home.keep.access_key, bearer=bearer)
        assert refused.value.status == 401
    await home.integration.send(HomeStatus(ready=True, paused=True, plan=1, problem=""))
    assert (await home.service.inbox.next(HomeStatus, lambda one: one.paused)).ready  # the right one was not disturbed


async def test_another_certificate_is_noticed(home: Home) -> None:
    with pytest.raises(aiohttp.ServerFingerprintMismatch):
        await FakeIntegration.connect(home.session, home.port, home.keep.access_key, fingerprint=b"x" * 32)


async def test_plain_http_and_old_tls_are_refused(home: Home) -> None:
    with pytest.raises(aiohttp.ClientError):
        await home.session.get(f"http://127.0.0.1:{home.port}/health")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(aiohttp.ClientError):
        await home.session.get(f"https://127.0.0.1:{home.port}/health", ssl=old)


async def test_health_needs_no_key(home: Home) -> None:
    async with home.session.get(f"https://127.0.0.1:{home.port}/health", ssl=False) as answer:
        assert (answer.status, await answer.text()) == (200, "ok\n")


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        (Hello(VERSION + 1, VERSION + 1, random_id(32)), "update_service"),
        (frames.Warm(random_id(), CAMERA), "bad_message"),
    ],
    ids=["an integration that needs a newer bridge", "no hello"],
)
async def test_the_first_frame_decides(home: Home, hello: Hello, code: str) -> None:
    second = await FakeIntegration.connect(home.session, home.port, home.keep.access_key, hello=hello)
    assert (await second.expect(frames.Rejected)).code == code
    await second.inbox.until_closed()
    await home.integration.send(HomeStatus(ready=True, paused=True, plan=1, problem=""))
    await home.service.inbox.next(HomeStatus, lambda one: one.paused)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"type":"hello"',
        '{"type":"allow","look":1}',
        '{"type":"bridge"}',
        '{"type":"lease","look":"x"}',
    ],
)
async def test_rubbish_ends_the_home_link(home: Home, text: str) -> None:
    await home.integration.socket.send_str(text)
    assert (await home.integration.expect(frames.Rejected)).code == "bad_message"
    await home.integration.inbox.until_closed()
    await home.connect()


async def test_binary_ends_the_home_link(home: Home) -> None:
    await home.integration.socket.send_bytes(b"\x00")
    await home.integration.inbox.until_closed()


@pytest.mark.parametrize(
    "frame",
    [
        frames.Sign(1, "", "tk-receipt", "{}"),
        frames.Sign(
            1, "", "tk-refuse", f'{{"look":"{"A" * 22}","request":"{"A" * 43}","code":"busy","iat":1700000000}}'
        ),
    ],
    ids=["not a receipt", "another look on the envelope"],
)
async def test_the_bridge_signs_no_rubbish(home: Home, frame: frames.Sign) -> None:
    await home.integration.send(frame)
    assert (await home.integration.expect(frames.Rejected)).code == "bad_message"


async def test_a_new_integration_takes_the_place_of_the_old(home: Home) -> None:
    old = home.integration
    await home.connect()
    await old.inbox.until_closed()
    await home.service.inbox.next(HomeStatus, lambda one: not one.ready)
    assert (await home.service.inbox.next(HomeStatus, lambda one: one.ready)).plan == 1


@pytest.mark.parametrize(
    ("version", "minimum", "code"),
    [(VERSION + 1, VERSION + 1, "update_home"), (VERSION + 1, VERSION, ""), (VERSION, VERSION, "")],
    ids=["newer", "newer but fits", "same"],
)
async def test_a_service_version_out_of_range_is_told(home: Home, version: int, minimum: int, code: str) -> None:
    await home.integration.expect(frames.ServiceLink, lambda one: one.connected)
    home.service.version, home.service.minimum = version, minimum
    await home.service.drop()
    if code:
        await home.integration.expect(frames.ServiceLink, lambda one: one.code == code)
    else:
        await home.integration.expect(frames.ServiceLink, lambda one: one.connected)


async def test_a_service_that_refuses_is_told(home: Home) -> None:
    home.service.reject = "unknown_signer"
    await home.service.drop()
    await home.integration.expect(frames.ServiceLink, lambda one: one.code == "unknown_signer")
    home.service.reject = None
    await home.integration.expect(frames.ServiceLink, lambda one: one.connected)


@pytest.mark.parametrize(
    "text", ["rubbish", '{"type":"login"}', "x" * 40_000], ids=["rubbish", "a hub's frame", "too large"]
)
async def test_rubbish_from_the_service_only_costs_the_link(home: Home, text: str) -> None:
    await home.integration.expect(frames.ServiceLink, lambda one: one.connected)
    await home.service.send_text(text)
    await home.integration.expect(frames.ServiceLink, lambda one: not one.connected)
    await home.integration.expect(frames.ServiceLink, lambda one: one.connected)


async def test_without_turn_and_relay_only_a_look_is_refused(
    keep: Keep, session: aiohttp.ClientSession, service: FakeService
) -> None:
    keep.store_pairing(_pairing(keep, service))
    bridge = Bridge(keep, session, Options(relay_only=True))
    port = await bridge.start("127.0.0.1", 0)
    integration = await FakeIntegration.connect(session, port, keep.access_key)
    await integration.send(frames.Configure(()))
    await integration.expect(frames.ServiceLink, lambda one: one.connected)
    operator = Operator(service, service.municipality.person(), keep.hub.public, IceConfig(relay_only=False))
    await operator.ask()
    await integration.expect(frames.Signed)
    await integration.send(frames.Allow(operator.look))
    assert (await service.statement(wire.Refuse)).code is Refusal.NO_RELAY
    await integration.session(operator.look, "operator_gone")
    await integration.close()
    await bridge.stop()


# ---- pairing: see also test_pairing.py ------------------------------------------------------------------------------


def _pairing(keep: Keep, service: FakeService) -> Pairing:
    municipality = service.municipality
    return Pairing(service.url, municipality.root.public, municipality.certificate(keep.hub.public))


async def test_pairing_gives_root_and_certificate_and_links(unpaired: Unpaired, service: FakeService) -> None:
    service.answer_pairing.clear()
    await unpaired.integration.send(frames.StartPairing(service.pairing().encode()))
    service.answer_pairing.set()
    result = await unpaired.integration.expect(frames.PairingResult)
    assert result.root == service.municipality.root.public.x
    await unpaired.integration.expect(frames.ServiceLink, lambda one: one.connected)
    folder = unpaired.keep.access_key_file.parent
    again = Keep(folder)
    assert again.pairing == Pairing(service.url, service.municipality.root.public, result.certificate)
    assert again.hub.public == unpaired.keep.hub.public
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


async def test_another_root_than_the_codes_is_refused(unpaired: Unpaired, service: FakeService) -> None:
    impostor = Municipality()
    service.paired_root, service.certify = impostor.root.public, impostor.certificate
    assert await unpaired.pair(service.pairing().encode()) == "unknown_signer"
    assert unpaired.keep.pairing is None


async def test_a_certificate_for_another_hub_is_refused(unpaired: Unpaired, service: FakeService) -> None:
    other = SigningKey.generate().public

    def certify(_: PublicKey) -> str:
        return service.municipality.certificate(other)

    service.certify = certify
    assert await unpaired.pair(service.pairing().encode()) == "wrong_hub"


async def test_a_certificate_by_another_key_is_refused(unpaired: Unpaired, service: FakeService) -> None:
    service.certify = Municipality().certificate
    assert await unpaired.pair(service.pairing().encode()) == "unknown_signer"


async def test_an_unknown_code_is_refused_and_a_right_one_still_works(unpaired: Unpaired, service: FakeService) -> None:
    assert await unpaired.pair(service.municipality.code(service.url).encode()) == "unknown_pairing"
    assert await unpaired.pair("TK1.AAAA") == "bad_message"
    assert await unpaired.pair(service.pairing().encode()) == ""


async def test_a_service_that_is_down_is_told_at_once(unpaired: Unpaired, service: FakeService) -> None:
    code = service.pairing().encode()
    await service.stop()
    assert await unpaired.pair(code) == "service_unreachable"
    await service.start()
    assert await unpaired.pair(code) == ""


async def test_a_service_that_restarts_while_the_municipality_decides_is_asked_again(
    unpaired: Unpaired, service: FakeService
) -> None:
    service.answer_pairing.clear()
    await unpaired.integration.send(frames.StartPairing(service.pairing().encode()))
    await asyncio.wait_for(service.asked_to_pair.wait(), 5)
    await service.drop()
    service.answer_pairing.set()
    assert await unpaired.outcome() == ""


async def test_a_full_disk_keeps_the_old_state(unpaired: Unpaired, service: FakeService) -> None:
    folder = unpaired.keep.access_key_file.parent
    folder.rename(folder.with_name("away"))
    assert await unpaired.pair(service.pairing().encode()) == CANNOT_STORE
    folder.with_name("away").rename(folder)
    assert unpaired.keep.pairing is None
    assert await unpaired.pair(service.pairing().encode()) == ""


async def test_pairing_again_moves_the_home_to_the_new_municipality(home: Home) -> None:
    other = await FakeService(Municipality()).start()
    await home.integration.send(frames.StartPairing(other.pairing().encode()))
    assert (await home.integration.expect(frames.PairingResult)).root == other.municipality.root.public.x
    await asyncio.wait_for(other.linked.wait(), 5)
    operator = home.operator()  # of the old municipality, whose service may still hold the line
    operator.service = other
    await operator.ask()
    assert (await other.statement(wire.Refuse)).code == "unknown_signer"
    await other.stop()


async def test_no_pairing_in_the_middle_of_a_look(home: Home) -> None:
    operator = home.operator()
    await operator.ask()
    await home.integration.expect(frames.Signed)
    await home.integration.send(frames.StartPairing(home.service.pairing().encode()))
    assert (await home.integration.expect(frames.Rejected)).code == "busy"
