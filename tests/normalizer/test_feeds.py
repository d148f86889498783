"""Echoes, history and standby."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.elements import Element, MessageElement, Party, PlatformElement, PoisonElement, StatusElement
from lhwa.domain.messages import Direction, Via

ItemsOf = Callable[..., list[Element]]
BUSINESS, CLIENT = "622150001234", "6281230001111"


@pytest.mark.parametrize("field", ["smb_message_echoes", "message_echoes"])
def test_the_counterpart_of_an_echo_is_whom_it_is_to(items_of: ItemsOf, field: str) -> None:
    item = {"id": "wamid.E", "from": BUSINESS, "to": CLIENT, "to_user_id": "ID.88", "type": "text"}
    [element] = items_of(field, contacts=[{"wa_id": CLIENT, "user_id": "ID.88"}], message_echoes=[item])
    assert isinstance(element, MessageElement)
    assert (element.direction, element.via) == (Direction.OUTBOUND, Via.ECHO)
    assert element.party == Party(wa_id=CLIENT, bsuid="ID.88")


@pytest.mark.parametrize(
    ("item", "direction", "party"),
    [
        ({"from": BUSINESS, "to": CLIENT}, Direction.OUTBOUND, Party(wa_id=CLIENT, bsuid="ID.88", username="rina")),
        ({"from": CLIENT}, Direction.INBOUND, Party(wa_id=CLIENT, bsuid="ID.88", username="rina")),
        ({"from": BUSINESS}, Direction.OUTBOUND, Party(wa_id=CLIENT, bsuid="ID.88", username="rina")),
        ({"to": CLIENT}, Direction.OUTBOUND, Party(wa_id=CLIENT, bsuid="ID.88", username="rina")),
        (
            {"history_context": {"from_me": True}},
            Direction.OUTBOUND,
            Party(wa_id=CLIENT, bsuid="ID.88", username="rina"),
        ),
        ({}, Direction.INBOUND, Party(wa_id=CLIENT, bsuid="ID.88", username="rina")),
        ({"from": "6281200000009", "group_id": "G"}, Direction.INBOUND, Party(wa_id="6281200000009")),
    ],
    ids=["ours", "theirs", "ours without to", "only to", "from_me", "nothing", "in a group"],
)
def test_history_tells_the_writer_from_the_numbers(
    items_of: ItemsOf, item: dict[str, Any], direction: Direction, party: Party
) -> None:
    thread = {
        "id": CLIENT,
        "context": {"wa_id": CLIENT, "user_id": "ID.88", "username": "@rina"},
        "messages": [{"id": "wamid.H", "type": "text", **item}],
    }
    [element] = items_of("history", history=[{"threads": [thread]}])
    assert isinstance(element, MessageElement)
    assert (element.via, element.direction, element.party) == (Via.HISTORY, direction, party)
    assert element.position == "entry[0].changes[0].value.history[0].threads[0].messages[0]"


def test_history_keeps_its_progress_errors_and_empty_threads(items_of: ItemsOf) -> None:
    chunks = [
        {"metadata": {"phase": 2, "progress": 100}},
        {"errors": [{"code": 2593109}]},
        {"metadata": {"phase": 1}, "threads": [{"id": CLIENT, "messages": []}]},
    ]
    found = items_of("history", history=chunks)
    assert [type(element) for element in found] == [PlatformElement] * 4
    words = [(element.field, element.event) for element in found if isinstance(element, PlatformElement)]
    assert words == [("history", "2"), ("history", "2593109"), ("history", ""), ("history", "1")]


def test_media_of_history_is_history(items_of: ItemsOf) -> None:
    [element] = items_of("history", messages=[{"id": "wamid.M", "from": CLIENT, "type": "image"}])
    assert isinstance(element, MessageElement)
    assert (element.via, element.direction) == (Via.HISTORY, Direction.INBOUND)


@pytest.mark.parametrize("key", ["messages", "standby"])
def test_messages_and_statuses_of_standby_are_kept_apart_from_live_ones(items_of: ItemsOf, key: str) -> None:
    message = {"id": "wamid.S", "from": CLIENT, "type": "text"}
    status = {"id": "wamid.O", "status": "read", "recipient_id": CLIENT}
    found = items_of("standby", **{key: [message, status]})
    assert isinstance(found[0], MessageElement)
    assert (found[0].via, found[0].direction) == (Via.STANDBY, Direction.INBOUND)
    assert isinstance(found[1], StatusElement)


def test_what_another_party_wrote_in_standby_is_outbound(items_of: ItemsOf) -> None:
    [element] = items_of("standby", message_echoes=[{"id": "wamid.S", "from": BUSINESS, "to": CLIENT, "type": "text"}])
    assert isinstance(element, MessageElement)
    assert (element.via, element.direction, element.party) == (Via.STANDBY, Direction.OUTBOUND, Party(wa_id=CLIENT))


def test_one_broken_message_of_history_costs_no_other(items_of: ItemsOf) -> None:
    messages = [{"id": "wamid.1"}, {"id": ["x"]}, 5, {"id": "wamid.2"}]
    found = items_of("history", history=[{"threads": [{"id": CLIENT, "messages": messages}]}])
    assert [type(element) for element in found] == [MessageElement, PoisonElement, PoisonElement, MessageElement]
    assert [element.raw for element in found if isinstance(element, PoisonElement)] == [b'{"id": ["x"]}', b"5"]
