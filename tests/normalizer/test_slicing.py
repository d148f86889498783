"""Slicing: the same answer as reading, and where reading has none, an answer for the neighbours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.normalizer.reading import Broken, read
from lhwa.normalizer.slicing import MalformedError, Piece, rebuilt, slice_body

_LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5)
_KEYS = st.sampled_from(["entry", "changes", "value", "messages", "history", "threads", "id", 'a"b', "c.d", ""])
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4))
_CONTAINERS = st.lists(_VALUES, max_size=3) | st.dictionaries(_KEYS, _VALUES, max_size=4)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "object": _VALUES,
        "entry": _CONTAINERS
        | st.lists(
            st.fixed_dictionaries(
                {"changes": st.lists(st.fixed_dictionaries({"value": _CONTAINERS}), max_size=2)},
                optional={"id": _VALUES},
            ),
            max_size=2,
        ),
    },
)


def every_piece(piece: Piece) -> list[Piece]:
    return [piece, *(inner for child in piece.pieces or [] for inner in every_piece(child))]


@given(BODIES, st.sampled_from([{}, {"indent": 1}, {"ensure_ascii": False}]))
def test_a_sound_body_is_the_sum_of_its_pieces(body: dict[str, Any], style: dict[str, Any]) -> None:
    raw = json.dumps(body, **style).encode()
    assert read(raw) == body
    for piece in every_piece(slice_body(raw)):
        assert not isinstance(read(raw[piece.start : piece.end]), Broken)
    assert _from_pieces(raw, slice_body(raw)) == body


def _from_pieces(raw: bytes, piece: Piece) -> Any:
    """As `rebuilt`, but never taking the short way."""
    if piece.pieces is None:
        return read(raw[piece.start : piece.end])
    members = [_from_pieces(raw, inner) for inner in piece.pieces]
    return members if piece.keys is None else dict(zip(piece.keys, members, strict=True))


def test_the_envelope_is_opened_and_items_are_not() -> None:
    body: dict[str, Any] = {
        "object": "o",
        "entry": [{"changes": [{"value": {"messages": [{"id": "1", "x": []}], "metadata": {"a": [1]}}}]}],
    }
    value = {"messages": [{"id": "1", "x": []}], "metadata": {"a": [1]}}
    raw = json.dumps(body).encode()
    whole = [body, "o", body["entry"], *body["entry"], [{"value": value}], {"value": value}, value]
    found = [json.loads(raw[piece.start : piece.end]) for piece in every_piece(slice_body(raw))]
    assert found == [*whole, value["messages"], {"id": "1", "x": []}, value["metadata"]]


@pytest.mark.parametrize(
    "raw",
    [b"", b"5", b"[]", b"[{}]", b"{", b'{"a"', b'{"a":', b'{"a":1', b'{"a":1]', b'{"a":[}]', b'{"a":[{]}]}', b'{"a:1}',
     b"{a:1}", b'{"a":1,}', b'{"a" "b":1}', b'{"a":1 "b":2}', b"{} {}", b"x{}", b"{}x", b'{"a":"\\"}', b'{,"a":1}'],
)  # fmt: skip
def test_brackets_and_quotes_that_do_not_match_are_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        slice_body(raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"object":NaN,"entry":[1]}', {"object": Broken("not_json"), "entry": [1]}),
        (b'{"entry":[1,,2]}', {"entry": [1, Broken("not_json"), 2]}),
        (b'{"entry":[junk{"a":1},{"a":1}junk,3]}', {"entry": [Broken("not_json"), Broken("not_json"), 3]}),
        (b'{"entry":[NaN],"entry":[]}', Broken("duplicate_keys")),
        (b'{"entry":[{"id":1,"id":2},{"id":3}]}', {"entry": [Broken("duplicate_keys"), {"id": 3}]}),
        (b'{"ent\\u0072y":[NaN, 1 ]}', {"entry": [Broken("not_json"), 1]}),
        (b'{"entry":["\xff"]}', {"entry": [Broken("not_utf8")]}),
    ],
)
def test_what_cannot_be_read_leaves_its_neighbours(raw: bytes, value: object) -> None:
    assert rebuilt(raw, slice_body(raw)) == value


@given(st.text(alphabet='{}[]",:\\ a1', max_size=60))
def test_slicing_answers_or_refuses(text: str) -> None:
    raw = text.encode()
    try:
        root = slice_body(raw)
    except MalformedError:
        return
    for piece in every_piece(root):
        assert 0 <= piece.start <= piece.end <= len(raw)
