"""What is somebody else's in what is copied to homes: as published, under its licence."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

QR = Path(__file__).parents[2] / "custom_components/trygghetskamera/scan/qr"
# `qr` 0.7.0 as npm has it: `npm pack qr@0.7.0`, whose integrity is
# sha512-/VrrACmOAwZVipuRITwfEwOL5oAMEHH5PTmBWaGtlTom2Thxaa+rhmna4zU9PRN2uLw2wdccbkHOLGZb1Q9SdA==.
PUBLISHED = {
    "decode.js": "AOIJgg3LEdYk6aA9Y4PlgHZnkrV9FlExjwop5OH/D+g=",
    "index.js": "oN43AFH5S9dPIY90QB/fGXWF4/nvAUMWT4fqlBo/3W8=",
    "LICENSE": "B6n4h+khVkRDm4CGKLCfjuzpMteRMP9WP5WPOheD5oQ=",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_qr_reader_is_as_published(name: str) -> None:
    assert b64encode(sha256((QR / name).read_bytes()).digest()).decode() == PUBLISHED[name]


def test_the_qr_reader_comes_with_its_licence_and_nothing_else() -> None:
    assert "Paul Miller" in (QR / "LICENSE").read_text()
    assert {one.name for one in QR.iterdir()} == {*PUBLISHED, "decode.d.ts"}
