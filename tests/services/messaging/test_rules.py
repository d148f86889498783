from __future__ import annotations

import pytest

from lhwa.domain.elements import Party, PlatformElement
from lhwa.domain.events import EventType
from lhwa.services.messaging.rules import (
    aliases,
    event_type_of,
    is_metas_id,
    window_closes_ms,
)
from lhwa.testing.builders import platform


def test_identifiers_are_trusted_in_order() -> None:
    party = Party(wa_id="628", parent_bsuid="ID.ENT.1", bsuid="ID.1", username="x")
    assert list(aliases(party)) == ["bsuid", "wa_id", "parent_bsuid"]
    assert aliases(Party(wa_id="", username="x")) == {}


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
    ("text", "is_metas"),
    [
        ("301301301301301", True),
        ("12345678901234567890", True),
        ("7001", True),
        ("6281230001111", False),
        ("14155550123", False),
        ("7001002003", False),
        ("006281230001111", False),
        ("123456", False),
        ("123456789012345678901", False),
        ("Budi", False),
        ("3013013013013O1", False),
        ("", False),
        ("301301301301301\n", False),
        ("\u0661" * 15, False),
    ],
)
def test_only_what_cannot_be_a_telephone_number_is_an_id_in_clear(text: str, *, is_metas: bool) -> None:
    assert is_metas_id(text) is is_metas


HOUR_MS = 3_600_000
NOW_MS = 1_795_305_600_000


@pytest.mark.parametrize(
    ("last_ms", "closes_ms"),
    [
        (None, None),
        (NOW_MS, NOW_MS + 24 * HOUR_MS),
        (NOW_MS - 23 * HOUR_MS, NOW_MS + HOUR_MS),
        (NOW_MS - 24 * HOUR_MS, None),
        (0, None),
        (NOW_MS + 25 * HOUR_MS, None),
        (253_402_300_799_000, None),
    ],
)
def test_the_window_is_open_for_24_hours_and_never_for_years(last_ms: int | None, closes_ms: int | None) -> None:
    assert window_closes_ms(last_ms, now_ms=NOW_MS) == closes_ms
