"""tillsyn-verify: what operators and the service have answered to a home's receipts, and nothing that only looks so."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from operator_service.verify.__main__ import _told
from operator_service.verify.log import NotVerified, Verified, verify_log
from tests.operator.test_verify import ONE, TWO, taken
from tests.tillsyn.made import COLLEAGUE, HUB, NOW, OPERATOR, ROOT, STRANGER, credential, look_id
from tests.tillsyn.nights import KEEPER, NIGHT_ENDS, checkpoint, kept, key_token
from tillsyn.checkpoints import night_over
from tillsyn.entries import ReceiptAcknowledged, ReceiptsKept
from tillsyn.identity import SigningKey, digest
from tillsyn.strict import plain
from tillsyn.wire import Log, ReceiptAck

LATER = NIGHT_ENDS + 3600
BOTH = kept(ONE, TWO)


def acknowledged(
    name: str = "one", receipt: str = ONE.token, by: SigningKey = OPERATOR, chain: tuple[str, ...] | None = None
) -> ReceiptAcknowledged:
    token = by.sign(ReceiptAck(look_id(name), digest(receipt), NOW))
    return ReceiptAcknowledged(token, (credential(),) if chain is None else chain)


def file(*acks: ReceiptAcknowledged, told: tuple[ReceiptsKept, ...] = (BOTH,)) -> dict[str, Any]:
    """A log that was taken out on the day after."""
    found = taken(acknowledgements=[plain(one) for one in acks], checkpoints=[plain(one) for one in told])
    lines = "".join(f"{line}\n" for line in found["lines"])
    statement = Log(HUB.public.kid, 1, len(found["lines"]), digest(lines), 2, digest(TWO.token), LATER)
    return found | {"statement": HUB.sign(statement)}


def verified(found: dict[str, Any]) -> Verified:
    return verify_log(json.dumps(found).encode(), ROOT.public.kid)


def test_who_has_the_receipts_is_counted() -> None:
    found = verified(file(acknowledged()))
    assert (found.receipts, found.acknowledged, found.kept, found.nights, found.differing) == (2, 1, 2, 1, ())
    assert "1 acknowledged by whoever looked" in _told(found)
    assert "2 shown to be kept by the municipality's service, for 1 nights" in _told(found)


def test_what_nobody_has_answered_holds_all_the_same() -> None:
    found = verified(file(told=()))
    assert (found.acknowledged, found.kept, found.nights) == (0, 0, 0)


def test_a_log_of_before_there_were_answers_is_read() -> None:
    found = {name: one for name, one in file().items() if name not in ("acknowledgements", "checkpoints", "chain")}
    assert verified(found | {"version": 1}).kept == 0


def test_receipts_that_are_shown_in_parts_are_of_one_night() -> None:
    parts = tuple(replace(BOTH, receipts=(one,)) for one in BOTH.receipts)
    found = verified(file(told=parts))
    assert (found.kept, found.nights, found.differing) == (2, 1, ())


def test_what_is_about_receipts_that_are_purged_counts_for_nothing() -> None:
    found = verified(file(acknowledged("gone", "purged"), told=(replace(BOTH, receipts=BOTH.receipts[:1]),)))
    assert (found.acknowledged, found.kept) == (0, 1)


def test_two_checkpoints_for_one_night_show() -> None:
    other = kept(ONE, TWO, others=2)
    found = verified(file(told=(BOTH, replace(BOTH, receipts=()), replace(other, receipts=()))))
    assert found.differing == ("2026-11-22",)
    assert "HAS SAID TWO DIFFERENT THINGS of these nights: 2026-11-22." in _told(found)


def _with(**changes: Any) -> Callable[[], dict[str, Any]]:
    return lambda: file(told=(replace(BOTH, **changes),))


NIGHT = night_over([digest(ONE.token), digest(TWO.token)])


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(_with(key=key_token(by=STRANGER)), id="a service key of another root"),
        pytest.param(_with(key=key_token(key=STRANGER)), id="another service's key"),
        pytest.param(_with(key=key_token(exp=NIGHT_ENDS)), id="a service key that was over"),
        pytest.param(_with(checkpoint=checkpoint(NIGHT, STRANGER)), id="a checkpoint by a stranger"),
        pytest.param(_with(checkpoint=checkpoint(NIGHT, iat=LATER + 121)), id="a checkpoint made after the log"),
        pytest.param(_with(checkpoint=checkpoint(NIGHT)), id="proofs of another tree"),
        pytest.param(
            _with(receipts=(replace(BOTH.receipts[0], receipt=digest("never signed")),)),
            id="a receipt that is not in it",
        ),
        pytest.param(_with(receipts=BOTH.receipts[:1] * 2), id="a proof that is there twice"),
    ],
)
def test_a_checkpoint_that_does_not_hold_is_refused(made: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(NotVerified, match="a checkpoint does not hold"):
        verified(made())


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: acknowledged(by=STRANGER), id="acknowledged by a stranger"),
        pytest.param(
            lambda: acknowledged(by=COLLEAGUE, chain=(credential(COLLEAGUE),)), id="acknowledged by a colleague"
        ),
        pytest.param(lambda: acknowledged("two"), id="acknowledged for another look"),
        pytest.param(lambda: acknowledged(chain=()), id="acknowledged by nobody"),
        pytest.param(lambda: acknowledged(chain=(credential(by=STRANGER),)), id="acknowledged under another root"),
        pytest.param(lambda: replace(acknowledged(), token=ONE.token), id="a receipt instead"),
        pytest.param(
            lambda: acknowledged(chain=(credential(exp=NOW - 1),)), id="acknowledged after the shift was over"
        ),
    ],
)
def test_an_acknowledgement_that_does_not_hold_is_told_and_not_counted(made: Callable[[], ReceiptAcknowledged]) -> None:
    """One person's must not take the whole log's word away."""
    found = verified(file(made(), acknowledged("two", TWO.token)))
    assert (found.receipts, found.acknowledged, found.unfounded, found.kept) == (2, 1, 1, 2)
    assert "1 acknowledgements do not hold, and are not counted." in _told(found)


@pytest.mark.parametrize("field", ["acknowledgements", "checkpoints"])
@pytest.mark.parametrize("value", ["text", None, {}, [1], [[]], [{}], [{"token": 1, "chain": []}]])
def test_rubbish_is_refused(field: str, value: object) -> None:
    with pytest.raises(NotVerified):
        verified(file() | {field: value})


def test_the_example_is_under_the_services_key() -> None:
    assert BOTH.key == key_token(key=KEEPER)
