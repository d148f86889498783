"""Kinds: delivery statuses. All are about the outgoing message of the same `seq`, so they can be sent in any order."""

from __future__ import annotations

from typing import Any

from lhwa.testing.webhooks.envelope import body, contact, value_of
from lhwa.testing.webhooks.scene import Kind, Scene, present
from lhwa.testing.webhooks.text_kinds import group_id

_PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
_AFTER_S = {"sent": 1, "delivered": 3, "read": 40, "played": 55, "failed": 5, "deleted": 90, "warning": 2}


def item(scene: Scene, status: str, **more: Any) -> dict[str, Any]:
    """One status of the outgoing message."""
    return present(
        id=scene.wamid("out"),
        status=status,
        timestamp=scene.stamp(after_s=_AFTER_S.get(status, 1)),
        recipient_id=scene.client.wa_id,
        recipient_user_id=scene.client.bsuid,
        **more,
    )


def webhook(scene: Scene, status: dict[str, Any]) -> dict[str, Any]:
    """The webhook of one status. Since 2026 contacts come along, without profile."""
    value = value_of(scene, contacts=[contact(scene, profile=False)], statuses=[status])
    return body(scene, "messages", value)


def opaque(scene: Scene) -> str:
    """What a sender would have stored with the message."""
    return f"lhwa:CONTOH{scene.seq:020d}"


def _kind(name: str, summary: str, status: str, **more: Any) -> Kind:
    def build(scene: Scene) -> dict[str, Any]:
        return webhook(scene, item(scene, status, **more))

    return Kind(name=name, summary=summary, field="messages", build=build, gives="status")


def _opaque(scene: Scene) -> dict[str, Any]:
    carried = opaque(scene)
    return webhook(scene, item(scene, "sent", biz_opaque_callback_data=carried, pricing=_PRICING))


def _conversation(scene: Scene) -> dict[str, Any]:
    conversation = {
        "id": f"contoh-{scene.digits('conversation')}",
        "expiration_timestamp": scene.stamp(after_s=3 * 86_400),
        "origin": {"type": "referral_conversion"},
    }
    pricing = {"billable": False, "pricing_model": "PMP", "type": "free_entry_point", "category": "referral_conversion"}
    return webhook(scene, item(scene, "sent", conversation=conversation, pricing=pricing))


def _hidden_number(scene: Scene) -> dict[str, Any]:
    hidden = scene.without_phone()
    parent = {"parent_recipient_user_id": "ID.ENT.70000000000001"}
    return webhook(hidden, item(hidden, "delivered", **parent))


def _group(scene: Scene) -> dict[str, Any]:
    status = {
        "id": scene.wamid("out"),
        "status": "read",
        "timestamp": scene.stamp(after_s=_AFTER_S["read"]),
        "recipient_type": "group",
        "recipient_id": group_id(scene),
        "recipient_participant_id": scene.client.wa_id or "6281200008888",
    }
    return webhook(scene, status)


def _call(scene: Scene) -> dict[str, Any]:
    status = item(scene, "RINGING", type="call") | {"id": f"wacid.{scene.digits('call')}"}
    return body(scene, "calls", value_of(scene, statuses=[status]))


def _error(code: int, title: str, details: str) -> list[dict[str, Any]]:
    return [{"code": code, "title": title, "message": title, "error_data": {"details": details}}]


_WINDOW_CLOSED = _error(131047, "Re-engagement message", "More than 24 hours have passed since the last message.")
_UNDELIVERABLE = _error(131026, "Message undeliverable", "Message could not be delivered.")
_OPTED_OUT = _error(131050, "User stopped marketing messages", "The user does not want marketing messages.")

KINDS = (
    _kind("status_sent", "A message of the firm left Meta's servers", "sent", pricing=_PRICING),
    _kind("status_delivered", "It is on the client's device", "delivered", pricing=_PRICING),
    _kind("status_read", "The client read it", "read"),
    _kind("status_played", "The client played the voice note", "played"),
    _kind("status_failed", "It failed: the 24-hour window is closed", "failed", errors=_WINDOW_CLOSED),
    _kind("status_failed_undeliverable", "It failed: undeliverable", "failed", errors=_UNDELIVERABLE),
    _kind("status_failed_opted_out", "It failed: the client stopped marketing", "failed", errors=_OPTED_OUT),
    _kind("status_deleted", "Old word: the client deleted it", "deleted"),
    _kind("status_warning", "Old word: a warning", "warning"),
    _kind("status_future", "A status word that does not exist yet", "teleported"),
    _kind("status_identity_key", "Delivered, with the hash of the identity key", "delivered",
          recipient_identity_key_hash="contoh-hash-1"),
    Kind(name="status_opaque", summary="Sent, with the sender's own id", field="messages", build=_opaque,
         gives="status"),
    Kind(name="status_conversation", summary="Sent, in a free entry point window", field="messages",
         build=_conversation, gives="status"),
    Kind(name="status_bsuid_only", summary="Delivered to somebody who hides the number", field="messages",
         build=_hidden_number, gives="status"),
    Kind(name="status_group", summary="Read by a member of a group", field="messages", build=_group, gives="status"),
    Kind(name="status_call", summary="A call of the firm rings", field="calls", build=_call, gives="status"),
)  # fmt: skip
