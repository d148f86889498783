"""Kinds: feeds that are not live: echoes of the phone app, history, standby, the app's address book."""

from __future__ import annotations

from typing import Any

from lhwa.testing.webhooks import samples
from lhwa.testing.webhooks.content_kinds import image
from lhwa.testing.webhooks.envelope import Part, body, contact, inbound_item, metadata, value_of
from lhwa.testing.webhooks.scene import Kind, Scene, present
from lhwa.testing.webhooks.status_kinds import item as status_item
from lhwa.testing.webhooks.text_kinds import text

_CHUNK = {"phase": 0, "chunk_order": 1, "progress": 55}
_DAY_S = 86_400


def _ours(scene: Scene, name: str, part: dict[str, Any], *, after_s: int = 0) -> dict[str, Any]:
    """A message that staff wrote in the phone app."""
    base = present(
        **{"from": scene.number.display_phone_number},
        to=scene.client.wa_id,
        to_user_id=scene.client.bsuid,
        id=scene.wamid(name),
        timestamp=scene.stamp(after_s=after_s),
    )
    return base | part


def _staff_text(scene: Scene) -> dict[str, Any]:
    return {"type": "text", "text": {"body": scene.pick(samples.STAFF_TEXTS)}}


def _echo(scene: Scene, name: str, part: dict[str, Any], *, field: str = "smb_message_echoes") -> dict[str, Any]:
    people = [contact(scene, profile=False)]
    return body(scene, field, value_of(scene, contacts=people, message_echoes=[_ours(scene, name, part)]))


def _echo_text(scene: Scene) -> dict[str, Any]:
    return _echo(scene, "echo", _staff_text(scene))


def _echo_edit(scene: Scene) -> dict[str, Any]:
    wording = {"type": "text", "text": {"body": "Ralat: jadwal konsultasi hari Jumat pukul 10.00 WIB."}}
    part = {"type": "edit", "edit": {"original_message_id": scene.wamid("echo"), "message": wording}}
    return _echo(scene, "echo_edit", part)


def _echo_revoke(scene: Scene) -> dict[str, Any]:
    return _echo(scene, "echo_revoke", {"type": "revoke", "revoke": {"original_message_id": scene.wamid("echo")}})


def _echo_other_field(scene: Scene) -> dict[str, Any]:
    return _echo(scene, "echo_other_field", _staff_text(scene), field="message_echoes")


def _thread(scene: Scene, messages: list[dict[str, Any]]) -> dict[str, Any]:
    client = scene.client
    context = present(wa_id=client.wa_id, user_id=client.bsuid, username=client.username)
    return present(id=client.wa_id or client.bsuid, context=context, messages=messages)


def _history(scene: Scene) -> dict[str, Any]:
    theirs = inbound_item(scene, "history_in", text(scene)) | {
        "timestamp": scene.stamp(after_s=-30 * _DAY_S),
        "history_context": {"status": "READ"},
    }
    ours = _ours(scene, "history_out", _staff_text(scene), after_s=-29 * _DAY_S) | {
        "history_context": {"status": "DELIVERED"}
    }
    photo = inbound_item(scene, "history_media", {"type": "media_placeholder"})
    chunk = {"metadata": _CHUNK, "threads": [_thread(scene, [theirs, ours, photo])]}
    return body(scene, "history", value_of(scene, history=[chunk]))


def _history_media(scene: Scene) -> dict[str, Any]:
    photo = inbound_item(scene, "history_media", image(scene))
    return body(scene, "history", value_of(scene, contacts=[contact(scene)], messages=[photo]))


def _history_refused(scene: Scene) -> dict[str, Any]:
    error = {
        "code": 2593109,
        "title": "History sync is turned off by the business from the phone app",
        "message": "History sync is turned off by the business from the phone app",
        "error_data": {"details": "History sharing was declined."},
    }
    return body(scene, "history", value_of(scene, history=[{"errors": [error]}]))


def _standby(scene: Scene) -> dict[str, Any]:
    item = inbound_item(scene, "standby", text(scene))
    return body(scene, "standby", value_of(scene, contacts=[contact(scene)], messages=[item]))


def _standby_status(scene: Scene) -> dict[str, Any]:
    return body(scene, "standby", value_of(scene, statuses=[status_item(scene, "delivered")]))


def _handover(word: str) -> Part:
    def build(scene: Scene) -> dict[str, Any]:
        owner = {"previous_owner_app_id": scene.digits("app a"), "new_owner_app_id": scene.digits("app b")}
        value = value_of(scene, contacts=[contact(scene)], event=word, timestamp=scene.unix())
        return body(scene, "messaging_handovers", value | {word: owner})

    return build


def _address_book(action: str) -> Part:
    def build(scene: Scene) -> dict[str, Any]:
        client = scene.client
        person = present(
            full_name=client.name,
            first_name=client.name.split()[0],
            phone_number=client.wa_id,
            user_id=client.bsuid,
            username=client.username,
        )
        change = {
            "type": "contact",
            "action": action,
            "contact": person,
            "metadata": {"timestamp": scene.stamp()},
        }
        value = {"messaging_product": "whatsapp", "metadata": metadata(scene), "state_sync": [change]}
        return body(scene, "smb_app_state_sync", value)

    return build


def _kind(name: str, summary: str, field: str, build: Part, *, gives: str = "message") -> Kind:
    return Kind(name=name, summary=summary, field=field, build=build, gives=gives)


KINDS = (
    _kind("echo", "Staff wrote in the phone app", "smb_message_echoes", _echo_text),
    _kind("echo_edit", "Staff reworded it there", "smb_message_echoes", _echo_edit),
    _kind("echo_revoke", "Staff deleted it there", "smb_message_echoes", _echo_revoke),
    _kind("echo_other_field", "An echo under its other field name", "message_echoes", _echo_other_field),
    _kind("history", "Messages from before the number was connected", "history", _history, gives="mixed"),
    _kind("history_media", "The file of an imported message", "history", _history_media),
    _kind("history_refused", "The import was declined", "history", _history_refused, gives="platform"),
    _kind("standby", "A text in a thread that somebody else holds", "standby", _standby),
    _kind("standby_status", "A status in such a thread", "standby", _standby_status, gives="status"),
    _kind("control_passed", "A thread is handed to the firm", "messaging_handovers", _handover("control_passed"),
          gives="platform"),
    _kind("control_taken", "A thread is taken from the firm", "messaging_handovers", _handover("control_taken"),
          gives="platform"),
    _kind("address_book_add", "The phone app's address book gains somebody", "smb_app_state_sync",
          _address_book("add"), gives="platform"),
    _kind("address_book_remove", "The phone app's address book loses somebody", "smb_app_state_sync",
          _address_book("remove"), gives="platform"),
)  # fmt: skip
