"""Kinds: taps on buttons and lists, flows, reactions, edits and deletions."""

from __future__ import annotations

import json
from typing import Any

from lhwa.testing.webhooks import samples
from lhwa.testing.webhooks.envelope import message_kind
from lhwa.testing.webhooks.scene import Scene


def _context(scene: Scene) -> dict[str, Any]:
    return {"context": {"from": scene.number.display_phone_number, "id": scene.wamid("out")}}


def _interactive(scene: Scene, kind: str, reply: dict[str, Any]) -> dict[str, Any]:
    return _context(scene) | {"type": "interactive", "interactive": {"type": kind, kind: reply}}


def button_reply(scene: Scene) -> dict[str, Any]:
    """A tap on a reply button."""
    reply = scene.pick(({"id": "intake:yes", "title": "Ya, setuju"}, {"id": "intake:no", "title": "Tidak"}))
    return _interactive(scene, "button_reply", reply)


def _list_reply(scene: Scene) -> dict[str, Any]:
    area, title, description = scene.pick(samples.AREAS)
    return _interactive(scene, "list_reply", {"id": area, "title": title, "description": description})


def _flow_reply(scene: Scene) -> dict[str, Any]:
    answers = {"flow_token": f"contoh-{scene.seq}", "full_name": scene.client.name, "perkara": "waris"}
    reply = {"name": "flow", "body": "Terkirim", "response_json": json.dumps(answers)}
    return _interactive(scene, "nfm_reply", reply)


def _call_permission(scene: Scene) -> dict[str, Any]:
    reply = {
        "response": "accept",
        "is_permanent": False,
        "expiration_timestamp": scene.stamp(after_s=7 * 86_400),
        "response_source": "user_action",
    }
    return _interactive(scene, "call_permission_reply", reply)


def _interactive_unknown(scene: Scene) -> dict[str, Any]:
    return _interactive(scene, "calendar_reply", {"title": "Kamis, 10.00 WIB", "slot": "2026-11-26T10:00"})


def _interactive_empty(_scene: Scene) -> dict[str, Any]:
    error = {"code": 131000, "title": "Unsupported webhook payload", "message": "Unsupported webhook payload"}
    return {"type": "interactive", "errors": [error]}


def button(scene: Scene) -> dict[str, Any]:
    """A tap on a template's quick-reply button."""
    return _context(scene) | {
        "type": "button",
        "button": {"payload": f"CONFIRM-{scene.seq}", "text": "Konfirmasi hadir"},
    }


def _button_bare(_scene: Scene) -> dict[str, Any]:
    return {"type": "button", "button": {"payload": "Hubungi saya", "text": "Hubungi saya"}}


def _reaction(scene: Scene) -> dict[str, Any]:
    reaction = {"message_id": scene.wamid("out"), "emoji": scene.pick(samples.EMOJI)}
    return {"type": "reaction", "reaction": reaction}


def _reaction_removed(scene: Scene) -> dict[str, Any]:
    return {"type": "reaction", "reaction": {"message_id": scene.wamid("out")}}


def edit(scene: Scene) -> dict[str, Any]:
    """A new wording of the `text` of the same `seq`."""
    wording = {"type": "text", "text": {"body": scene.pick(samples.EDITED_TEXTS)}}
    return {"type": "edit", "edit": {"original_message_id": scene.wamid("text"), "message": wording}}


def _revoke(scene: Scene) -> dict[str, Any]:
    return {"type": "revoke", "revoke": {"original_message_id": scene.wamid("text")}}


KINDS = (
    message_kind("button_reply", "A tap on a reply button", button_reply),
    message_kind("list_reply", "A choice from a list", _list_reply),
    message_kind("flow_reply", "A completed form", _flow_reply),
    message_kind("call_permission_reply", "An answer to the question whether the firm may call", _call_permission),
    message_kind(
        "interactive_unknown", "An interactive answer of a kind that does not exist yet", _interactive_unknown
    ),
    message_kind("interactive_empty", "An interactive answer that lost its content", _interactive_empty),
    message_kind("button", "A tap on a template's quick-reply button", button),
    message_kind("button_no_context", "The same without the message it belongs to", _button_bare),
    message_kind("reaction", "An emoji on a message of the firm", _reaction),
    message_kind("reaction_removed", "The emoji is taken back", _reaction_removed),
    message_kind("edit", "The client rewords the text of the same sequence number", edit),
    message_kind("revoke", "The client deletes the text of the same sequence number", _revoke),
)
