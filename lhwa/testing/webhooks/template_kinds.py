"""Kinds: what Meta decides about message templates."""

from __future__ import annotations

from typing import Any

from lhwa.testing.webhooks.envelope import Part, platform_kind
from lhwa.testing.webhooks.scene import Kind, Scene

STATUS_EVENTS = (
    "APPROVED",
    "ARCHIVED",
    "UNARCHIVED",
    "DELETED",
    "DISABLED",
    "FLAGGED",
    "IN_APPEAL",
    "LIMIT_EXCEEDED",
    "LOCKED",
    "PAUSED",
    "PENDING",
    "REINSTATED",
    "PENDING_DELETION",
    "REJECTED",
)
_MORE: dict[str, dict[str, Any]] = {
    "REJECTED": {
        "reason": "INVALID_FORMAT",
        "rejection_info": {"reason": "Variabel di awal teks (contoh)", "recommendation": "Tambahkan kata pembuka."},
    },
    "PAUSED": {"other_info": {"title": "FIRST_PAUSE", "description": "Paused for 3 hours (sample)."}},
    "DISABLED": {"disable_info": {"disable_date": "November 22, 2026"}, "other_info": {"title": "DISABLED"}},
}


def template(scene: Scene) -> dict[str, Any]:
    """The sample template of a scene. Webhooks carry its id as a number."""
    return {
        "message_template_id": int(scene.digits("template")),
        "message_template_name": "pengingat_konsultasi",
        "message_template_language": "id",
    }


def _status(event: str) -> Kind:
    def value(scene: Scene) -> dict[str, Any]:
        base = {"event": event, **template(scene), "reason": "NONE", "message_template_category": "UTILITY"}
        return base | _MORE.get(event, {})

    name = f"template_{event.lower()}"
    return platform_kind(name, f"A template is {_plain(event)}", value, field="message_template_status_update")


def _plain(event: str) -> str:
    return event.lower().replace("_", " ")


def _with(**more: Any) -> Part:
    return lambda scene: template(scene) | more


_COMPONENTS = {
    "message_template_element": "Halo {{1}}, konsultasi Anda besok pukul {{2}} WIB.",
    "message_template_title": "Pengingat konsultasi",
    "message_template_footer": "Kantor Hukum Contoh",
    "message_template_buttons": [
        {
            "message_template_button_type": "URL",
            "message_template_button_text": "Lihat lokasi",
            "message_template_button_url": "https://contoh.example/lokasi",
        }
    ],
}
_YELLOW = {"previous_quality_score": "GREEN", "new_quality_score": "YELLOW"}
_RED = {"previous_quality_score": "YELLOW", "new_quality_score": "RED"}

KINDS = (
    *(_status(event) for event in STATUS_EVENTS),
    platform_kind("template_quality_yellow", "A template's quality falls to yellow", _with(**_YELLOW),
                  field="message_template_quality_update"),
    platform_kind("template_quality_red", "A template's quality falls to red", _with(**_RED),
                  field="message_template_quality_update"),
    platform_kind("template_components", "A template has new wording", _with(**_COMPONENTS),
                  field="message_template_components_update"),
    platform_kind("template_category_announced", "A template will get another category in a day",
                  _with(correct_category="MARKETING", new_category="UTILITY", category_update_timestamp=1_795_392_000),
                  field="template_category_update"),
    platform_kind("template_category_changed", "A template has another category",
                  _with(previous_category="UTILITY", new_category="MARKETING"), field="template_category_update"),
    platform_kind("template_category_detected", "Meta thinks a template's category is wrong",
                  _with(category="UTILITY", correct_category="MARKETING"),
                  field="template_correct_category_detection"),
)  # fmt: skip
