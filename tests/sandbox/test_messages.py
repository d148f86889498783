"""Sending: what is refused at once, what is accepted and fails later, and what arrives."""

from __future__ import annotations

from typing import Any

import pytest

from lhwa.sandbox.accounts import sample_account
from lhwa.sandbox.journal import Verdict
from lhwa.sandbox.platform import Options
from tests.sandbox.stage import CLIENT, OTHER_FIRM, PHONE, STRANGER, Stage, filled


def test_a_text_inside_the_window_is_accepted_and_becomes_sent_delivered_read(open_stage: Stage) -> None:
    sent = open_stage.send({"biz_opaque_callback_data": "01JD0000000000000000000000"})
    assert sent.status == 200
    assert sent.body["contacts"] == [{"input": CLIENT, "wa_id": CLIENT[1:]}]
    assert "message_status" not in sent.body["messages"][0]
    statuses = open_stage.statuses()
    assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
    assert {status["id"] for status in statuses} == {sent.wamid}
    assert {status["biz_opaque_callback_data"] for status in statuses} == {"01JD0000000000000000000000"}
    assert {status["recipient_id"] for status in statuses} == {CLIENT[1:]}
    assert ["pricing" in status for status in statuses] == [True, True, False]
    assert statuses[0]["pricing"] == {
        "billable": True,
        "pricing_model": "PMP",
        "type": "regular",
        "category": "service",
    }


@pytest.mark.parametrize(
    ("to", "wa_id"),
    [
        ("+62 812-3000-1111", "6281230001111"),
        ("6281230001111", "6281230001111"),
        ("+62(812)30001111", "6281230001111"),
        ("81230001111", "6281230001111"),
        ("081230001111", "62081230001111"),
    ],
)
def test_a_number_is_read_as_meta_reads_it(open_stage: Stage, to: str, wa_id: str) -> None:
    assert open_stage.send(to=to).body["contacts"][0]["wa_id"] == wa_id


def test_a_user_id_in_to_is_accepted_and_lost(open_stage: Stage) -> None:
    user_id = open_stage.sandbox.meet(CLIENT)
    sent = open_stage.send(to=user_id)
    assert sent.status == 200
    assert sent.body["contacts"][0]["wa_id"] == user_id[3:]
    assert open_stage.statuses() == []
    assert open_stage.sandbox.journal()[-1].goes_nowhere


def test_a_user_id_in_recipient_arrives_and_shows_no_hidden_number(stage: Stage) -> None:
    user_id = stage.sandbox.meet(CLIENT, hides_number=True)
    stage.hear()
    sent = stage.send({"recipient": user_id}, to=None)
    assert sent.body["contacts"] == [{"input": user_id, "user_id": user_id}]
    statuses = stage.statuses()
    assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
    assert all("recipient_id" not in status for status in statuses)
    assert {status["recipient_user_id"] for status in statuses} == {user_id}


@pytest.mark.parametrize("contact", [{"to": STRANGER}, {"to": None, "recipient": "ID.00000000000000"}])
def test_nobody_there_is_accepted_and_fails_later(stage: Stage, contact: dict[str, Any]) -> None:
    assert stage.send(contact).status == 200
    (failed,) = stage.statuses()
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131026)
    assert ("recipient_user_id" in failed) == ("recipient" in contact)


def test_another_firms_number_cannot_be_reached(stage: Stage) -> None:
    stage.send(to=OTHER_FIRM.numbers[0].display_phone_number)
    assert [status["errors"][0]["code"] for status in stage.statuses()] == [131026]


def test_a_closed_window_fails_free_text_later(open_stage: Stage) -> None:
    open_stage.wait(24 * 3600 - 10)  # the client wrote 10 seconds ago: this is the first closed moment
    assert open_stage.send().status == 200
    assert [status["errors"][0]["code"] for status in open_stage.statuses()] == [131047]


def test_a_closed_window_can_refuse_at_once() -> None:
    stage = Stage(options=Options(refuses_closed_window=True))
    stage.sandbox.meet(CLIENT)
    assert stage.send().refusal == (400, 131047, None)


def test_a_window_is_of_one_number_and_lasts_24_hours(open_stage: Stage) -> None:
    open_stage.wait(24 * 3600 - 20)
    open_stage.send()
    assert open_stage.statuses(within_s=600)[0]["status"] == "sent"
    open_stage.hear(to=OTHER_FIRM.numbers[0].phone_number_id)
    open_stage.send()
    assert [status["errors"][0]["code"] for status in open_stage.statuses()] == [131047]


LONG = "x" * 4097
BUTTON = {"type": "reply", "reply": {"id": "yes", "title": "Ya"}}
ROW = {"id": "area:family", "title": "Keluarga"}


def interactive(kind: str, action: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": "Pilih"}, "action": action} | more}


def many_rows(count: int) -> list[dict[str, Any]]:
    return [{"id": f"row:{number}", "title": "Baris"} for number in range(count)]


@pytest.mark.parametrize(
    "content",
    [
        {"text": {"body": "x" * 4096, "preview_url": True}},
        {"type": "image", "image": {"link": "https://example.id/a.jpg", "caption": "x" * 1024}},
        {"type": "document", "document": {"link": "https://example.id/a.pdf", "filename": "surat.pdf"}},
        {"type": "location", "location": {"latitude": "-6.2", "longitude": 106.8, "name": "Kantor"}},
        {"type": "contacts", "contacts": [{"name": {"formatted_name": "Kantor Hukum Contoh"}}]},
        interactive("button", {"buttons": [BUTTON]}, header={"type": "text", "text": "Intake"}, footer={"text": "x"}),
        interactive("list", {"button": "Pilih", "sections": [{"rows": many_rows(10)}]}),
        interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "Buka", "url": "https://x.id"}}),
        interactive("location_request_message", {"name": "send_location"}),
        interactive("request_contact_info", {"name": "request_contact_info"}),
    ],
)
def test_what_is_within_the_limits_arrives(open_stage: Stage, content: dict[str, Any]) -> None:
    assert open_stage.send(content).status == 200
    assert [status["status"] for status in open_stage.statuses()] == ["sent", "delivered", "read"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"messaging_product": "telegram"}, 100),
        ({"to": None}, 100),
        ({"to": "not a number"}, 131009),
        ({"to": None, "recipient": CLIENT}, 131009),
        ({"to": "+622150001200"}, 131021),
        ({"recipient_type": "business_scoped_user_id"}, 100),
        ({"recipient_type": "group"}, 131020),
        ({"type": "poll"}, 100),
        ({"type": ["text"]}, 100),
        ({"text": {"body": LONG}}, 100),
        ({"text": {"preview_url": True}}, 100),
        ({"text": {"body": "x", "preview_url": "yes"}}, 100),
        ({"text": "x"}, 100),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"context": {"message_id": 1}}, 100),
        ({"type": "image", "image": {"id": "1", "link": "https://example.id/a.jpg"}}, 100),
        ({"type": "image", "image": {}}, 100),
        ({"type": "image", "image": {"id": "1", "caption": "x" * 1025}}, 100),
        ({"type": "audio", "audio": {"id": "1", "caption": "x"}}, 100),
        ({"type": "image", "image": {"id": "1", "filename": "x.png"}}, 100),
        ({"type": "reaction", "reaction": {"message_id": "wamid.unknown"}}, 100),
        ({"to": ["+6281230001111"]}, 100),
        ({"type": "location", "location": {"latitude": "91", "longitude": "0"}}, 100),
        ({"type": "contacts", "contacts": [{"phones": []}]}, 100),
        ({"type": "reaction", "reaction": {"message_id": "wamid.unknown", "emoji": "x"}}, 131009),
        ({"type": "interactive"}, 131008),
        (interactive("carousel", {}), 131009),
        (interactive("button", {"buttons": [BUTTON] * 2}), 131009),
        (interactive("button", {"buttons": []}), 131009),
        (interactive("button", {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "x" * 21}}]}), 131009),
        (interactive("button", {"buttons": [BUTTON]}, body={"text": "x" * 1025}), 131009),
        (interactive("button", {"buttons": [BUTTON]}, footer={"text": "x" * 61}), 131009),
        (interactive("list", {"button": "Pilih", "sections": [{"rows": many_rows(11)}]}), 131009),
        (interactive("list", {"button": "Pilih", "sections": [{"rows": [ROW]}, {"rows": many_rows(1)}]}), 131009),
        (interactive("list", {"button": "x" * 21, "sections": [{"rows": [ROW]}]}), 131009),
        (interactive("list", {"button": "x", "sections": [{"rows": [ROW]}]}, header={"type": "image"}), 131009),
        (interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "x" * 21, "url": "x"}}), 131009),
        (interactive("location_request_message", {"name": "other"}), 131009),
        (interactive("button", {"buttons": [{"type": "url"}]}), 131009),
        (interactive("list", {"button": "x", "sections": [{"rows": [ROW, ROW]}]}), 131009),
        (
            interactive("list", {"button": "x", "sections": [{"title": "x", "rows": many_rows(6)}] * 2}),
            131009,
        ),
        (interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "x", "url": "x"}}), 131009),
    ],
)
def test_what_is_over_the_limits_is_refused_at_once(open_stage: Stage, content: dict[str, Any], code: int) -> None:
    refused = open_stage.send(content)
    assert refused.refusal[:2] == (400, code)
    assert refused.body["error"]["message"].startswith(f"(#{code}) ")
    assert refused.body["error"]["fbtrace_id"]
    assert open_stage.statuses() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_refused(stage: Stage, body: bytes) -> None:
    assert stage.call("POST", f"/{PHONE}/messages", body).refusal == (400, 100, None)


def test_a_test_number_writes_to_its_list_only() -> None:
    account = sample_account(5)
    number = account.numbers[0]
    allowed = frozenset({CLIENT[1:]})
    limited = type(number)(
        phone_number_id=PHONE, display_phone_number=number.display_phone_number, allowed_recipients=allowed
    )
    token = account.tokens[0].value
    stage = Stage(accounts=(type(account)(**_members(account) | {"numbers": (limited,)}),))
    user_id = stage.sandbox.meet(CLIENT)
    assert stage.send(token=token).status == 200
    assert stage.send(to=STRANGER, token=token).code == 131030
    assert stage.send({"recipient": user_id}, to=None, token=token).code == 131030


def _members(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_a_reaction_becomes_sent_and_nothing_more(open_stage: Stage) -> None:
    wamid = open_stage.hear("Terima kasih")
    open_stage.webhooks(within_s=1)
    content = {"type": "reaction", "reaction": {"message_id": wamid, "emoji": "👍"}}
    assert open_stage.send(content).status == 200
    assert [status["status"] for status in open_stage.statuses()] == ["sent"]


def test_a_phone_without_receipts_is_never_read(open_stage: Stage) -> None:
    open_stage.sandbox.meet(CLIENT, shows_read=False)
    open_stage.send()
    assert [status["status"] for status in open_stage.statuses()] == ["sent", "delivered"]


def test_another_identity_key_fails_later(open_stage: Stage) -> None:
    open_stage.call("POST", f"/{PHONE}/settings", {"user_identity_change": {"enable_identity_key_check": True}})
    open_stage.hear()
    (value,) = open_stage.values(within_s=5)
    identity = value["contacts"][0]["identity_key_hash"]
    open_stage.send({"recipient_identity_key_hash": identity})
    assert [status["recipient_identity_key_hash"] for status in open_stage.statuses()] == [identity] * 3
    open_stage.send({"recipient_identity_key_hash": "another"})
    assert [status["errors"][0]["code"] for status in open_stage.statuses()] == [137000]


@pytest.mark.parametrize("typing", [{}, {"typing_indicator": {"type": "text"}}])
def test_a_read_receipt_needs_a_message_of_the_client(open_stage: Stage, typing: dict[str, Any]) -> None:
    wamid = open_stage.hear()
    path, receipt = f"/{PHONE}/messages", {"messaging_product": "whatsapp", "status": "read"} | typing
    assert open_stage.call("POST", path, receipt | {"message_id": wamid}).body == {"success": True}
    assert open_stage.call("POST", path, receipt | {"message_id": "wamid.unknown"}).code == 131009
    assert open_stage.call("POST", path, receipt | {"message_id": wamid, "status": "seen"}).code == 100
    open_stage.wait(30 * 86_400 + 1)
    assert open_stage.call("POST", path, receipt | {"message_id": wamid}).code == 131009


def test_media_that_is_not_there_fails_later(open_stage: Stage) -> None:
    media_id = open_stage.upload().body["id"]
    cases = [
        ({"type": "document", "document": {"id": media_id}}, None),
        ({"type": "image", "image": {"id": media_id}}, 131053),
        ({"type": "document", "document": {"id": "1"}}, 131053),
        ({"type": "document", "document": {"link": "http://example.id/a.pdf"}}, 131053),
        (interactive("button", {"buttons": [BUTTON]}, header={"type": "document", "document": {"id": "1"}}), 131053),
    ]
    for content, code in cases:
        assert open_stage.send(content).status == 200
        first = open_stage.statuses()[0]
        assert first.get("errors", [{"code": None}])[0]["code"] == code


def test_the_journal_says_what_became_of_each_request(open_stage: Stage) -> None:
    opaque = {"biz_opaque_callback_data": "ours"}
    sent = open_stage.send(opaque)
    open_stage.send(opaque, to=STRANGER)
    open_stage.send(opaque | {"text": {"body": LONG}})
    accepted, failing, refused = open_stage.sandbox.journal()[-3:]
    assert (accepted.verdict, accepted.message_id, accepted.recipient) == (Verdict.ACCEPTED, sent.wamid, CLIENT[1:])
    assert (failing.verdict, failing.fails_with, accepted.fails_with) == (Verdict.ACCEPTED, 131026, None)
    assert (refused.verdict, refused.code, refused.message_id) == (Verdict.REFUSED, 100, None)
    assert {entry.biz_opaque_callback_data for entry in (accepted, failing, refused)} == {"ours"}
    assert refused.as_json()["status"] == 400
    assert CLIENT[1:] not in repr(accepted)


def test_a_template_message_is_taken_outside_the_window(stage: Stage) -> None:
    stage.template()
    stage.sandbox.meet(CLIENT)
    sent = stage.send(filled("Rina", "Senin 10.00"))
    assert sent.body["messages"][0]["message_status"] == "accepted"
    assert [status["pricing"]["category"] for status in stage.statuses() if "pricing" in status] == ["utility"] * 2
