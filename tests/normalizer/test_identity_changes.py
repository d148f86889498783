"""New numbers, new user ids, new devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.elements import IdentityChange, MessageElement, Party

OLD, NEW = "6281230001111", "6281230002222"


@pytest.mark.parametrize(
    ("part", "previous", "current"),
    [
        (
            {"system": {"type": "user_changed_number", "wa_id": NEW, "user_id": "ID.99", "previous_user_id": "ID.88"}},
            Party(wa_id=OLD, bsuid="ID.88"),
            Party(wa_id=NEW, bsuid="ID.99"),
        ),
        ({"system": {"type": "user_changed_number", "new_wa_id": NEW}}, Party(wa_id=OLD), Party(wa_id=NEW)),
        (
            {"from": ..., "system": {"type": "customer_changed_number", "customer": OLD, "wa_id": NEW}},
            Party(wa_id=OLD),
            Party(wa_id=NEW),
        ),
        (
            {
                "from": ...,
                "system": {
                    "type": "user_changed_user_id",
                    "user_id": "ID.99",
                    "previous_user_id": "ID.88",
                    "parent_user_id": "ID.ENT.2",
                    "previous_parent_user_id": "ID.ENT.1",
                },
            },
            Party(bsuid="ID.88", parent_bsuid="ID.ENT.1"),
            Party(bsuid="ID.99", parent_bsuid="ID.ENT.2"),
        ),
        (
            {"system": {"type": "customer_identity_changed"}, "identity": {"hash": "h2"}},
            Party(wa_id=OLD),
            Party(identity_key_hash="h2"),
        ),
        ({"system": {"type": "moved_to_mars", "wa_id": NEW}}, Party(wa_id=OLD), Party(wa_id=NEW)),
    ],
    ids=["number", "number, old key", "number, oldest keys", "user id", "device", "a kind of the future"],
)
def test_a_change_names_both_people(
    message_from: Callable[..., MessageElement], part: dict[str, Any], previous: Party, current: Party
) -> None:
    element = message_from({"type": "system"} | part)
    kind = part["system"]["type"]
    assert element.identity_change == IdentityChange(kind=kind, previous=previous, current=current)
    assert element.party == previous


def test_without_a_previous_person_the_party_is_the_current_one(message_from: Callable[..., MessageElement]) -> None:
    element = message_from(
        {"type": "system", "from": ..., "system": {"type": "user_changed_user_id", "user_id": "ID.99"}}
    )
    assert element.party == Party(bsuid="ID.99")


@pytest.mark.parametrize("system", [None, {"body": "hello"}, {"type": "group_created"}, "text"])
def test_other_system_messages_change_nobody(message_from: Callable[..., MessageElement], system: Any) -> None:
    assert message_from({"type": "system", "system": system}).identity_change is None
