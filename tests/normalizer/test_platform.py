"""Events of the account, its numbers, templates, calls and preferences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.elements import Element, Party, PlatformElement, PoisonElement

PlatformFrom = Callable[..., PlatformElement]
ItemsOf = Callable[..., list[Element]]


@pytest.mark.parametrize(
    ("field", "value", "event", "severity"),
    [
        ("security", {"event": "PIN_CHANGED"}, "PIN_CHANGED", "critical"),
        ("security", {"event": "SOMETHING_NEW"}, "SOMETHING_NEW", "critical"),
        ("account_update", {"event": "ACCOUNT_RESTRICTION"}, "ACCOUNT_RESTRICTION", "critical"),
        ("account_update", {"event": "ACCOUNT_VIOLATION"}, "ACCOUNT_VIOLATION", "warning"),
        ("account_update", {"event": "DISABLED_UPDATE"}, "DISABLED_UPDATE", "critical"),
        ("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}},
         "DISABLED_UPDATE", "info"),
        ("account_update", {"event": "PARTNER_ADDED"}, "PARTNER_ADDED", "info"),
        ("account_alerts", {"alert_info": {"alert_type": "OBA_APPROVED", "alert_severity": "INFORMATIONAL"}},
         "OBA_APPROVED", "info"),
        ("account_alerts", {"alert_info": {"alert_type": "NEW", "alert_severity": "CRITICAL"}}, "NEW", "critical"),
        ("account_alerts", {"alert_info": {"alert_type": "NEW", "alert_severity": "CRITICAL", "alert_status": "NONE"}},
         "NEW", "info"),
        ("account_alerts", {"alert_type": "OBA_REJECTED"}, "OBA_REJECTED", "warning"),
        ("account_review_update", {"decision": "REJECTED"}, "REJECTED", "critical"),
        ("message_template_status_update", {"event": "APPROVED"}, "APPROVED", "info"),
        ("message_template_status_update", {"event": "REJECTED"}, "REJECTED", "warning"),
        ("message_template_status_update", {"event": "PAUSED"}, "PAUSED", "warning"),
        ("message_template_status_update", {"event": "DISABLED"}, "DISABLED", "critical"),
        ("message_template_status_update", {"event": "BRAND_NEW"}, "BRAND_NEW", "info"),
        ("message_template_quality_update", {"new_quality_score": "RED"}, "RED", "warning"),
        ("message_template_quality_update", {"new_quality_score": "GREEN"}, "GREEN", "info"),
        ("message_template_components_update", {}, "", "warning"),
        ("template_category_update", {"new_category": "MARKETING"}, "MARKETING", "warning"),
        ("phone_number_quality_update", {"event": "FLAGGED"}, "FLAGGED", "warning"),
        ("phone_number_name_update", {"decision": "REJECTED"}, "REJECTED", "warning"),
        ("business_username_update", {"status": "deleted"}, "deleted", "warning"),
        ("flows", {"event": "FLOW_STATUS_CHANGE", "new_status": "BLOCKED"}, "FLOW_STATUS_CHANGE", "critical"),
        ("flows", {"event": "ENDPOINT_LATENCY", "errors": [{"x": 1}]}, "ENDPOINT_LATENCY", "warning"),
        ("messaging_handovers", {"control_taken": {}}, "control_taken", "warning"),
        ("business_capability_update", {"max_phone_numbers_per_waba": 2}, "", "info"),
        ("a_field_of_the_future", {"messages": [{"id": "1"}]}, "", "info"),
        ("security", {"event": ["PIN_CHANGED"]}, "", "critical"),
    ],
)  # fmt: skip
def test_each_event_has_its_word_and_its_severity(
    platform_from: PlatformFrom, field: str, value: dict[str, Any], event: str, severity: str
) -> None:
    element = platform_from(field, value)
    assert (element.field, element.event, element.severity) == (field, event, severity)
    assert element.value == value


def test_a_platform_event_knows_its_account_time_and_template(platform_from: PlatformFrom) -> None:
    value = {"event": "APPROVED", "message_template_id": 7001002003}
    element = platform_from("message_template_status_update", value, time=1795305600)
    assert element.waba_id == "200300400500600"
    assert element.at_ms == 1_795_305_600_000
    assert element.template_id == "7001002003"
    assert element.position == "entry[0].changes[0].value"


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"event": "APPROVED", "message_template_id": 1}, "message_template_status_update"),
        ({"message_template_id": 1, "new_quality_score": "RED"}, "message_template_quality_update"),
        ({"message_template_id": 1, "new_category": "UTILITY"}, "template_category_update"),
        ({"message_template_id": 1, "message_template_element": "x"}, "message_template_components_update"),
        ({"event": "PIN_CHANGED", "display_phone_number": "1"}, "security"),
        ({"event": "FLAGGED", "display_phone_number": "1"}, "phone_number_quality_update"),
        ({"event": "DISABLED_UPDATE", "ban_info": {}}, "account_update"),
        ({"event": "PARTNER_ADDED"}, "account_update"),
        ({"decision": "APPROVED"}, "account_review_update"),
        ({"decision": "APPROVED", "requested_verified_name": "x"}, "phone_number_name_update"),
        ({"alert_info": {}}, "account_alerts"),
        ({"flow_id": "1"}, "flows"),
        ({"field": "security", "event": "PIN_CHANGED"}, "security"),
        ({"brand": "new"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_a_missing_field_is_guessed_from_the_keys(
    platform_from: PlatformFrom, value: dict[str, Any], field: str
) -> None:
    assert platform_from(None, value).field == field


def test_calls_name_the_other_side(items_of: ItemsOf) -> None:
    theirs = {
        "id": "wacid.1",
        "from": "6281230001111",
        "to": "622150001234",
        "event": "connect",
        "timestamp": "1795305600",
    }
    ours = {
        "id": "wacid.2",
        "to": "6281230001111",
        "direction": "BUSINESS_INITIATED",
        "event": "terminate",
        "status": "FAILED",
    }
    found = items_of("calls", calls=[theirs, ours, {"event": "connect"}])
    assert isinstance(found[0], PlatformElement)
    assert isinstance(found[1], PlatformElement)
    assert (found[0].item_id, found[0].event, found[0].at_ms) == ("wacid.1", "connect", 1_795_305_600_000)
    assert found[0].party == found[1].party == Party(wa_id="6281230001111")
    assert (found[0].severity, found[1].severity) == ("info", "warning")
    assert isinstance(found[2], PoisonElement)


def test_preferences_actions_errors_and_address_books_are_one_event_per_item(items_of: ItemsOf) -> None:
    found = [
        *items_of(
            "user_preferences", user_preferences=[{"wa_id": "6281230001111", "value": "stop"}, {"value": "resume"}]
        ),
        *items_of("messages", user_actions=[{"action_type": "landing_page_view"}]),
        *items_of("messages", errors=[{"code": 131031}, {"code": "130429"}]),
        *items_of(
            "smb_app_state_sync",
            state_sync=[{"action": "add", "contact": {"phone_number": "+6281230001111", "full_name": "Rina"}}],
        ),
    ]
    assert all(isinstance(element, PlatformElement) for element in found)
    facts = [(e.field, e.event, e.severity) for e in found if isinstance(e, PlatformElement)]
    assert facts == [
        ("user_preferences", "stop", "info"),
        ("user_preferences", "resume", "info"),
        ("user_actions", "landing_page_view", "info"),
        ("errors", "131031", "critical"),
        ("errors", "130429", "warning"),
        ("smb_app_state_sync", "add", "info"),
    ]
    last = found[-1]
    assert isinstance(last, PlatformElement)
    assert last.party == Party(wa_id="6281230001111", profile_name="Rina")
