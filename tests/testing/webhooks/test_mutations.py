"""Every kind, damaged at random: the normalizer answers, and only the damaged part changes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.elements import ELEMENT_DECODER, ELEMENT_ENCODER, Element, PoisonElement
from lhwa.normalizer.normalize import normalize
from lhwa.testing.webhooks import KINDS, BusinessNumber, Client, build, encode

NUMBER = BusinessNumber(phone_number_id="301", display_phone_number="622150001234", waba_id="200")
CLIENT = Client(name="Rina Contoh", wa_id="6281230001111", bsuid="ID.88", username="rina.contoh")
BODIES = [build(kind, number=NUMBER, client=CLIENT, seq=1, at=datetime(2026, 11, 22, tzinfo=UTC)) for kind in KINDS]
SCRAPS: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        "",
        "x",
        "\x00",
        "\ud83d",
        "ID.88",
        "6281230001111",
        [],
        [None],
        {},
        {"id": 1},
        [[]],
        [{}],
    ]
)
BYTES = st.sampled_from([b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"\xff", b"\x00", b"NaN", b"\\ud800", b"1"])


def check(found: list[Element]) -> None:
    for element in found:
        assert ELEMENT_DECODER.decode(ELEMENT_ENCODER.encode(element)) == element
        assert not (isinstance(element, PoisonElement) and element.reason == "internal_error")


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container and key of a body, in order."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


@given(st.sampled_from(BODIES), st.data())
def test_any_value_may_be_replaced_or_missing(body: dict[str, Any], data: st.DataObject) -> None:
    changed = copy.deepcopy(body)
    for _ in range(data.draw(st.integers(1, 3))):
        found = list(places(changed))
        container, key = found[data.draw(st.integers(0, len(found) - 1))]
        if data.draw(st.booleans()):
            container[key] = copy.deepcopy(data.draw(SCRAPS))
        else:
            del container[key]
        if not list(places(changed)):
            break
    check(normalize(json.dumps(changed).encode()))


@given(st.sampled_from(BODIES), st.data())
def test_any_bytes_may_be_inserted_or_cut(body: dict[str, Any], data: st.DataObject) -> None:
    raw = encode(body)
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(start + 20, len(raw))))
    check(normalize(raw[:start] + data.draw(BYTES) + raw[end:]))


@given(st.sampled_from(BODIES), st.integers(0, 4000))
def test_a_cut_body_is_one_poison_element(body: dict[str, Any], length: int) -> None:
    raw = encode(body)[:length]
    if len(raw) < len(encode(body)):
        [poison] = normalize(raw)
        assert isinstance(poison, PoisonElement)
        assert poison.raw == raw
