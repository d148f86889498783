from __future__ import annotations

import pytest

from lhwa.domain.elements import Party, PlatformElement
from lhwa.domain.events import EventType
from lhwa.domain.ids import ContactId
from lhwa.services.messaging.rules import aliases, clear_word, event_type_of, match, merged_profile
from lhwa.testing.builders import platform

A, B, C = ContactId("A"), ContactId("B"), ContactId("C")


def test_identifiers_are_trusted_in_order() -> None:
    party = Party(wa_id="628", parent_bsuid="ID.ENT.1", bsuid="ID.1", username="x")
    assert list(aliases(party)) == ["bsuid", "wa_id", "parent_bsuid"]
    assert aliases(Party(wa_id="", username="x")) == {}


@pytest.mark.parametrize(
    ("known", "contact", "others", "new"),
    [
        ({}, None, (), ()),
        ({"bsuid": None, "wa_id": None}, None, (), ("bsuid", "wa_id")),
        ({"bsuid": A, "wa_id": None}, A, (), ("wa_id",)),
        ({"bsuid": None, "wa_id": B}, B, (), ("bsuid",)),
        ({"bsuid": A, "wa_id": A}, A, (), ()),
        ({"bsuid": A, "wa_id": B}, A, (B,), ()),
        ({"bsuid": A, "wa_id": B, "parent_bsuid": C}, A, (B, C), ()),
        ({"bsuid": A, "wa_id": B, "parent_bsuid": B}, A, (B,), ()),
    ],
    ids=str,
)
def test_the_most_trusted_match(
    known: dict[str, ContactId | None], contact: ContactId | None, others: tuple[str, ...], new: tuple[str, ...]
) -> None:
    found = match(known)
    assert (found.contact, found.others, found.new) == (contact, others, new)


def test_a_profile_keeps_identifiers_and_takes_newer_names() -> None:
    old = Party(wa_id="1", username="lama", identity_key_hash="h")
    new = Party(wa_id="2", bsuid="ID.2", username="baru", profile_name="Nama")
    assert merged_profile(old, new, is_newer=True) == Party(
        wa_id="1", bsuid="ID.2", username="baru", profile_name="Nama", identity_key_hash="h"
    )
    assert merged_profile(old, new, is_newer=False).username == "lama"


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        (platform(field="message_template_status_update", severity="info"), EventType.TEMPLATE_STATUS_CHANGED),
        (platform(field="template_category_update", severity="critical"), EventType.TEMPLATE_STATUS_CHANGED),
        (platform(field="account_update", severity="critical"), EventType.ACCOUNT_ALERT),
        (platform(field="account_update", severity="info"), None),
    ],
    ids=lambda value: value.field if isinstance(value, PlatformElement) else "",
)
def test_which_event_a_platform_element_becomes(element: PlatformElement, kind: EventType | None) -> None:
    assert event_type_of(element) is kind


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("", ""),
        ("APPROVED", "APPROVED"),
        ("media_placeholder", "media_placeholder"),
        ("object:user", "object:user"),
        ("130429", "130429"),
        ("2593109", "2593109"),
        ("0", "0"),
        ("kirim ke Budi", "other"),
        ("6281230001111", "other"),
        ("12345678", "other"),
        ("x6281230001111", "other"),
        ("x" * 65, "other"),
        ("baris\nbaru", "other"),
        ("\x1b[2J", "other"),
        ("Müller", "other"),
    ],
)
def test_only_words_lie_in_clear(word: str, shown: str) -> None:
    assert clear_word(word) == shown
