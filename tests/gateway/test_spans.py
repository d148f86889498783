"""JSON by its brackets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.gateway import spans
from lhwa.gateway.spans import Legible, NotJsonError, items, members, text

DEEP = b"[" * 10_000 + b"]" * 10_000
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


def test_members_keep_their_bytes() -> None:
    assert members(b' { "a" : [1,\t2] ,"b":"\\u00e9","a":{"x":1.50}} ') == {"a": b'{"x":1.50}', "b": b'"\\u00e9"'}


def test_items_keep_their_bytes() -> None:
    assert items(b'[ 1.0 , {"b" : 2},[] ]') == [b"1.0", b'{"b" : 2}', b"[]"]


def _parts(raw: bytes) -> tuple[dict[str, bytes] | None, list[bytes] | None]:
    """The members and the items of a body, in its own bytes."""
    body = Legible(raw)
    named, listed = members(body.raw), items(body.raw)
    return (
        None if named is None else {name: body.restored(value) for name, value in named.items()},
        None if listed is None else [body.restored(item) for item in listed],
    )


def test_depth_does_not_matter() -> None:
    assert _parts(b'{"a":1,"deep":' + DEEP + b"}") == ({"a": b"1", "deep": DEEP}, None)
    assert _parts(b"[" + DEEP + b",2]") == (None, [DEEP, b"2"])
    assert _parts(DEEP) == (None, [DEEP[1:-1]])


def test_a_lone_surrogate_does_not_matter() -> None:
    named, _ = _parts(b'{"\\ud800":1,"a":"\\udfff\\ud83d\\ude00\\\\ud800"}')
    assert named is not None
    assert named["a"] == b'"\\udfff\\ud83d\\ude00\\\\ud800"'
    assert _parts(b'["\\ud800",2]') == (None, [b'"\\ud800"', b"2"])


@given(ANY_JSON, st.sampled_from([None, 1]))
def test_what_is_deep_comes_back_byte_for_byte(value: Any, indent: int | None) -> None:
    raw = json.dumps([value, "\ud800"], indent=indent).encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spans, "OPENED_DEPTH", 1)
        patched.setattr(spans, "DEPTH_MAX", 2)
        body = Legible(raw)
    assert body.restored(body.raw) == raw
    assert [json.loads(body.restored(item)) for item in items(body.raw) or []] == [value, "\ud800"]


@pytest.mark.parametrize(("opener", "closer"), [(b"[", b"]"), (b'{"a":', b"}"), (b" [ ", b" ] ")])
def test_a_body_nested_twice_as_deep_is_one_short_text_all_the_same(opener: bytes, closer: bytes) -> None:
    lengths = []
    for depth in (50_000, 100_000):
        raw = b'{"deep":' + opener * depth + b"1" + closer * depth + b',"a":2}'
        body = Legible(raw)
        assert body.restored(body.raw) == raw
        lengths.append(len(body.raw))
    assert lengths[0] == lengths[1] < 200


def test_many_deep_values_do_not_grow_a_body() -> None:
    raw = b'{"a":[' + b",".join([b"[" * 1_000 + b"]" * 1_000] * 200) + b"]}"
    body = Legible(raw)
    assert len(body.raw) < 200 * 100
    assert body.restored(body.raw) == raw


BROKEN = [
    b"", b" ", b"{", b"}", b"[", b"[1", b"[1,]", b"[,1]", b"[1 2]",
    b"{1:2}", b'{"a"}', b'{"a":}', b'{"a":1,}', b'{"a" 1}',
    b'{,"a":1}', b"[}", b'{"a":[}]', b"[1]]",
    b"[] []", b"[01]", b"[1.]", b"[-]", b"[+1]", b"[1e]", b"[nul]", b"[truex]",
    b"[NaN]", b"[Infinity]", b"['a']", b'["a]', b'["\\q"]', b'["\\u12"]',
    b'["\n"]', b'["\x00"]', b"\xef\xbb\xbf[]", b"[1]\x00",
    DEEP[:-1], DEEP + b"]", DEEP[:-1] + b"}", DEEP + b'"',
]  # fmt: skip


@pytest.mark.parametrize("raw", BROKEN)
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    with pytest.raises(NotJsonError):
        Legible(raw)


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
