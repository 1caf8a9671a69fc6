"""Strict reading of what a peer sends."""

import base64
import json
from contextlib import suppress
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillsyn.errors import Refusal, Refused
from tillsyn.model import Role, Window
from tillsyn.strict import (
    Shape,
    b64u_decode,
    b64u_encode,
    boolean,
    day,
    dump,
    load,
    local_time,
    many,
    matching,
    one_of,
    plain,
    text,
    whole,
)


def refused(check: Any, *arguments: Any) -> None:
    with pytest.raises(Refused) as caught:
        check(*arguments)
    assert caught.value.code is Refusal.BAD_MESSAGE


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"text"', id="a string"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"a":1}x', id="something after the object"),
        pytest.param(b'{"a":1}{"a":1}', id="two objects"),
        pytest.param(b'{"a":1,"a":1}', id="a key twice"),
        pytest.param(b'{"b":{"a":1,"a":2}}', id="a key twice inside"),
        pytest.param(b'{"a":1,"\\u0061":2}', id="a key twice, once escaped"),
        pytest.param(b'{"a":1.0}', id="a fraction"),
        pytest.param(b'{"a":1e3}', id="an exponent"),
        pytest.param(b'{"a":NaN}', id="not a number"),
        pytest.param(b'{"a":-Infinity}', id="infinity"),
        pytest.param(b'{"a":9007199254740992}', id="one more than JavaScript can count"),
        pytest.param(b'{"a":' + b"9" * 5000 + b"}", id="a number of 5000 digits"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param('{"a":1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"{'a':1}", id="single quotes"),
        pytest.param(b'{"a":1,}', id="trailing comma"),
        pytest.param(b'{"a":"\n"}', id="raw control character"),
        pytest.param(b'{"a":[[[[[1]]]]]}', id="seven deep"),
        pytest.param(b'{"a":' + b"[" * 511 + b"]" * 511 + b"}", id="511 deep"),
        pytest.param(b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}", id="9000 deep"),
        pytest.param(b'{"a":' + b'{"a":' * 9000, id="9000 deep and never closed"),
        pytest.param(b'{"a":[' + b"{}," * 600 + b"{}]}", id="many parts"),
        pytest.param('{"a":"\ud800"}', id="half a surrogate pair in text"),
    ],
)
def test_malformed_json_is_refused(raw: bytes | str) -> None:
    refused(load, raw, 50_000)


def test_oversize_is_refused_before_it_is_read() -> None:
    raw = b'{"a":"' + b"x" * 100 + b'"}'
    assert load(raw, len(raw)) == {"a": "x" * 100}
    refused(load, raw, len(raw) - 1)


def test_size_is_counted_in_bytes_not_characters() -> None:
    assert load('{"a":"å"}', 10) == {"a": "å"}
    refused(load, '{"a":"å"}', 9)


@given(st.binary(max_size=200))
def test_any_bytes_give_an_object_or_a_refusal(raw: bytes) -> None:
    with suppress(Refused):
        assert isinstance(load(raw, 150), dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=3), part, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_any_json_is_read_as_written_or_refused(value: dict[str, object]) -> None:
    with suppress(Refused):
        assert load(json.dumps(value), 10_000) == value


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param("AA==", id="padding"),
        pytest.param("AAA=", id="less padding"),
        pytest.param("AB", id="loose trailing bits"),
        pytest.param("AAB", id="fewer loose trailing bits"),
        pytest.param("A", id="impossible length"),
        pytest.param("A+AA", id="the other alphabet"),
        pytest.param("AAAA\n", id="newline at the end"),
        pytest.param("AA AA", id="space"),
        pytest.param("ÅAAA", id="a letter beyond ASCII"),
        pytest.param("\ud800AAA", id="half a surrogate pair"),
    ],
)
def test_base64url_in_another_form_is_refused(packed: str) -> None:
    refused(b64u_decode, packed)


@given(st.binary(max_size=70))
def test_base64url_has_one_form(raw: bytes) -> None:
    packed = b64u_encode(raw)
    assert b64u_decode(packed) == raw
    assert packed == base64.urlsafe_b64encode(raw).decode().rstrip("=")


SHAPE = Shape({"a": whole(1, 3), "b": boolean})


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"a": 1}, id="a field is missing"),
        pytest.param({"a": 1, "b": True, "c": 1}, id="a field is unknown"),
        pytest.param({"a": 1, "B": True}, id="a field in capitals"),
        pytest.param([1, True], id="a list"),
        pytest.param(None, id="null"),
    ],
)
def test_other_fields_are_refused(value: object) -> None:
    refused(SHAPE.read, value)


def test_exact_fields_are_read() -> None:
    assert SHAPE.read({"b": False, "a": 3}) == {"a": 3, "b": False}


@pytest.mark.parametrize("value", [0, 4, True, False, "1", 1.0, None, [1]])
def test_what_is_not_a_whole_number_in_range_is_refused(value: object) -> None:
    refused(whole(1, 3), value)


@pytest.mark.parametrize("value", [0, 1, "true", None])
def test_what_is_not_a_boolean_is_refused(value: object) -> None:
    refused(boolean, value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="too short"),
        pytest.param("x" * 11, id="too long"),
        pytest.param(7, id="a number"),
        pytest.param("a\nb", id="newline"),
        pytest.param("a\x00b", id="nul"),
        pytest.param("a\u202eb", id="right-to-left override"),
        pytest.param("a\u2066b", id="isolate"),
        pytest.param("a\u200bb", id="zero width space"),
        pytest.param("a\u200db", id="zero width joiner"),
        pytest.param("a\u00adb", id="soft hyphen"),
        pytest.param("a\u2028b", id="line separator"),
        pytest.param("a\u2029b", id="paragraph separator"),
        pytest.param("a\ufe0fb", id="variation selector"),
        pytest.param("a\u3164b", id="Hangul filler"),
        pytest.param("a\U000e0041b", id="tag letter"),
        pytest.param("a\ue000b", id="private use"),
        pytest.param("\ud800", id="half a surrogate pair"),
        pytest.param("a\u030a", id="not normalised"),
        pytest.param("   ", id="only spaces"),
        pytest.param("\u00a0", id="only a no-break space"),
    ],
)
def test_text_that_people_cannot_read_right_is_refused(value: object) -> None:
    refused(text(1, 10), value)


@pytest.mark.parametrize("value", ["Åsa", "a b", "Łukasz", "ليلى", "小林", "x" * 10])
def test_names_are_accepted(value: str) -> None:
    assert text(1, 10)(value) == value


def test_empty_text_is_accepted_where_it_may_be_left_out() -> None:
    assert text(0, 10)("") == ""


@pytest.mark.parametrize("value", ["ab\n", "\nab", "ab ", "abc", "a", "٣٣", 12, None, ["ab"]])
def test_text_that_does_not_match_whole_is_refused(value: object) -> None:
    refused(matching(r"[a-z0-9]{2}|\d{2}"), value)


@pytest.mark.parametrize("value", ["root", "OPERATOR", "", None, 1, ["operator"]])
def test_a_choice_that_is_not_listed_is_refused(value: object) -> None:
    refused(one_of(Role), value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([], id="too few"),
        pytest.param([1, 2, 3], id="too many"),
        pytest.param([1, 1], id="one twice"),
        pytest.param([1, "2"], id="one wrong"),
        pytest.param("12", id="text"),
        pytest.param({"1": 1}, id="an object"),
    ],
)
def test_other_lists_are_refused(value: object) -> None:
    refused(many(whole(1, 9), 1, 2), value)


@pytest.mark.parametrize("value", ["24:00", "7:00", "07:60", "07:00:00", "07.00", "07:00\n", 7])
def test_other_times_are_refused(value: object) -> None:
    refused(local_time, value)


@pytest.mark.parametrize(
    "value", ["2026-02-29", "2026-2-01", "20260201", "2026-W05-1", "0000-01-01", "2026-02-01\n", 1]
)
def test_days_that_do_not_exist_are_refused(value: object) -> None:
    refused(day, value)


def test_typed_values_are_written_as_they_are_read() -> None:
    window = Window("night", time(22), time(7), (1, 7))
    assert plain(window) == {"id": "night", "start": "22:00", "end": "07:00", "days": [1, 7]}
    assert local_time(plain(time(7, 5))) == time(7, 5)
    assert day(plain(date(2026, 2, 28))) == date(2026, 2, 28)
    assert one_of(Role)(plain(Role.PATROL)) is Role.PATROL
    assert plain({"on": True, "none": None}) == {"on": True, "none": None}
    assert dump({"a": "å", "b": [1]}) == '{"a":"å","b":[1]}'.encode()


@pytest.mark.parametrize("value", [1.5, b"raw", object()])
def test_a_value_without_a_place_in_messages_is_never_sent(value: object) -> None:
    with pytest.raises(TypeError):
        plain(value)
