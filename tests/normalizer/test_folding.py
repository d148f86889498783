"""Broken items in bulk: one letter for all beyond the limit, nothing lost, and no neighbour pays."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.elements import Element, MessageElement, PoisonElement
from lhwa.normalizer import folding
from lhwa.normalizer.folding import TOO_MANY, folded
from lhwa.normalizer.normalize import normalize
from lhwa.testing.builders import message, poison, status

METADATA = {"display_phone_number": "622150001234", "phone_number_id": "301301301301301"}
LIST = "entry[0].changes[0].value.messages"
BodyOf = Callable[..., bytes]


def good(number: int) -> dict[str, Any]:
    return {"id": f"wamid.{number}", "from": "6281230001111", "type": "text", "text": {"body": f"pesan {number}"}}


def test_half_a_million_broken_items_are_ten_thousand_letters_and_one(body_of: BodyOf) -> None:
    items = [good(number) if number % 10_000 == 3 else {"bad": number} for number in range(60_000)]
    found = normalize(body_of({"metadata": METADATA, "messages": items}))
    assert [element.wamid for element in found if isinstance(element, MessageElement)] == [
        f"wamid.{number}" for number in range(3, 60_000, 10_000)
    ]
    broken = [element for element in found if isinstance(element, PoisonElement)]
    assert len(broken) == folding.BROKEN_MAX + 1
    last = broken[-1]
    assert (last.position, last.reason) == (f"{LIST}[10001..59999]", TOO_MANY)
    alone = [json.loads(element.raw)["bad"] for element in broken[:-1]]
    assert alone + [item["bad"] for item in json.loads(last.raw)] == [n for n in range(60_000) if n % 10_000 != 3]


def test_messages_of_nobody_count_too_because_they_end_there_as_well(
    body_of: BodyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "BROKEN_MAX", 2)
    body = body_of({"metadata": METADATA, "messages": [{"id": f"wamid.{number}"} for number in range(5)]})
    *alone, together = normalize(body)
    assert [type(element) for element in alone] == [MessageElement] * 2
    assert isinstance(together, PoisonElement)
    assert json.loads(together.raw) == [{"id": f"wamid.{number}"} for number in (2, 3, 4)]


def test_many_lists_have_one_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "BROKEN_MAX", 3)
    body = {"object": "whatsapp_business_account", "entry": [{"changes": [1, 2]}, {"changes": [3, 4]}, 5, {"x": []}]}
    *alone, together = normalize(json.dumps(body).encode())
    assert [element.raw for element in alone if isinstance(element, PoisonElement)] == [b"1", b"2", b"3"]
    assert together == PoisonElement(position="entry[1].changes[1]..entry[2]", reason=TOO_MANY, raw=b"[4,\n5]")


def test_one_too_many_is_only_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "BROKEN_MAX", 1)
    assert list(folded([poison(b"1"), poison(b"2")])) == [poison(b"1"), poison(b"2")]


def test_items_that_share_the_bytes_around_them_do_not_multiply_them() -> None:
    items = b",".join([b'{"id":[]}'] * 4_000)
    body = (
        b'{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"history","metadata":'
        + json.dumps(METADATA).encode()
        + b',"history":[{"threads":[{"id":"62","messages":['
        + items
        + b"]}]}]}]}]}"
    )
    found = [element for element in normalize(body) if isinstance(element, PoisonElement)]
    assert sum(len(element.raw) for element in found[:-1]) <= folding.BROKEN_BYTES_MAX
    assert len({id(element.raw) for element in found[:-1]}) == 1, "in memory once"
    assert found[-1].raw == b"[" + found[0].raw + b"]"


def test_a_sound_item_between_rows_of_broken_ones_cuts_them_and_no_byte_is_lost(
    body_of: BodyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "BROKEN_MAX", 2)
    items: list[Any] = [1, 2, 3, {}, good(4), {"bad": 5}, "6", good(7), 8]
    for body in (
        body_of({"metadata": METADATA, "messages": items}),
        body_of({"metadata": METADATA, "messages": items}).replace(b'"6"', b"NaN"),
    ):
        found = normalize(body)
        assert [element.wamid for element in found if isinstance(element, MessageElement)] == ["wamid.4", "wamid.7"]
        last = found[-1]
        assert isinstance(last, PoisonElement)
        assert (last.position, last.reason) == (f"{LIST}[2..8]", TOO_MANY)
        assert b"".join(last.raw.split()) in (b'[3,{},{"bad":5},"6",8]', b'[3,{},{"bad":5},NaN,8]')


@pytest.mark.parametrize("change", [b"{}", b'{"field":"x"}', b"1", b'{"a":1,"a":2}', b"[[1]]"])
def test_twice_as_many_changes_that_say_nothing_are_as_many_elements(
    change: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "BROKEN_MAX", 10)
    for count in (200, 400):
        changes = b",".join([change] * count)
        found = normalize(b'{"object":"whatsapp_business_account","entry":[{"changes":[' + changes + b"]}]}")
        assert len(found) == 11
        last = found[-1]
        assert isinstance(last, PoisonElement)
        assert last.position == f"entry[0].changes[10..{count - 1}]"
        assert b"".join(last.raw.split()) == b"[" + b",".join([change] * (count - 10)) + b"]"


ELEMENTS = st.lists(
    st.sampled_from(
        [message(), message(party=message().party.__class__()), status(), poison(b"1"), poison(b"22", position="x")]
    ),
    max_size=12,
)


@given(elements=ELEMENTS, limit=st.integers(0, 5), bytes_max=st.integers(0, 9))
def test_nothing_is_lost_and_nothing_sound_is_held_back(elements: list[Element], limit: int, bytes_max: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(folding, "BROKEN_MAX", limit)
        patched.setattr(folding, "BROKEN_BYTES_MAX", bytes_max)
        found = list(folded(elements))
    sound = [element for element in elements if not folding.is_broken(element)]
    assert [element for element in found if not folding.is_broken(element)] == sound
    broken = [element for element in found if folding.is_broken(element)]
    assert len(broken) <= limit + 1
    kept = b"".join(element.raw for element in broken if isinstance(element, PoisonElement))
    for element in elements:
        if isinstance(element, PoisonElement):
            assert element.raw in kept
        elif isinstance(element, MessageElement) and element.party.is_nobody:
            assert element in broken or folding._encode(element.content) in kept
