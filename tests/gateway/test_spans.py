"""JSON by its brackets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.gateway import spans
from lhwa.gateway.spans import NotJsonError, items, members, text

DEEP = b"[" * 10_000 + b"]" * 10_000
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


def test_members_keep_their_bytes() -> None:
    assert members(b' { "a" : [1,\t2] ,"b":"\\u00e9","a":{"x":1.50}} ') == {"a": b'{"x":1.50}', "b": b'"\\u00e9"'}


def test_items_keep_their_bytes() -> None:
    assert items(b'[ 1.0 , {"b" : 2},[] ]') == [b"1.0", b'{"b" : 2}', b"[]"]


def test_depth_does_not_matter() -> None:
    assert members(b'{"a":1,"deep":' + DEEP + b"}") == {"a": b"1", "deep": DEEP}
    assert items(b"[" + DEEP + b",2]") == [DEEP, b"2"]
    assert members(DEEP) is None
    assert items(b'{"a":' + DEEP + b"}") is None


def test_a_lone_surrogate_does_not_matter() -> None:
    assert members(b'{"\\ud800":1,"a":"\\udfff"}') is not None
    assert items(b'["\\ud800",2]') == [b'"\\ud800"', b"2"]


@given(ANY_JSON)
def test_both_ways_agree_on_json(value: Any) -> None:
    raw = json.dumps(value, indent=1).encode()
    if isinstance(value, dict):
        assert spans._members_slowly(raw) == members(raw)
    if isinstance(value, list):
        assert spans._items_slowly(raw) == items(raw)
    spans._check(raw)


BROKEN = [
    b"", b" ", b"{", b"}", b"[", b"[1", b"[1,]", b"[,1]", b"[1 2]",
    b"{1:2}", b'{"a"}', b'{"a":}', b'{"a":1,}', b'{"a" 1}',
    b'{,"a":1}', b"[}", b'{"a":[}]', b"[1]]",
    b"[] []", b"[01]", b"[1.]", b"[-]", b"[+1]", b"[1e]", b"[nul]", b"[truex]",
    b"[NaN]", b"[Infinity]", b"['a']", b'["a]', b'["\\q"]', b'["\\u12"]',
    b'["\n"]', b'["\x00"]', b"\xef\xbb\xbf[]", b"[1]\x00",
    DEEP[:-1], DEEP + b"]",
]  # fmt: skip


@pytest.mark.parametrize("raw", BROKEN)
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    with pytest.raises(NotJsonError):
        spans._check(raw)
    with pytest.raises(NotJsonError):
        items(raw)
    with pytest.raises(NotJsonError):
        members(raw)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'"301"', "301"),
        (b"301", "301"),
        (b"null", None),
        (None, None),
        (b"true", None),
        (b"3.5", None),
        (b"[]", None),
        (b'"\\ud800"', None),
        (b"9" * 5_000, None),
        (b'"\\u0033"', "3"),
    ],
)
def test_what_an_id_says(raw: bytes | None, said: str | None) -> None:
    assert text(raw) == said
