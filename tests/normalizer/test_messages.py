"""Every message type, in every spelling that the platform has used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.elements import MessageElement
from lhwa.domain.messages import Direction, MessageType, Via

MessageFrom = Callable[..., MessageElement]


def _interactive(kind: str, **reply: str) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, kind: reply}}


def _with(type_: str, part: Any = None, **more: Any) -> dict[str, Any]:
    return {"type": type_, type_: part, **more}


TWO_CARDS = [{"name": {"formatted_name": "Budi"}}, {}, {"name": {"first_name": "Ani"}}]
NEW_CAPTION = {"message": _with("image", {"caption": "baru"})}
CASES: list[tuple[str, dict[str, Any], MessageType, str | None]] = [
    ("text", _with("text", {"body": "Halo"}), MessageType.TEXT, "Halo"),
    ("text without its object", {"type": "text"}, MessageType.TEXT, None),
    ("text whose body is a number", _with("text", {"body": 5}), MessageType.TEXT, None),
    ("image with caption", _with("image", {"id": "1", "caption": "KTP"}), MessageType.IMAGE, "KTP"),
    ("image without caption", _with("image", {"id": "1"}), MessageType.IMAGE, None),
    ("document with caption", _with("document", {"filename": "a", "caption": "cek"}), MessageType.DOCUMENT, "cek"),
    ("document with file name", _with("document", {"filename": "a.pdf"}), MessageType.DOCUMENT, "a.pdf"),
    ("voice note", _with("audio", {"id": "1", "voice": True}), MessageType.AUDIO, None),
    ("voice note of old", _with("voice", {"id": "1"}), MessageType.AUDIO, None),
    ("video", _with("video", {"caption": "bukti"}), MessageType.VIDEO, "bukti"),
    ("sticker", _with("sticker", {"animated": False}), MessageType.STICKER, None),
    ("location with name", _with("location", {"latitude": "-6.2", "name": "Kantor"}), MessageType.LOCATION, "Kantor"),
    ("bare location", _with("location", {"latitude": -6.2, "longitude": 106.8}), MessageType.LOCATION, None),
    ("contacts", _with("contacts", TWO_CARDS), MessageType.CONTACTS, "Budi, Ani"),
    ("contact without a name", _with("contacts", [{"phones": []}]), MessageType.CONTACTS, None),
    ("contacts of the wrong type", _with("contacts", {"name": "x"}), MessageType.CONTACTS, None),
    ("button reply", _interactive("button_reply", title="Ya"), MessageType.INTERACTIVE, "Ya"),
    ("list reply", _interactive("list_reply", title="Keluarga"), MessageType.INTERACTIVE, "Keluarga"),
    ("flow reply", _interactive("nfm_reply", body="Sent", response_json="[1]"), MessageType.INTERACTIVE, "Sent"),
    ("call permission", _interactive("call_permission_reply", response="reject"), MessageType.INTERACTIVE, "reject"),
    ("interactive of the future", _interactive("x_reply", title="X"), MessageType.INTERACTIVE, "X"),
    ("interactive of the firm", _with("interactive", {"body": {"text": "Pilih"}}), MessageType.INTERACTIVE, "Pilih"),
    ("interactive without its object", {"type": "interactive"}, MessageType.INTERACTIVE, None),
    ("interactive of the wrong type", _with("interactive", {"type": ["x"]}), MessageType.INTERACTIVE, None),
    ("button", _with("button", {"payload": "P-1", "text": "Konfirmasi"}), MessageType.BUTTON, "Konfirmasi"),
    ("button with payload only", _with("button", {"payload": "P-1"}), MessageType.BUTTON, "P-1"),
    ("reaction", _with("reaction", {"message_id": "wamid.B", "emoji": "👍"}), MessageType.REACTION, "👍"),
    ("reaction emptied", _with("reaction", {"message_id": "wamid.B", "emoji": ""}), MessageType.REACTION, None),
    ("reaction without emoji", _with("reaction", {"message_id": "wamid.B"}), MessageType.REACTION, None),
    ("order", _with("order", {"text": "satu ya", "product_items": []}), MessageType.ORDER, "satu ya"),
    ("system", _with("system", {"body": "changed", "type": "other"}), MessageType.SYSTEM, "changed"),
    ("unsupported", {"type": "unsupported", "errors": [{"code": 131051}]}, MessageType.UNSUPPORTED, None),
    ("unknown", {"type": "unknown", "errors": [{"details": "x"}]}, MessageType.UNSUPPORTED, None),
    ("ephemeral", {"type": "ephemeral"}, MessageType.UNSUPPORTED, None),
    ("request_welcome", {"type": "request_welcome"}, MessageType.UNSUPPORTED, None),
    ("future type", _with("hologram", {"caption": "H"}), MessageType.UNSUPPORTED, "H"),
    ("edit", _with("edit", NEW_CAPTION), MessageType.EDIT, "baru"),
    ("edit of an edit", _with("edit", {"message": {"type": "edit"}}), MessageType.EDIT, None),
    ("revoke", _with("revoke", {"original_message_id": "wamid.B"}), MessageType.REVOKE, None),
    ("type missing, part there", {"text": {"body": "Halo"}}, MessageType.TEXT, "Halo"),
    ("type missing, nothing there", {}, MessageType.UNSUPPORTED, None),
    ("type of the wrong type", {"type": {"a": 1}}, MessageType.UNSUPPORTED, None),
]


@pytest.mark.parametrize(("part", "type_", "text"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_type_is_named_and_read(
    message_from: MessageFrom, part: dict[str, Any], type_: MessageType, text: str | None
) -> None:
    element = message_from(part)
    assert (element.type, element.text) == (type_, text)


def test_a_message_keeps_everything_it_came_with(message_from: MessageFrom) -> None:
    part = {"type": "hologram", "hologram": {"frames": 1.5}, "brand_new": [1, 2]}
    element = message_from(part)
    base = {"id": "wamid.A", "from": "6281230001111", "timestamp": "1795305600"}
    assert element.content == base | part
    assert element.wire_type == "hologram"


def test_an_inbound_message_is_complete(message_from: MessageFrom) -> None:
    element = message_from({"type": "text", "text": {"body": "Halo"}, "group_id": "G1"})
    assert element.position == "entry[0].changes[0].value.messages[0]"
    assert element.phone_number_id == "301301301301301"
    assert element.wamid == "wamid.A"
    assert (element.direction, element.via) == (Direction.INBOUND, Via.MESSAGES)
    assert element.sent_at_ms == 1_795_305_600_000
    assert element.group_id == "G1"


@pytest.mark.parametrize(
    ("part", "reply_to", "target", "forwarded"),
    [
        ({"type": "text", "context": {"id": "wamid.Q", "from": "1"}}, "wamid.Q", None, False),
        ({"type": "text", "context": {"forwarded": True}}, None, None, True),
        ({"type": "text", "context": {"frequently_forwarded": True}}, None, None, True),
        ({"type": "text", "context": ["wamid.Q"]}, None, None, False),
        ({"type": "reaction", "reaction": {"message_id": "wamid.T"}}, None, "wamid.T", False),
        ({"type": "revoke", "revoke": {"original_message_id": "wamid.T"}}, None, "wamid.T", False),
        (
            {"type": "edit", "edit": {"original_message_id": "wamid.T", "message": {"context": {"id": "wamid.Q"}}}},
            "wamid.Q",
            "wamid.T",
            False,
        ),
    ],
    ids=["reply", "forwarded", "often forwarded", "context of the wrong type", "reaction", "revoke", "edit"],
)
def test_a_message_knows_the_others_it_is_about(
    message_from: MessageFrom, part: dict[str, Any], reply_to: str | None, target: str | None, *, forwarded: bool
) -> None:
    element = message_from(part)
    assert (element.reply_to_wamid, element.target_wamid, element.forwarded) == (reply_to, target, forwarded)


def test_error_codes_are_read_from_numbers_and_digits(message_from: MessageFrom) -> None:
    errors = [{"code": 131051}, {"code": "131060"}, {"code": None}, {"details": "x"}, 7, {"code": True}]
    assert message_from({"type": "unsupported", "errors": errors}).error_codes == (131051, 131060)
    assert message_from({"type": "unsupported", "errors": "131051"}).error_codes == ()
