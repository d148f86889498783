from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.adapters.channel.whatsapp_cloud.limits import findings_of
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


def rules(content: Content, **changes: Any) -> list[str]:
    fields: dict[str, Any] = {
        "id": "01J9Z3KQ5V8X7W6Y5T4R3Q2P1N",
        "phone_number_id": "1060001",
        "recipient": Recipient(phone="+6281230001111"),
        "content": content,
    }
    return [finding.rule for finding in findings_of(OutboundMessage(**fields | changes))]


def button(number: int, **changes: Any) -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": f"b{number}", "title": f"Pilihan {number}"} | changes}


def buttons(*some: dict[str, Any], **parts: Any) -> Interactive:
    action = {"buttons": list(some)}
    return Interactive(interactive={"type": "button", "body": {"text": "Setuju?"}, "action": action} | parts)


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": f"r{number}", "title": f"Bidang {number}"} | changes


def sections(*some: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"title": f"Bagian {number}", "rows": rows} for number, rows in enumerate(some)]


def a_list(some: list[dict[str, Any]], **parts: Any) -> Interactive:
    action = {"button": parts.pop("label", "Pilih"), "sections": some}
    return Interactive(interactive={"type": "list", "body": {"text": "Bidang apa?"}, "action": action} | parts)


def link(url: object = "https://contoh.example.id/a", label: str = "Buka") -> Interactive:
    action = {"name": "cta_url", "parameters": {"display_text": label, "url": url}}
    return Interactive(interactive={"type": "cta_url", "body": {"text": "Baca"}, "action": action})


def asking(kind: str, name: str) -> Interactive:
    return Interactive(interactive={"type": kind, "body": {"text": "Di mana?"}, "action": {"name": name}})


TEN = [row(number) for number in range(10)]
PICTURE = Media(media="image", media_id="910")


@pytest.mark.parametrize(
    "content",
    [
        Text(body="x" * 4_096),
        Media(media="image", media_id="910", caption="x" * 1_024),
        Media(media="document", media_id="910", caption="x", filename="surat.pdf"),
        Media(media="audio", media_id="910", voice=True),
        Media(media="sticker", media_id="910"),
        Reaction(wamid="wamid.IN1", emoji=""),
        buttons(button(1), button(2), button(3)),
        buttons(button(1, id="x" * 256, title="x" * 20), body={"text": "x" * 1_024}),
        buttons(button(1), header={"type": "text", "text": "x" * 60}, footer={"text": "x" * 60}),
        buttons(button(1), header={"type": "image", "image": {"link": "https://contoh.example.id/a.png"}}),
        buttons(button(1), header={"type": "document", "document": {"id": "910"}}),
        a_list([{"rows": TEN}], body={"text": "x" * 4_096}, label="x" * 20),
        a_list(sections(TEN[:5], TEN[5:])),
        a_list([{"title": "x" * 24, "rows": [row(1, id="x" * 200, title="x" * 24, description="x" * 72)]}]),
        a_list([{"rows": TEN}], header={"type": "text", "text": "Intake"}),
        link(label="x" * 20),
        asking("location_request_message", "send_location"),
        asking("request_contact_info", "request_contact_info"),
        FilledTemplate(name="a_1", language="id"),
        FilledTemplate(name="a", language="id", header_media=PICTURE, body=(Parameter(value="a    b"),)),
        FilledTemplate(name="a", language="id", body=(Parameter(value="a", name="x"), Parameter(value="a", name="y"))),
        FilledTemplate(
            name="a",
            language="id",
            buttons=tuple(ButtonParameter(index=each, sub_type="url", value="a") for each in range(10)),
        ),
    ],
)
def test_what_is_just_within_the_limits_passes(content: Content) -> None:
    assert rules(content) == []


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (Text(body=""), ["text-empty"]),
        (Text(body=" \n"), ["text-empty"]),
        (Text(body="x" * 4_097), ["text-length"]),
        (Media(media="image", media_id="", caption="x" * 1_025), ["media-id", "caption-length"]),
        (Media(media="audio", media_id="910", caption="x"), ["caption-kind"]),
        (Media(media="sticker", media_id="910", caption="x"), ["caption-kind"]),
        (Media(media="image", media_id="910", filename="a.png"), ["filename-kind"]),
        (Media(media="video", media_id="910", voice=True), ["voice-kind"]),
        (Reaction(wamid="", emoji="👍"), ["reaction-target"]),
    ],
)
def test_free_messages_beyond_the_limits(content: Content, found: list[str]) -> None:
    assert rules(content) == found


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (buttons(), ["buttons-count"]),
        (buttons(*(button(number) for number in range(4))), ["buttons-count"]),
        (buttons(button(1, id="x" * 257)), ["button-id-length"]),
        (buttons(button(1, title="x" * 21)), ["button-title-length"]),
        (buttons(button(1, title="")), ["button-title-empty"]),
        (buttons(button(1), button(2, title="Pilihan 1")), ["button-titles-unique"]),
        (buttons(button(1), button(2, id="b1")), ["button-ids-unique"]),
        (buttons({"type": "url", "reply": {"id": "a", "title": "b"}}), ["button-type"]),
        (buttons(button(1), body={"text": "x" * 1_025}), ["body-length"]),
        (buttons(button(1), body={}), ["body-empty"]),
        (buttons(button(1), header={"type": "text", "text": "x" * 61}), ["header-length"]),
        (buttons(button(1), header={"type": "audio", "audio": {"id": "1"}}), ["header-kind"]),
        (buttons(button(1), header={"type": "image", "image": {"link": "http://contoh.example.id"}}), ["link-https"]),
        (buttons(button(1), header={"type": "image", "image": {}}), ["header-media"]),
        (buttons(button(1), header={"type": "image", "image": {"id": "1", "link": "https://a.b"}}), ["header-media"]),
        (buttons(button(1), footer={"text": "x" * 61}), ["footer-length"]),
        (a_list([{"rows": [*TEN, row(11)]}]), ["rows-count"]),
        (a_list(sections(TEN, [row(11)])), ["rows-count"]),
        (a_list([]), ["sections-count"]),
        (a_list(sections(*([each] for each in [*TEN, row(11)]))), ["sections-count", "rows-count"]),
        (a_list([{"title": "A", "rows": []}]), ["rows-count"]),
        (a_list([{"rows": TEN[:2]}, {"rows": TEN[2:]}]), ["section-title-empty", "section-title-empty"]),
        (a_list([{"title": "x" * 25, "rows": TEN}]), ["section-title-length"]),
        (a_list([{"rows": [row(1, id="x" * 201)]}]), ["row-id-length"]),
        (a_list([{"rows": [row(1, title="x" * 25)]}]), ["row-title-length"]),
        (a_list([{"rows": [row(1, description="x" * 73)]}]), ["row-description-length"]),
        (a_list([{"rows": [row(1), row(1)]}]), ["row-ids-unique"]),
        (a_list([{"rows": TEN}], label="x" * 21), ["list-label-length"]),
        (a_list([{"rows": TEN}], body={"text": "x" * 4_097}), ["body-length"]),
        (a_list([{"rows": TEN}], header={"type": "image", "image": {"id": "1"}}), ["header-kind"]),
        (link(url="http://contoh.example.id"), ["link-https"]),
        (link(url="https://"), ["link-https"]),
        (link(url="https://a b"), ["link-https"]),
        (link(url="https://[a"), ["link-https"]),
        (link(url="javascript:x"), ["link-https"]),
        (link(url=None), ["link-https"]),
        (link(label="x" * 21), ["link-label-length"]),
        (asking("location_request_message", "x"), ["action-name"]),
        (asking("contact_request", "contact_request"), ["interactive-type"]),
        (Interactive(interactive={}), ["interactive-type"]),
        (Interactive(interactive={"type": ["list"]}), ["interactive-type"]),
    ],
)
def test_interactive_messages_beyond_the_limits(content: Content, found: list[str]) -> None:
    assert rules(content) == found


def template(**parts: Any) -> FilledTemplate:
    return FilledTemplate(**{"name": "intake_reminder", "language": "id"} | parts)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (template(name="Intake"), ["template-name"]),
        (template(language=""), ["template-language"]),
        (template(body=(Parameter(value=" "),)), ["value-empty"]),
        (template(body=(Parameter(value="a\nb"),)), ["value-blanks"]),
        (template(body=(Parameter(value="a\tb"),)), ["value-blanks"]),
        (template(header=(Parameter(value="a     b"),)), ["value-blanks"]),
        (template(body=(Parameter(value="a", name="x"), Parameter(value="b"))), ["value-names-mixed"]),
        (template(body=(Parameter(value="a", name="x"), Parameter(value="b", name="x"))), ["value-names-unique"]),
        (template(body=(Parameter(value="a", name=""),)), ["value-name"]),
        (template(header_media=PICTURE, header=(Parameter(value="a"),)), ["header-twice"]),
        (template(header_media=Media(media="audio", media_id="1")), ["header-kind"]),
        (template(header_media=Media(media="image", media_id="1", caption="a")), ["header-caption"]),
        (template(header_media=Media(media="image", media_id="")), ["media-id"]),
        (template(buttons=(ButtonParameter(index=10, sub_type="url", value="a"),)), ["button-index"]),
        (template(buttons=(ButtonParameter(index=-1, sub_type="url", value="a"),)), ["button-index"]),
        (template(buttons=(ButtonParameter(index=0, sub_type="url", value="a"),) * 2), ["button-index"] * 2),
        (template(buttons=(ButtonParameter(index=0, sub_type="url", value=""),)), ["button-value"]),
        (
            template(buttons=(ButtonParameter(index=0, sub_type="quick_reply", value="x" * 129),)),
            ["payload-length"],
        ),
    ],
)
def test_templates_beyond_the_limits(content: Content, found: list[str]) -> None:
    assert rules(content) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"recipient": Recipient(phone="6281230001111")}, ["phone-form"]),
        ({"recipient": Recipient(phone="ID.88001122334455")}, ["phone-form"]),
        ({"recipient": Recipient()}, ["recipient-missing"]),
        ({"recipient": Recipient(bsuid="+6281230001111")}, ["user-id-form"]),
        ({"recipient": Recipient(bsuid="ID.88001122334455")}, []),
        ({"id": "x" * 507}, []),
        ({"id": "x" * 508}, ["callback-length"]),
        ({"id": ""}, ["callback-length"]),
        ({"reply_to_wamid": ""}, ["reply-empty"]),
    ],
)
def test_whom_it_is_to_and_what_it_answers(changes: dict[str, Any], found: list[str]) -> None:
    assert rules(Text(body="x"), **changes) == found


_keys = st.sampled_from(["type", "body", "action", "reply", "rows"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner),
    max_leaves=8,
)


@given(kind=st.sampled_from(["button", "list", "cta_url", "location_request_message"]), parts=_json, action=_json)
def test_any_object_at_all_is_read_without_a_crash(kind: str, parts: object, action: object) -> None:
    assert rules(Interactive(interactive={"type": kind, "body": parts, "header": parts, "action": action}))


def test_a_finding_shows_nothing_of_the_message() -> None:
    contents: list[Content] = [
        Text(body="canary" * 1_000),
        Media(media="audio", media_id="910", caption="canary"),
        template(body=(Parameter(value="canary\n"),)),
        buttons(button(1, title="canary" * 9)),
    ]
    for content in contents:
        found = findings_of(
            OutboundMessage(id="x", phone_number_id="1", recipient=Recipient(phone="canary"), content=content)
        )
        assert len(found) == 2
        assert "canary" not in repr(found)
