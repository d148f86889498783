"""Kinds: what should not happen and does: unknown fields, value-level errors, other products, broken items, batches."""

from __future__ import annotations

from typing import Any

from lhwa.testing.webhooks.envelope import (
    body,
    contact,
    inbound_item,
    platform_kind,
    value_of,
)
from lhwa.testing.webhooks.scene import Kind, Scene
from lhwa.testing.webhooks.text_kinds import text

BATCH_ITEMS = 10
_ERROR = {
    "code": 130429,
    "title": "Rate limit hit",
    "message": "Rate limit hit",
    "error_data": {"details": "Message failed to send because there were too many messages (sample)."},
}


def _errors(scene: Scene) -> dict[str, Any]:
    return body(scene, "messages", value_of(scene, errors=[_ERROR]))


def _user_action(scene: Scene) -> dict[str, Any]:
    action = {
        "action_type": "marketing_messages_link_click",
        "timestamp": scene.stamp(),
        "marketing_messages_link_click_data": {"click_component": "cta", "click_id": f"contoh-{scene.seq}"},
    }
    return body(scene, "messages", value_of(scene, user_actions=[action]))


def _unknown_field(scene: Scene) -> dict[str, Any]:
    return value_of(scene, event="ARRIVED", holograms=[{"id": scene.digits("hologram")}])


def _unknown_list(scene: Scene) -> dict[str, Any]:
    return body(scene, "messages", value_of(scene, holograms=[{"id": scene.digits("hologram")}]))


def _missing_field(scene: Scene) -> dict[str, Any]:
    payload = body(scene, "messages", value_of(scene, contacts=[contact(scene)], messages=[_item(scene)]))
    del payload["entry"][0]["changes"][0]["field"]
    return payload


def _item(scene: Scene, *, nth: int = 0) -> dict[str, Any]:
    return inbound_item(scene, f"batch {nth}" if nth else "text_missing_field", text(scene))


def _other_object(scene: Scene) -> dict[str, Any]:
    entry = {"id": "0", "time": scene.unix(), "uid": "0", "changed_fields": ["name"]}
    return {"object": "user", "entry": [entry]}


def _poison(scene: Scene) -> dict[str, Any]:
    item = inbound_item(scene, "poison", text(scene))
    del item["id"]
    return body(scene, "messages", value_of(scene, contacts=[contact(scene)], messages=[item]))


def _unroutable(scene: Scene) -> dict[str, Any]:
    item = inbound_item(scene, "unroutable", text(scene))
    return body(scene, "messages", {"messaging_product": "whatsapp", "messages": [item]})


def _batch(scene: Scene) -> dict[str, Any]:
    items = [_item(scene, nth=nth) for nth in range(1, BATCH_ITEMS + 1)]
    items[BATCH_ITEMS // 2]["id"] = {"not": "an id"}
    return body(scene, "messages", value_of(scene, contacts=[contact(scene)], messages=items))


def _empty_entry(_scene: Scene) -> dict[str, Any]:
    return {"object": "whatsapp_business_account", "entry": []}


KINDS = (
    Kind(name="errors", summary="An error of the account, without a message", field="messages", build=_errors,
         gives="platform"),
    Kind(name="user_action", summary="Somebody tapped a link in a marketing message", field="messages",
         build=_user_action, gives="platform"),
    platform_kind("unknown_field", "A webhook field that does not exist yet", _unknown_field, field="holograms"),
    Kind(name="unknown_list", summary="A list that does not exist yet, under a field that does", field="messages",
         build=_unknown_list, gives="platform"),
    Kind(name="text_missing_field", summary="A text whose change does not name its field", field="",
         build=_missing_field),
    Kind(name="other_object", summary="A test webhook of another product", field="", build=_other_object,
         gives="platform"),
    Kind(name="poison", summary="A text without an id: goes to the dead letters", field="messages", build=_poison,
         gives="poison"),
    Kind(name="unroutable", summary="A text that does not say for which number it is", field="messages",
         build=_unroutable, gives="poison"),
    Kind(name="batch", summary="Ten texts in one webhook, one of them broken", field="messages", build=_batch,
         gives="mixed"),
    Kind(name="empty", summary="A webhook that says nothing", field="", build=_empty_entry, gives="mixed"),
)  # fmt: skip
