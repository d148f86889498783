"""Who an element is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.elements import MessageElement, Party
from lhwa.normalizer.parties import Contacts, party_of

CONTACT = {
    "profile": {"name": "Rina Contoh", "username": "@rina.contoh"},
    "wa_id": "6281230001111",
    "user_id": "ID.88001122334455",
}
RINA = Party(wa_id="6281230001111", bsuid="ID.88001122334455", username="rina.contoh", profile_name="Rina Contoh")


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (("6281230001111", None, None), Party(wa_id="6281230001111")),
        ((6281230001111, None, None), Party(wa_id="6281230001111")),
        (("+6281230001111", None, None), Party(wa_id="6281230001111")),
        (("ID.88001122334455", None, None), Party(bsuid="ID.88001122334455")),
        (("ID.ENT.7788", None, None), Party(parent_bsuid="ID.ENT.7788")),
        (("ID.99", "ID.88", None), Party(bsuid="ID.88")),
        ((None, "ID.ENT.7788", None), Party(parent_bsuid="ID.ENT.7788")),
        ((None, "lower-case and odd", None), Party(bsuid="lower-case and odd")),
        (("12345", None, None), Party()),
        (("٦٢٨١٢٣٠٠٠١١١١", None, None), Party()),
        (("", "", ""), Party()),
        ((True, ["ID.88"], {"a": 1}), Party()),
        (("6281230001111\n", "ID.\x1b[31m", None), Party()),
    ],
    ids=[
        "number", "number as integer", "plus", "user id in the number's place", "parent id in the number's place",
        "user id twice", "parent id in the user's place", "any user id verbatim", "too short",
        "other digits", "empty", "wrong types", "control characters",
    ],
)  # fmt: skip
def test_ids_find_their_slots(ids: tuple[Any, Any, Any], expected: Party) -> None:
    assert party_of(*ids) == expected


@pytest.mark.parametrize(
    ("item", "contact", "expected"),
    [
        ({"from": "6281230001111"}, CONTACT, RINA),
        ({"from": ..., "from_user_id": "ID.88001122334455"}, CONTACT, RINA),
        ({"from": "6281230001111"}, {"wa_id": "6281230001111"}, Party(wa_id="6281230001111")),
        ({"from": "6289990000000"}, CONTACT, Party(wa_id="6289990000000")),
        (
            {"from": "6281230001111", "from_user_id": "ID.99"},
            CONTACT,
            Party(wa_id="6281230001111", bsuid="ID.99"),
        ),
        ({"from": ...}, CONTACT, Party()),
        (
            {"from": "ID.88001122334455"},
            {"wa_id": "ID.88001122334455", "profile": {"name": ""}},
            Party(bsuid="ID.88001122334455"),
        ),
        (
            {"from": "6281230001111", "identity": {"hash": "h1"}},
            {"wa_id": "6281230001111", "identity_key_hash": "h0", "profile": None},
            Party(wa_id="6281230001111", identity_key_hash="h1"),
        ),
    ],
    ids=[
        "by number", "by user id", "without profile", "somebody else", "a contradiction", "nobody named",
        "user id in the number's place", "identity key of the message first",
    ],
)  # fmt: skip
def test_a_contact_completes_only_its_own_message(
    message_from: Callable[..., MessageElement], item: dict[str, Any], contact: dict[str, Any], expected: Party
) -> None:
    assert message_from({"type": "text"} | item, contacts=[contact]).party == expected


def test_contacts_are_not_matched_by_place() -> None:
    contacts = Contacts([{"wa_id": "6281200000001", "profile": {"name": "Satu"}}, CONTACT])
    assert contacts.complete(party_of("6281230001111")) == RINA
    assert contacts.complete(party_of("6281200000001")).profile_name == "Satu"


@pytest.mark.parametrize("contacts", [None, {}, "x", [1, None, [], {"profile": 5}]])
def test_odd_contacts_are_no_contacts(contacts: Any) -> None:
    assert Contacts(contacts).complete(party_of("6281230001111")) == Party(wa_id="6281230001111")
