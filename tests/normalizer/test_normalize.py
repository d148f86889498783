"""Whole bodies: nothing is dropped, nothing raises, nobody pays for a neighbour."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.elements import (
    ELEMENT_DECODER,
    ELEMENT_ENCODER,
    Element,
    MessageElement,
    PlatformElement,
    PoisonElement,
    StatusElement,
)
from lhwa.normalizer.normalize import normalize

METADATA = {"display_phone_number": "622150001234", "phone_number_id": "301301301301301"}
BodyOf = Callable[..., bytes]
VALUE = "entry[0].changes[0].value"


def good(number: int) -> dict[str, Any]:
    return {"id": f"wamid.{number}", "from": "6281230001111", "type": "text", "text": {"body": f"pesan {number}"}}


def body_with(items: bytes) -> bytes:
    """A body whose `messages` are these bytes."""
    value = b'{"metadata":' + json.dumps(METADATA).encode() + b',"messages":' + items + b"}"
    return (
        b'{"object":"whatsapp_business_account","entry":[{"id":"200","changes":[{"field":"messages","value":'
        + value
        + b"}]}]}"
    )


def joined(*items: bytes) -> bytes:
    return body_with(b"[" + b",".join(items) + b"]")


def as_bytes(number: int) -> bytes:
    return json.dumps(good(number)).encode()


BROKEN: list[tuple[str, bytes, str]] = [
    ("no id", b'{"type":"text"}', "missing_id"),
    ("null id", b'{"id":null}', "missing_id"),
    ("object id", b'{"id":{}}', "wrong_type"),
    ("true id", b'{"id":true}', "wrong_type"),
    ("float id", b'{"id":1.5}', "wrong_type"),
    ("NUL in id", b'{"id":"\\u0000"}', "bad_id"),
    ("number", b"5", "not_an_object"),
    ("null", b"null", "not_an_object"),
    ("list", b"[[]]", "not_an_object"),
    ("duplicate keys", b'{"id":"wamid.x","id":"wamid.y"}', "duplicate_keys"),
    ("duplicate keys within", b'{"id":"wamid.x","text":{"body":"a","body":"b"}}', "duplicate_keys"),
    ("33 deep", b'{"id":"wamid.x","x":' + b"[" * 32 + b"]" * 32 + b"}", "too_deep"),
    ("10,000 deep", b'{"id":"wamid.x","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "too_deep"),
    ("10,000 objects deep", b'{"id":"wamid.x","x":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}", "too_deep"),
    ("a list 10,000 deep", b"[" * 10_000 + b"]" * 10_000, "too_deep"),
    ("NaN", b'{"id":"wamid.x","x":NaN}', "not_json"),
    ("junk", b'{"id":"wamid.x"} junk', "not_json"),
    ("nothing between commas", b"", "not_json"),
    ("raw control character", b'{"id":"wamid.x","x":"\x01"}', "not_json"),
    ("not UTF-8", b'{"id":"wamid.x","x":"\xff"}', "not_utf8"),
    ("huge number", b'{"id":"wamid.x","x":1e999}', "number_out_of_range"),
]


@pytest.mark.parametrize(("raw", "reason"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_item_is_poison_alone_with_its_own_bytes(raw: bytes, reason: str) -> None:
    found = normalize(joined(as_bytes(1), raw, as_bytes(2)))
    assert [type(element) for element in found] == [MessageElement, PoisonElement, MessageElement]
    poison = found[1]
    assert poison == PoisonElement(position=f"{VALUE}.messages[1]", reason=reason, raw=raw)


ODD: list[tuple[str, bytes]] = [
    ("NUL in the text", b'{"id":"wamid.x","type":"text","text":{"body":"a\\u0000b"}}'),
    ("half an emoji", b'{"id":"wamid.x","type":"text","text":{"body":"a\\ud83d"}}'),
    ("escape sequence in a name", b'{"id":"wamid.x","profile":{"name":"\\u001b[2J"}}'),
    ("integer id", b'{"id":17}'),
    ("32 deep", b'{"id":"wamid.x","x":' + b"[" * 31 + b"]" * 31 + b"}"),
    ("floats", b'{"id":"wamid.x","x":[1.5,-0.0,1e300,123456789012345678901234567890]}'),
    ("brackets and colons in text", b'{"id":"wamid.x","type":"text","text":{"body":"}]{[:,\\"\\\\"}}'),
    ("only an id", b'{"id":"wamid.x"}'),
]


@pytest.mark.parametrize("raw", [case[1] for case in ODD], ids=[case[0] for case in ODD])
def test_an_odd_item_is_still_a_message(raw: bytes) -> None:
    found = normalize(joined(as_bytes(1), raw, as_bytes(2)))
    assert [type(element) for element in found] == [MessageElement] * 3
    assert [ELEMENT_DECODER.decode(ELEMENT_ENCODER.encode(element)) for element in found] == found


def test_of_a_thousand_items_every_tenth_broken_one_goes_alone() -> None:
    items = [b'{"id":["broken"]}' if number % 10 == 3 else as_bytes(number) for number in range(1000)]
    found = normalize(joined(*items))
    assert Counter(type(element) for element in found) == {MessageElement: 900, PoisonElement: 100}
    assert {element.raw for element in found if isinstance(element, PoisonElement)} == {b'{"id":["broken"]}'}
    assert len({element.position for element in found}) == 1000


def test_of_a_thousand_items_every_tenth_unreadable_one_goes_alone() -> None:
    deep = b'{"id":"x","y":' + b"[" * 500 + b"]" * 500 + b"}"
    items = [deep if number % 10 == 3 else as_bytes(number) for number in range(1000)]
    found = normalize(joined(*items))
    assert Counter(type(element) for element in found) == {MessageElement: 900, PoisonElement: 100}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"hello", "not_json"),
        (b'{"object":"whatsapp_business_account"', "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'"\xff"', "not_utf8"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b'{"object":"whatsapp_business_account","object":"user"}', "duplicate_keys"),
        (b'{\x00"entry":[]}', "not_json"),
    ],
)
def test_a_body_that_says_nothing_at_all_is_one_poison_element(body: bytes, reason: str) -> None:
    assert normalize(body) == [PoisonElement(position="", reason=reason, raw=body)]


@pytest.mark.parametrize(
    "body",
    [
        {"object": "whatsapp_business_account"},
        {"object": "whatsapp_business_account", "entry": []},
        {"object": "whatsapp_business_account", "entry": None},
        {"object": "whatsapp_business_account", "entry": [{}]},
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": []}]},
        {"entry": []},
    ],
)
def test_an_empty_envelope_has_no_elements(body: dict[str, Any]) -> None:
    assert normalize(json.dumps(body).encode()) == []


def test_a_webhook_of_another_product_is_one_event() -> None:
    body = {"object": "user", "entry": [{"id": "0", "changed_fields": ["name"]}]}
    [element] = normalize(json.dumps(body).encode())
    assert isinstance(element, PlatformElement)
    assert (element.field, element.severity, element.value) == ("object:user", "info", body)


@pytest.mark.parametrize(
    ("body", "position", "reason"),
    [
        ({"entry": 5}, "entry", "wrong_type"),
        ({"entry": {}}, "entry", "wrong_type"),
        ({"entry": [5]}, "entry[0]", "not_an_object"),
        ({"entry": [{"changes": 5}]}, "entry[0].changes", "wrong_type"),
        ({"entry": [{"changes": [5]}]}, "entry[0].changes[0]", "not_an_object"),
        ({"entry": [{"changes": [{"value": 5}]}]}, VALUE, "not_an_object"),
        ({"entry": [{"changes": [{"value": {"messages": 5}}]}]}, f"{VALUE}.messages", "wrong_type"),
    ],
)  # fmt: skip
def test_a_wrong_envelope_is_poison_where_it_is_wrong(body: dict[str, Any], position: str, reason: str) -> None:
    found = normalize(json.dumps({"object": "whatsapp_business_account", **body}).encode())
    assert found == [PoisonElement(position=position, reason=reason, raw=b"5" if "{}" not in str(body) else b"{}")]


def test_duplicate_keys_of_a_value_are_poison_of_that_value_only() -> None:
    value = b'{"metadata":{"phone_number_id":"1"},"metadata":{"phone_number_id":"2"},"messages":[{"id":"a"}]}'
    other = b'{"metadata":{"phone_number_id":"1"},"messages":[{"id":"b"}]}'
    body = (
        b'{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":'
        + value
        + b'},{"field":"messages","value":'
        + other
        + b"}]}]}"
    )
    poison, message = normalize(body)
    assert poison == PoisonElement(position=VALUE, reason="duplicate_keys", raw=value)
    assert isinstance(message, MessageElement)


def test_messages_and_statuses_without_a_number_cannot_be_routed(body_of: BodyOf) -> None:
    found = normalize(body_of({"messages": [good(1)], "statuses": [{"id": "a", "status": "sent"}]}))
    assert [element.reason for element in found if isinstance(element, PoisonElement)] == [
        "missing_phone_number_id"
    ] * 2


def test_one_value_may_hold_every_list(body_of: BodyOf) -> None:
    value = {
        "metadata": METADATA,
        "messages": [good(1)],
        "statuses": [{"id": "wamid.o", "status": "sent"}],
        "errors": [{"code": 1}],
        "user_actions": [{"action_type": "x"}],
        "brand_new_list": [1, 2],
        "brand_new_object": {"a": 1},
        "brand_new_word": "not a thing",
        "brand_new_nothing": [],
    }
    found = normalize(body_of(value))
    kinds = [MessageElement, StatusElement, PlatformElement, PlatformElement, PlatformElement, PlatformElement]
    assert [type(element) for element in found] == kinds
    kept = [(e.field, e.position, e.value) for e in found[4:] if isinstance(e, PlatformElement)]
    assert kept == [
        ("brand_new_list", f"{VALUE}[?]", {"brand_new_list": [1, 2]}),
        ("brand_new_object", f"{VALUE}[?2]", {"brand_new_object": {"a": 1}}),
    ]


@pytest.mark.parametrize("value", [{}, {"metadata": METADATA, "messages": []}, {"brand": "new"}])
def test_a_value_with_nothing_known_is_still_one_event(body_of: BodyOf, value: dict[str, Any]) -> None:
    [element] = normalize(body_of(value))
    assert isinstance(element, PlatformElement)
    assert (element.field, element.value) == ("messages", value)


def test_an_unreadable_part_of_a_platform_event_makes_it_poison() -> None:
    body = (
        b'{"object":"whatsapp_business_account","entry":[{"changes":['
        b'{"field":"security","value":{"event":"PIN_CHANGED","x":NaN}},{"field":"security","value":{"event":"A"}}]}]}'
    )
    poison, event = normalize(body)
    assert poison == PoisonElement(position=VALUE, reason="not_json", raw=b'{"event":"PIN_CHANGED","x":NaN}')
    assert isinstance(event, PlatformElement)


def test_an_unreadable_contact_costs_no_message() -> None:
    contacts = b'[{"wa_id":"6281230001111","profile":{"name":"Rina"}},{"wa_id":"1","wa_id":"2"}]'
    body = body_with(b"[" + as_bytes(1) + b"]" + b',"contacts":' + contacts)
    message, poison = normalize(body)
    assert isinstance(message, MessageElement)
    assert message.party.profile_name == "Rina"
    assert poison == PoisonElement(
        position=f"{VALUE}.contacts[1]", reason="duplicate_keys", raw=b'{"wa_id":"1","wa_id":"2"}'
    )


def test_unreadable_metadata_leaves_nothing_to_route_by() -> None:
    body = body_with(b"[" + as_bytes(1) + b"]").replace(b'"622150001234"', b"NaN")
    [poison] = normalize(body)
    assert poison == PoisonElement(position=f"{VALUE}.messages[0]", reason="missing_phone_number_id", raw=as_bytes(1))


def test_keys_in_the_wrong_place_are_forgiven() -> None:
    value = {"metadata": METADATA, "messages": [good(1)]}
    for entry in (
        {"id": "1", "changes": [value]},
        {"id": "1", "changes": [{"value": value}]},
        {"id": "1", "changes": [{"value": value | {"field": "messages"}}]},
        {"id": "1", "field": "messages", "value": value},
        {"id": "1", "value": value},
    ):
        [element] = normalize(json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode())
        assert isinstance(element, MessageElement)
        assert element.wamid == "wamid.1"


def test_poison_where_nothing_is_opened_keeps_the_nearest_bytes_around_it() -> None:
    chunk = json.dumps({"threads": [{"id": "6281230001111", "messages": [{"id": []}, good(1)]}]}).encode()
    change = b'{"field":"history","metadata":' + json.dumps(METADATA).encode() + b',"history":[' + chunk + b"]}"
    poison, message = normalize(b'{"object":"whatsapp_business_account","entry":[{"changes":[' + change + b"]}]}")
    position = "entry[0].changes[0].history[0].threads[0].messages[0]"
    assert poison == PoisonElement(position=position, reason="wrong_type", raw=chunk)
    assert isinstance(message, MessageElement)


def test_poison_under_keys_that_are_not_shown_keeps_the_keys_and_each_others_bytes_apart() -> None:
    value = b'{"6281230001111":[NaN],"6281230002222":{"x":NaN},"messages":[]}'
    body = b'{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":' + value + b"}]}]}"
    assert normalize(body) == [
        PoisonElement(position=f"{VALUE}{place}", reason="not_json", raw=value) for place in ("[?]", "[?2]")
    ]


def test_unknown_keys_of_the_envelope_are_kept() -> None:
    body = {
        "object": "whatsapp_business_account",
        "batch": {"of": 3},
        "entry": [{"id": "1", "news": [1], "changes": []}],
    }
    found = normalize(json.dumps(body).encode())
    assert [(e.field, e.position) for e in found if isinstance(e, PlatformElement)] == [
        ("news", "entry[0][?]"),
        ("batch", "[?]"),
    ]


# What holds for all inputs

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "text", "from", "status", "errors", "code", "context", "system", "body", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
LISTS = st.sampled_from(
    [
        "messages",
        "statuses",
        "errors",
        "user_actions",
        "calls",
        "message_echoes",
        "standby",
        "user_preferences",
        "state_sync",
    ]
)
FIELDS = st.sampled_from(["messages", "standby", "calls", "history", "smb_message_echoes", "user_preferences"])


def check(found: list[Element]) -> None:
    for element in found:
        assert ELEMENT_DECODER.decode(ELEMENT_ENCODER.encode(element)) == element
        assert not (isinstance(element, PoisonElement) and element.reason == "internal_error")


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    check(normalize(body))


@given(LISTS, FIELDS, st.lists(JSON_VALUES, min_size=1, max_size=6))
def test_as_many_elements_come_out_as_items_go_in(name: str, field: str, items: list[Any]) -> None:
    body = _body({"metadata": METADATA, name: items}, field)
    found = normalize(body)
    check(found)
    assert [element.position for element in found] == [f"{VALUE}.{name}[{index}]" for index in range(len(items))]


ITEMS = st.integers(0, 50).map(as_bytes) | st.sampled_from([raw for _, raw, _ in BROKEN] + [raw for _, raw in ODD])


@given(st.lists(ITEMS, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_items_changes_only_their_positions(items: list[bytes], chance: random.Random) -> None:
    shuffled = list(items)
    chance.shuffle(shuffled)
    before, after = normalize(joined(*items)), normalize(joined(*shuffled))
    check(before)
    assert len(before) == len(items)
    assert Counter(map(without_position, before)) == Counter(map(without_position, after))


@given(st.lists(ITEMS, min_size=2, max_size=8))
def test_an_item_becomes_the_same_among_others_as_alone(items: list[bytes]) -> None:
    # A single empty item is an empty list, which is why there is always a neighbour.
    alone = [without_position(normalize(joined(item, as_bytes(99)))[0]) for item in items]
    assert [without_position(element) for element in normalize(joined(*items))] == alone


def without_position(element: Element) -> bytes:
    return ELEMENT_ENCODER.encode(msgspec.structs.replace(element, position=""))


def _body(value: dict[str, Any], field: str) -> bytes:
    entry = {"id": "200", "changes": [{"field": field, "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
