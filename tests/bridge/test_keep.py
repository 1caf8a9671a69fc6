"""keep.py: a home keeps its identity; a damaged folder is never filled with a new one."""

from pathlib import Path

import pytest

from bridge.__main__ import main
from bridge.keep import ACCESS_KEY, HUB_KEY, PAIRING, REACHED, TLS, TOKEN, Damaged, Keep, Pairing
from tests.bridge.peers import Municipality, access_key
from tillsyn.identity import SigningKey
from tillsyn.strict import b64u_encode


def paired(folder: Path) -> Keep:
    keep, municipality = Keep(folder), Municipality()
    keep.store_pairing(
        Pairing("wss://tillsyn.example/hub", municipality.root.public, municipality.certificate(keep.hub.public))
    )
    return keep


def test_a_second_start_is_the_same_home(tmp_path: Path) -> None:
    first, second = paired(tmp_path), Keep(tmp_path)
    assert second.hub.public == first.hub.public
    assert second.access_key == first.access_key
    assert second.pairing == first.pairing


def test_only_the_owner_can_read(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    paired(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / HUB_KEY).chmod(0o644)
    Keep(folder)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert {path.name for path in folder.iterdir()} == {HUB_KEY, TLS, TOKEN, ACCESS_KEY, PAIRING}


def test_the_access_key_holds_token_and_certificate_hash(tmp_path: Path) -> None:
    keep = Keep(tmp_path)
    token, fingerprint = access_key((tmp_path / ACCESS_KEY).read_text())
    assert (token, fingerprint) == (b64u_encode(keep.token), keep.certificate_hash)


@pytest.mark.parametrize("name", [HUB_KEY, TLS, TOKEN])
def test_a_missing_file_stops_a_paired_home(tmp_path: Path, name: str) -> None:
    paired(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(Damaged, match=name):
        Keep(tmp_path)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", [HUB_KEY, TLS, TOKEN, PAIRING, REACHED])
@pytest.mark.parametrize(
    "content", [b"", b"rubbish", b"\xff\xfe", b"A" * 20_000], ids=["empty", "text", "binary", "large"]
)
def test_a_damaged_file_stops_it_and_stays(tmp_path: Path, name: str, content: bytes) -> None:
    paired(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Damaged, match=name):
        Keep(tmp_path)
    assert (tmp_path / name).read_bytes() == content


def test_another_homes_hub_key_stops_it(tmp_path: Path) -> None:
    paired(tmp_path)
    (tmp_path / HUB_KEY).write_text(b64u_encode(SigningKey.generate().seed()))
    with pytest.raises(Damaged, match=HUB_KEY):
        Keep(tmp_path)


def test_a_first_start_that_was_cut_short_goes_on(tmp_path: Path) -> None:
    first = Keep(tmp_path)
    (tmp_path / ACCESS_KEY).unlink()
    (tmp_path / HUB_KEY).unlink()
    assert Keep(tmp_path).certificate_hash == first.certificate_hash


def test_a_lost_access_key_file_is_written_again(tmp_path: Path) -> None:
    first = paired(tmp_path)
    (tmp_path / ACCESS_KEY).unlink()
    assert Keep(tmp_path).access_key == first.access_key
    assert (tmp_path / ACCESS_KEY).read_text() == first.access_key


def test_a_damaged_folder_is_one_clear_line_and_no_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paired(tmp_path)
    (tmp_path / HUB_KEY).write_text("rubbish")
    assert main(["--data", str(tmp_path)]) == 78
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "hub.key" in told.err


def test_a_folder_that_is_a_file_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_text("")
    assert main(["--data", str(tmp_path / "data")]) == 78
    assert "--data" in capsys.readouterr().err
