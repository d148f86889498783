from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.adapters.channel.whatsapp_cloud.bodies import body_of, read_body
from lhwa.domain.outbound import (
    ButtonParameter,
    Content,
    FilledTemplate,
    Interactive,
    Media,
    OutboundMessage,
    Parameter,
    Reaction,
    Recipient,
    Text,
)
from lhwa.errors import InvariantError

ULID = "01J9Z3KQ5V8X7W6Y5T4R3Q2P1N"
PHONE = "+6281230001111"
BSUID = "ID.88001122334455"


def posted(content: Content, *, recipient: Recipient | None = None, reply_to: str | None = None) -> dict[str, Any]:
    message = OutboundMessage(
        id=ULID,
        phone_number_id="1060001",
        recipient=recipient or Recipient(phone=PHONE),
        content=content,
        reply_to_wamid=reply_to,
    )
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body_of(message)))
    return found


BUTTONS = {"type": "button", "body": {"text": "Setuju?"}, "action": {"buttons": []}}


@pytest.mark.parametrize(
    ("content", "kind", "body"),
    [
        (Text(body="Terima kasih."), "text", {"body": "Terima kasih.", "preview_url": False}),
        (Text(body="x", preview_url=True), "text", {"body": "x", "preview_url": True}),
        (Media(media="image", media_id="910", caption="Denah"), "image", {"id": "910", "caption": "Denah"}),
        (
            Media(media="document", media_id="910", caption="Draf", filename="surat.pdf"),
            "document",
            {"id": "910", "caption": "Draf", "filename": "surat.pdf"},
        ),
        (Media(media="audio", media_id="910", voice=True), "audio", {"id": "910", "voice": True}),
        (Media(media="video", media_id="910"), "video", {"id": "910"}),
        (Media(media="sticker", media_id="910"), "sticker", {"id": "910"}),
        (Reaction(wamid="wamid.IN1", emoji="👍"), "reaction", {"message_id": "wamid.IN1", "emoji": "👍"}),
        (Reaction(wamid="wamid.IN1", emoji=""), "reaction", {"message_id": "wamid.IN1", "emoji": ""}),
        (Interactive(interactive=BUTTONS), "interactive", BUTTONS),
    ],
)
def test_a_whole_body(content: Content, kind: str, body: dict[str, Any]) -> None:
    assert posted(content) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": PHONE,
        "type": kind,
        kind: body,
        "biz_opaque_callback_data": f"lhwa:{ULID}",
    }


def test_an_answer_names_the_message_that_it_answers() -> None:
    assert posted(Text(body="x"), reply_to="wamid.IN1")["context"] == {"message_id": "wamid.IN1"}
    assert "context" not in posted(Text(body="x"))


def test_a_user_id_has_its_own_place() -> None:
    body = posted(Text(body="x"), recipient=Recipient(bsuid=BSUID))
    assert body["recipient"] == BSUID
    assert "to" not in body
    assert body["recipient_type"] == "individual"


def test_a_number_goes_before_a_user_id() -> None:
    body = posted(Text(body="x"), recipient=Recipient(phone=PHONE, bsuid=BSUID))
    assert body["to"] == PHONE
    assert "recipient" not in body


@pytest.mark.parametrize("phone", ["6281230001111", BSUID, "", "+62812 3000", "+6281230001111\n"])
def test_what_is_no_number_never_stands_in_to(phone: str) -> None:
    with pytest.raises(InvariantError):
        posted(Text(body="x"), recipient=Recipient(phone=phone))


@given(phone=st.none() | st.text() | st.just(PHONE), bsuid=st.none() | st.text() | st.just(BSUID))
def test_to_is_a_number_with_its_plus_or_not_there(phone: str | None, bsuid: str | None) -> None:
    try:
        body = posted(Text(body="x"), recipient=Recipient(phone=phone, bsuid=bsuid))
    except (InvariantError, UnicodeEncodeError):
        return
    assert ("to" in body) != ("recipient" in body)
    assert "to" not in body or body["to"] == PHONE or body["to"].startswith("+")


def template(**parts: Any) -> dict[str, Any]:
    found: dict[str, Any] = posted(FilledTemplate(name="intake_reminder", language="id", **parts))["template"]
    return found


def test_a_template_without_variables_has_no_components() -> None:
    assert template() == {"name": "intake_reminder", "language": {"code": "id"}}


def test_a_template_with_everything() -> None:
    assert template(
        header_media=Media(media="document", media_id="910", filename="kuasa.pdf"),
        body=(Parameter(value="Contoh Rina"), Parameter(value="Senin 10.00")),
        buttons=(
            ButtonParameter(index=0, sub_type="url", value="abc123"),
            ButtonParameter(index=1, sub_type="quick_reply", value="confirm:42"),
            ButtonParameter(index=2, sub_type="copy_code", value="K0DE"),
            ButtonParameter(index=3, sub_type="flow", value="token"),
        ),
    )["components"] == [
        {
            "type": "header",
            "parameters": [{"type": "document", "document": {"id": "910", "filename": "kuasa.pdf"}}],
        },
        {
            "type": "body",
            "parameters": [{"type": "text", "text": "Contoh Rina"}, {"type": "text", "text": "Senin 10.00"}],
        },
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "abc123"}]},
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "1",
            "parameters": [{"type": "payload", "payload": "confirm:42"}],
        },
        {
            "type": "button",
            "sub_type": "copy_code",
            "index": "2",
            "parameters": [{"type": "coupon_code", "coupon_code": "K0DE"}],
        },
        {
            "type": "button",
            "sub_type": "flow",
            "index": "3",
            "parameters": [{"type": "action", "action": {"flow_token": "token"}}],
        },
    ]


def test_named_values_carry_their_names() -> None:
    found = template(
        header=(Parameter(value="42/2026", name="case_no"),), body=(Parameter(value="Contoh", name="client_name"),)
    )
    assert [component["parameters"] for component in found["components"]] == [
        [{"type": "text", "text": "42/2026", "parameter_name": "case_no"}],
        [{"type": "text", "text": "Contoh", "parameter_name": "client_name"}],
    ]


def test_a_read_receipt() -> None:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN1"}
    assert read_body("wamid.IN1", is_typing=False) == body
    assert read_body("wamid.IN1", is_typing=True) == body | {"typing_indicator": {"type": "text"}}
