"""Webhook fields as data: which are read item by item, where each keeps its event word and ids, how to guess one.

A field that is not named here is kept whole, as one platform element: it may be the feed of something that we must
not mistake for a live message.
"""

from __future__ import annotations

from typing import Any

import msgspec

from lhwa.normalizer.scalars import as_dict, id_of, text_of


class FieldFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How to read the value of one field. Paths are keys joined by dots."""

    words: tuple[str, ...] = ("event", "decision", "status")
    """Where the event's word may be, the best place first."""
    details: tuple[str, ...] = ()
    """Words that say more about how bad it is, the most telling last."""
    item_id: str = ""


_ANY = FieldFacts()
_FACTS: dict[str, FieldFacts] = {
    "message_template_quality_update": FieldFacts(words=("new_quality_score",)),
    "template_category_update": FieldFacts(words=("new_category",), details=("correct_category",)),
    "template_correct_category_detection": FieldFacts(words=("event", "correct_category", "category")),
    "phone_number_quality_update": FieldFacts(words=("event",)),
    "phone_number_name_update": FieldFacts(words=("decision",)),
    "account_update": FieldFacts(words=("event",), details=("ban_info.waba_ban_state",)),
    "account_review_update": FieldFacts(words=("decision",)),
    "account_alerts": FieldFacts(
        words=("alert_info.alert_type", "alert_type"),
        details=(
            "alert_severity",
            "alert_info.alert_severity",
            "alert_status",
            "alert_info.alert_status",
        ),
        item_id="entity_id",
    ),
    "flows": FieldFacts(words=("event",), details=("new_status", "alert_state"), item_id="flow_id"),
    "calls": FieldFacts(words=("event", "status"), details=("status",), item_id="id"),
    "errors": FieldFacts(words=("code",)),
    "history": FieldFacts(words=("code", "metadata.phase")),
    "smb_app_state_sync": FieldFacts(words=("action",)),
    "user_preferences": FieldFacts(words=("value",)),
    "user_actions": FieldFacts(words=("action_type",)),
    "groups": FieldFacts(words=("type", "event"), item_id="group_id"),
}

ITEMISED = frozenset(
    {
        "messages",
        "smb_message_echoes",
        "message_echoes",
        "history",
        "standby",
        "smb_app_state_sync",
        "calls",
        "user_preferences",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
    }
)
"""Fields whose value is a set of lists, each item a thing of its own."""

_GUESSES: tuple[tuple[str, str], ...] = (
    ("message_echoes", "smb_message_echoes"),
    ("history", "history"),
    ("state_sync", "smb_app_state_sync"),
    ("standby", "standby"),
    ("calls", "calls"),
    ("user_preferences", "user_preferences"),
    ("messages", "messages"),
    ("statuses", "messages"),
    ("user_actions", "messages"),
    ("new_quality_score", "message_template_quality_update"),
    ("message_template_element", "message_template_components_update"),
    ("new_category", "template_category_update"),
    ("message_template_id", "message_template_status_update"),
    ("alert_info", "account_alerts"),
    ("alert_type", "account_alerts"),
    ("restriction_info", "account_update"),
    ("violation_info", "account_update"),
    ("ban_info", "account_update"),
    ("disconnection_info", "account_update"),
    ("volume_tier_info", "account_update"),
    ("requested_verified_name", "phone_number_name_update"),
    ("flow_id", "flows"),
    ("username", "business_username_update"),
    ("max_phone_numbers_per_business", "business_capability_update"),
    ("max_daily_conversation_per_phone", "business_capability_update"),
    ("current_limit", "phone_number_quality_update"),
    ("control_passed", "messaging_handovers"),
    ("control_taken", "messaging_handovers"),
    ("errors", "messages"),
)
"""A key of the value that gives its field away, the most telling first."""
_UNKNOWN = "unknown"


def facts_of(field: str) -> FieldFacts:
    """How to read the value of a field."""
    return _FACTS.get(field, _ANY)


def guessed_field(value: dict[str, Any]) -> str:
    """The field that a value without one most likely belongs to; `unknown` when nothing tells."""
    event = text_of(value.get("event")) or ""
    if event.startswith("PIN_"):
        return "security"
    found = next((field for key, field in _GUESSES if key in value), None)
    if found is not None:
        return found
    if "decision" in value:
        return "account_review_update"
    if event and "display_phone_number" in value:
        return "phone_number_quality_update"
    return "account_update" if event.isupper() else _UNKNOWN


def word_at(value: dict[str, Any], path: str) -> str:
    """The word at a path, numbers as text; `""` when there is none."""
    *parents, last = path.split(".")
    for key in parents:
        value = as_dict(value.get(key))
    return id_of(value.get(last)) or ""


def event_word(field: str, value: dict[str, Any]) -> str:
    """The event's own word; for a handover the name of the object that tells of it; `""` when there is none."""
    found = next((word for path in facts_of(field).words if (word := word_at(value, path))), "")
    if not found and field == "messaging_handovers":
        return next((key for key in value if key.startswith("control_")), "")
    return found
