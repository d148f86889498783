"""Strict reading."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.normalizer.reading import DEPTH_MAX, Broken, read, without_lone_surrogates

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"a":NaN}', "not_json"),
        (b'{"a":Infinity}', "not_json"),
        (b'["\x00"]', "not_json"),
        (b'\xef\xbb\xbf{"a":1}', "not_json"),
        (b'["\xff"]', "not_utf8"),
        (b'["\xed\xa0\x80"]', "not_utf8"),
        (b"1e400", "number_out_of_range"),
        (b"1" * 5000, "number_out_of_range"),
        (b'{"a":1,"a":1}', "duplicate_keys"),
        (b'[{"b":{"a":1,"\\u0061":2}}]', "duplicate_keys"),
        (b'{"a:":":","a:":2}', "duplicate_keys"),
        (b'{"\\"":1,"\\"":2}', "duplicate_keys"),
        (b'{"a":1,"a":"\\u003a"}', "duplicate_keys"),
        (b'{"a" :1,"a":"\\u003A\\u003a:"}', "duplicate_keys"),
        (b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1), "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, reason: str) -> None:
    assert read(raw) == Broken(reason)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a":":","b":"\\":","c":"\\\\"}', {"a": ":", "b": '":', "c": "\\"}),
        (b'{"a":"{[{["}', {"a": "{[{["}),
        (b'{"a":"\\u003a","b":"\\\\u003a"}', {"a": ":", "b": "\\u003a"}),
        (b'{"a":"' + b"{[" * DEPTH_MAX + b'"}', {"a": "{[" * DEPTH_MAX}),
        (b'{"a\\\\":1,"a":2}', {"a\\": 1, "a": 2}),
        (b"[" * DEPTH_MAX + b"]" * DEPTH_MAX, json.loads("[" * DEPTH_MAX + "]" * DEPTH_MAX)),
        (b"[" + b"[]," * 100 + b"[]]", [[]] * 101),
        (b'"\\u0000"', "\x00"),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"a\\ud83d"', "a\ufffd"),
        (b'"\\ude00a"', "\ufffda"),
        (b'"\\ud83d\\ud83d\\ude00"', "\ufffd\U0001f600"),
        (b'"\\\\ud83d\\ud83d"', "\\ud83d\ufffd"),
        (b'"\\\\ud83d\\ude00"', "\\ud83d\ufffd"),
    ],
)
def test_what_can_be_read_is_read(raw: bytes, value: object) -> None:
    assert read(raw) == value


@given(JSON_VALUES)
def test_every_json_value_is_read(value: object) -> None:
    assert read(json.dumps(value).encode()) == value
    assert read(json.dumps(value, ensure_ascii=False, indent=1).encode()) == value


_SPELLED = st.lists(
    st.sampled_from([*'aA:{["\\/', "\\u003a", "\\u003A", "\\\\", '\\"', "\\/", "\\u0061", " "]), max_size=4
).map(lambda parts: '"' + "".join(part if len(part) > 1 or part not in '"\\' else "\\" + part for part in parts) + '"')
_TEXTS = st.recursive(
    _SPELLED | st.sampled_from(["1", "null"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]")
        | st.lists(st.tuples(_SPELLED, st.sampled_from([":", " :", ": "]), inner), max_size=3).map(
            lambda members: "{" + ",".join(map("".join, members)) + "}"
        )
    ),
    max_leaves=12,
)


def _unique(members: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in members}) < len(members):
        raise LookupError
    return dict(members)


@given(_TEXTS)
def test_a_key_that_comes_twice_is_noticed_however_it_is_spelled(text: str) -> None:
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except LookupError:
        value = Broken("duplicate_keys")
    assert read(text.encode()) == value


@given(st.binary())
def test_reading_never_raises(raw: bytes) -> None:
    read(raw)


@given(st.text(alphabet='\\ud8e0Def"/', max_size=40))
def test_repairing_keeps_the_length(text: str) -> None:
    assert len(without_lone_surrogates(text.encode())) == len(text)
