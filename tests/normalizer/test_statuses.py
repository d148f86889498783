"""Statuses in every spelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.elements import Element, Party, PoisonElement, StatusElement

StatusFrom = Callable[..., StatusElement]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("sent", "sent"), ("READ", "read"), ("RINGING", "ringing"), ("deleted", "deleted"), ("warning", "warning"),
     ("played", "played"), ("teleported", "teleported")],
)  # fmt: skip
def test_the_word_is_lower_case_and_kept(status_from: StatusFrom, word: str, expected: str) -> None:
    assert status_from({"status": word}).status == expected


@pytest.mark.parametrize("key", ["recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id"], ids=str)
def test_every_spelling_of_the_parent_id_is_read(status_from: StatusFrom, key: str) -> None:
    element = status_from({"recipient_user_id": "ID.88", key: "ID.ENT.1"})
    assert element.recipient == Party(bsuid="ID.88", parent_bsuid="ID.ENT.1")


def test_a_status_is_complete(status_from: StatusFrom) -> None:
    pricing = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
    element = status_from(
        {
            "recipient_id": "6281230001111",
            "recipient_identity_key_hash": "h1",
            "biz_opaque_callback_data": "lhwa:01",
            "pricing": pricing,
            "errors": [{"code": 131047}],
        },
        contacts=[{"wa_id": "6281230001111", "user_id": "ID.88"}],
    )
    assert element.recipient == Party(wa_id="6281230001111", bsuid="ID.88", identity_key_hash="h1")
    assert (element.opaque, element.pricing, element.error_codes) == ("lhwa:01", pricing, (131047,))
    assert element.at_ms == 1_795_305_600_000
    assert element.position == "entry[0].changes[0].value.statuses[0]"


def test_a_group_status_names_group_and_participant(status_from: StatusFrom) -> None:
    contacts = [{"wa_id": "6281200000001"}, {"wa_id": "6281200000002", "user_id": "ID.2"}]
    element = status_from(
        {"recipient_type": "group", "recipient_id": "G-1", "recipient_participant_id": "6281200000002"},
        contacts=contacts,
    )
    assert (element.group_id, element.participant) == ("G-1", "6281200000002")
    assert element.recipient == Party(wa_id="6281200000002", bsuid="ID.2")


def test_an_aggregated_group_status_guesses_nobody(status_from: StatusFrom) -> None:
    element = status_from({"recipient_type": "group", "recipient_id": "G-1"}, contacts=[{"wa_id": "6281200000001"}])
    assert element.recipient.is_nobody


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"id": "wamid.A"}, "missing_status"),
        ({"id": "wamid.A", "status": ""}, "missing_status"),
        ({"id": "wamid.A", "status": 7}, "wrong_type"),
        ({"status": "sent"}, "missing_id"),
    ],
    ids=["no status", "empty status", "status of the wrong type", "no id"],
)
def test_a_status_that_cannot_be_applied_is_poison(
    items_of: Callable[..., list[Element]], part: dict[str, Any], reason: str
) -> None:
    [element] = items_of(statuses=[part])
    assert isinstance(element, PoisonElement)
    assert element.reason == reason
