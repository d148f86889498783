"""Kinds: system messages about people, and messages that Meta itself cannot show."""

from __future__ import annotations

from typing import Any

from lhwa.testing.webhooks.envelope import body, message_kind, value_of
from lhwa.testing.webhooks.scene import Kind, Scene, present

_NEW_WA_ID = "6281200009999"


def _system(scene: Scene, name: str, system: dict[str, Any], **more: Any) -> dict[str, Any]:
    """System messages have no contacts, and `from` only where the number is known."""
    item = present(id=scene.wamid(name), timestamp=scene.stamp(), type="system", system=system, **more)
    return body(scene, "messages", value_of(scene, messages=[item]))


def _kind(name: str, summary: str, system: dict[str, Any]) -> Kind:
    def build(scene: Scene) -> dict[str, Any]:
        sender = {"from": scene.client.wa_id or "6281200008888"}
        return _system(scene, name, {"body": "User changed (sample)", **system}, **sender)

    return Kind(name=name, summary=summary, field="messages", build=build)


def _new_bsuid(scene: Scene) -> str:
    return f"ID.{scene.digits('new user id')}"


def _number_changed(scene: Scene) -> dict[str, Any]:
    old = scene.client.wa_id or "6281200008888"
    system = present(
        type="user_changed_number",
        body=f"User {scene.client.name} changed from {old} to {_NEW_WA_ID}",
        wa_id=_NEW_WA_ID,
        user_id=_new_bsuid(scene),
        previous_user_id=scene.client.bsuid,
    )
    return _system(scene, "system_number_changed", system, **{"from": old})


def _user_id_changed(scene: Scene) -> dict[str, Any]:
    old = scene.client.bsuid or "ID.70000000000001"
    system = {
        "type": "user_changed_user_id",
        "body": f"User {scene.client.name} changed from {old} to {_new_bsuid(scene)}",
        "user_id": _new_bsuid(scene),
        "previous_user_id": old,
    }
    return _system(scene, "system_user_id_changed", system)


def _identity_changed(scene: Scene) -> dict[str, Any]:
    identity = {
        "acknowledged": False,
        "created_timestamp": scene.stamp(),
        "hash": f"contoh-{scene.digits('identity', count=8)}",
    }
    system = {"type": "customer_identity_changed", "body": "The identity of the customer changed (sample)"}
    sender = {"from": scene.client.wa_id or "6281200008888"}
    return _system(scene, "system_identity_changed", system, identity=identity, **sender)


def _error(code: int, title: str, details: str) -> dict[str, Any]:
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}}


def _unsupported(_scene: Scene) -> dict[str, Any]:
    error = _error(131051, "Message type unknown", "Message type is currently not supported.")
    return {"type": "unsupported", "errors": [error], "unsupported": {"type": "poll"}}


def _unavailable(_scene: Scene) -> dict[str, Any]:
    error = _error(131060, "This message is unavailable", "The message can only be read in the phone app.")
    return {"type": "unsupported", "errors": [error]}


def _unknown(_scene: Scene) -> dict[str, Any]:
    return {"type": "unknown", "errors": [{"code": 501, "details": "Message type is not currently supported"}]}


def _future_type(_scene: Scene) -> dict[str, Any]:
    return {"type": "hologram", "hologram": {"caption": "Pesan jenis baru", "frames": 3}}


def _without_type_object(_scene: Scene) -> dict[str, Any]:
    return {"type": "text"}


KINDS = (
    Kind(name="system_number_changed", summary="A client has a new number", field="messages", build=_number_changed),
    _kind("system_number_changed_old", "A new number, as older versions spell it",
          {"type": "user_changed_number", "new_wa_id": _NEW_WA_ID}),
    _kind("system_number_changed_oldest", "A new number, as the oldest versions spell it",
          {"type": "customer_changed_number", "wa_id": _NEW_WA_ID}),
    Kind(name="system_user_id_changed", summary="A client has a new user id; no number at all", field="messages",
         build=_user_id_changed),
    Kind(name="system_identity_changed", summary="A client has a new device", field="messages",
         build=_identity_changed),
    message_kind("unsupported", "A poll, which the Cloud API does not pass on", _unsupported),
    message_kind("unsupported_unavailable", "A message that only the phone app shows", _unavailable),
    message_kind("unknown", "The old marker of an unsupported message", _unknown),
    message_kind("ephemeral", "The old marker of a disappearing message", lambda _scene: {"type": "ephemeral"}),
    message_kind("request_welcome", "Somebody opened the chat for the first time (no longer sent)",
                 lambda _scene: {"type": "request_welcome"}),
    message_kind("future_type", "A message type that does not exist yet", _future_type),
    message_kind("text_empty", "A text that lost its content", _without_type_object),
)  # fmt: skip
