"""What a person can read of what they were sent."""

from __future__ import annotations

from typing import Any

import pytest

from lhwa.sandbox.inbox import MESSAGES_MAX, Inbox
from tests.sandbox.stage import BODY, CLIENT, NOON, STRANGER, Stage, filled

ROWS = [{"id": "a", "title": "Keluarga", "description": "Cerai, waris"}, {"id": "b", "title": "Tanah"}]
LIST = {"type": "list", "body": {"text": "Bidang?"}, "action": {"button": "Pilih", "sections": [{"rows": ROWS}]}}
PLACE = {"type": "location_request_message", "body": {"text": "Di mana?"}, "action": {"name": "send_location"}}
CARD = {
    "type": "button",
    "header": {"type": "text", "text": "Halo"},
    "body": {"text": "Setuju?"},
    "footer": {"text": "Ketik ORANG"},
    "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Ya"}}]},
}


def read(stage: Stage) -> list[dict[str, Any]]:
    """Without what every message has."""
    common = {"seq", "messageId", "at"}
    return [{k: v for k, v in each.items() if k not in common} for each in stage.sandbox.inbox(CLIENT)]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({}, {"type": "text", "text": "Selamat siang"}),
        ({"type": "interactive", "interactive": LIST}, {"type": "interactive", "text": "Bidang?", "rows": ROWS}),
        (
            {"type": "interactive", "interactive": PLACE},
            {"type": "interactive", "text": "Di mana?", "asksLocation": True},
        ),
        (
            {"type": "interactive", "interactive": CARD},
            {
                "type": "interactive",
                "text": "Halo\n\nSetuju?",
                "footer": "Ketik ORANG",
                "buttons": [{"id": "y", "title": "Ya"}],
            },
        ),
        (
            {"type": "location", "location": {"latitude": -6.2, "longitude": 106.8, "name": "Kantor"}},
            {"type": "location", "text": "Kantor"},
        ),
        (
            {"type": "contacts", "contacts": [{"name": {"formatted_name": "Contoh Sari"}}]},
            {"type": "contacts", "text": "Contoh Sari"},
        ),
    ],
)
def test_each_kind_is_shown_as_a_phone_does(open_stage: Stage, sent: dict[str, Any], shown: dict[str, Any]) -> None:
    assert open_stage.send(sent).status == 200
    assert read(open_stage) == [shown]


def test_a_file_is_shown_by_its_name_and_caption(open_stage: Stage) -> None:
    media_id = open_stage.upload().body["id"]
    document = {"id": media_id, "filename": "surat.pdf", "caption": "Mohon dibaca"}
    open_stage.send({"type": "document", "document": document})
    assert read(open_stage) == [{"type": "document", "text": "Mohon dibaca", "filename": "surat.pdf"}]


def test_a_template_is_read_with_its_values_and_its_quick_replies(open_stage: Stage) -> None:
    buttons = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": text} for text in ("Ya", "Tidak")]}
    open_stage.template(components=[BODY, buttons])
    message = filled("Sari", "Senin")
    given = {
        "type": "button",
        "sub_type": "quick_reply",
        "index": "1",
        "parameters": [{"type": "payload", "payload": "NO-1"}],
    }
    message["template"]["components"].append(given)
    assert open_stage.send(message).status == 200
    assert read(open_stage) == [
        {
            "type": "template",
            "text": "Halo Sari, jadwal Anda Senin di kantor.",
            "quickReplies": [{"payload": "Ya", "text": "Ya"}, {"payload": "NO-1", "text": "Tidak"}],
        }
    ]


def test_what_fails_or_goes_to_somebody_else_is_not_read(stage: Stage) -> None:
    stage.sandbox.meet(CLIENT)
    stage.send()  # outside the window: accepted, and fails later
    stage.hear(contact=STRANGER)
    stage.send(to=STRANGER)
    assert read(stage) == []
    assert len(stage.sandbox.inbox(STRANGER)) == 1


def test_the_numbers_go_on_when_the_oldest_go() -> None:
    inbox = Inbox()
    for _ in range(MESSAGES_MAX + 2):
        inbox.put({"type": "text", "text": "Halo"}, wamid="wamid.A", at=NOON)
    kept = inbox.after(0)
    assert (len(kept), kept[0]["seq"], kept[-1]["seq"]) == (MESSAGES_MAX, 3, MESSAGES_MAX + 2)
    assert [each["seq"] for each in inbox.after(MESSAGES_MAX + 1)] == [MESSAGES_MAX + 2]
