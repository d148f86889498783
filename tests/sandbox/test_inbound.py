"""What clients write, and the webhook that it becomes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from contextlib import nullcontext
from typing import Any

import pytest

from lhwa.errors import UsageError
from lhwa.sandbox.inbound import (
    ButtonReply,
    ListReply,
    Said,
    SaidDeletion,
    SaidEdit,
    SaidLocation,
    SaidMedia,
    SaidReaction,
    SaidText,
    TemplateButton,
)
from tests.sandbox.stage import CLIENT, FIRM, OTHER_FIRM, OTHER_PHONE, PHONE, WABA, Stage


def test_a_text_becomes_a_signed_webhook_in_metas_spelling(stage: Stage) -> None:
    wamid = stage.hear("Jam 10/11 ✓", name="Klien Contoh É")
    assert stage.sandbox.next_webhook_at() is not None
    stage.wait(1)
    (post,) = stage.sandbox.due_webhooks(now=stage.now)
    assert rb"Jam 10\/11 \u2713" in post.body
    assert rb"Contoh \u00c9" in post.body
    digest = hmac.new(FIRM.app_secret.encode(), post.body, hashlib.sha256).hexdigest()
    assert post.signature == f"sha256={digest}"
    assert (post.url, post.waba_id) == (FIRM.webhook_url, WABA)
    payload = json.loads(post.body)
    assert payload["object"] == "whatsapp_business_account"
    (entry,) = payload["entry"]
    assert (entry["id"], "time" in entry, entry["changes"][0]["field"]) == (WABA, False, "messages")
    value = entry["changes"][0]["value"]
    assert value["metadata"] == {"display_phone_number": "622150001200", "phone_number_id": PHONE}
    (contact,) = value["contacts"]
    assert (contact["profile"], contact["wa_id"]) == ({"name": "Klien Contoh É"}, CLIENT[1:])
    assert value["messages"] == [
        {
            "from": CLIENT[1:],
            "from_user_id": contact["user_id"],
            "id": wamid,
            "timestamp": str(int(stage.now.timestamp()) - 1),
            "type": "text",
            "text": {"body": "Jam 10/11 ✓"},
        }
    ]
    assert stage.sandbox.due_webhooks(now=stage.now) == []


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (
            ButtonReply(id="yes", title="Ya"),
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "yes", "title": "Ya"}},
            },
        ),
        (
            ListReply(id="a", title="Keluarga"),
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"id": "a", "title": "Keluarga"}},
            },
        ),
        (TemplateButton(payload="p", text="Ok"), {"type": "button", "button": {"payload": "p", "text": "Ok"}}),
        (SaidReaction(wamid="w", emoji="👍"), {"type": "reaction", "reaction": {"message_id": "w", "emoji": "👍"}}),
        (SaidReaction(wamid="w", emoji=None), {"type": "reaction", "reaction": {"message_id": "w"}}),
        (
            SaidLocation(latitude=-6.2, longitude=106.8),
            {"type": "location", "location": {"latitude": -6.2, "longitude": 106.8}},
        ),
        (
            SaidText(body="Ya", reply_to="wamid.OUT1"),
            {"type": "text", "text": {"body": "Ya"}, "context": {"from": "622150001200", "id": "wamid.OUT1"}},
        ),
    ],
)
def test_each_kind_has_its_own_member(stage: Stage, said: Said, part: dict[str, Any]) -> None:
    stage.sandbox.say(CLIENT, said, now=stage.now)
    (message,) = stage.messages()
    base = {"from", "from_user_id", "id", "timestamp"}
    assert {key: value for key, value in message.items() if key not in base} == part


def test_a_file_of_a_client_can_be_fetched_for_seven_days(stage: Stage) -> None:
    content = b"%PDF-1.7 gugatan"
    said = SaidMedia(kind="document", content=content, mime_type="application/pdf", filename="gugatan.pdf")
    stage.sandbox.say(CLIENT, said, now=stage.now)
    (message,) = stage.messages(within_s=1)
    document = message["document"]
    assert base64.b64decode(document["sha256"]) == hashlib.sha256(content).digest()
    assert (document["filename"], document["mime_type"]) == ("gugatan.pdf", "application/pdf")
    assert stage.call("GET", f"/{document['id']}").body["sha256"] == hashlib.sha256(content).hexdigest()
    stage.wait(7 * 86_400)
    assert stage.call("GET", f"/{document['id']}").refusal == (400, 100, 33)


def test_a_reaction_opens_no_window(stage: Stage) -> None:
    stage.sandbox.say(CLIENT, SaidReaction(wamid="w", emoji="👍"), now=stage.now)
    stage.webhooks(within_s=1)
    stage.send()
    assert [status["errors"][0]["code"] for status in stage.statuses()] == [131047]


@pytest.mark.parametrize(
    ("age_s", "can_edit", "can_delete"), [(0, True, True), (901, False, True), (2 * 86_400 + 1, False, False)]
)
def test_a_message_can_be_changed_for_a_while(stage: Stage, *, age_s: int, can_edit: bool, can_delete: bool) -> None:
    wamid = stage.hear()
    stage.wait(age_s)
    for said, can in ((SaidEdit(wamid=wamid, body="Ya"), can_edit), (SaidDeletion(wamid=wamid), can_delete)):
        with nullcontext() if can else pytest.raises(UsageError):
            stage.sandbox.say(CLIENT, said, now=stage.now)


def test_an_edit_opens_no_window(stage: Stage) -> None:
    wamid = stage.hear()
    stage.wait(86_400 - 60)
    stage.sandbox.say(CLIENT, SaidDeletion(wamid=wamid), now=stage.now)
    stage.webhooks(within_s=61)
    stage.send()
    assert [status["errors"][0]["code"] for status in stage.statuses()] == [131047]


def test_somebody_without_a_number_is_known_by_the_user_id_alone(stage: Stage) -> None:
    stage.sandbox.say("ID.88001122334455", "Halo", now=stage.now)
    (value,) = stage.values()
    assert value["contacts"][0] == {"profile": {"name": "Klien Contoh"}, "user_id": "ID.88001122334455"}
    assert "from" not in value["messages"][0]
    stage.send({"recipient": "ID.88001122334455"}, to=None)
    assert [status["status"] for status in stage.statuses()] == ["sent", "delivered", "read"]


def test_each_firm_knows_a_person_under_another_user_id(stage: Stage) -> None:
    assert stage.sandbox.meet(CLIENT) == stage.sandbox.meet(CLIENT, to=PHONE)
    assert stage.sandbox.meet(CLIENT) != stage.sandbox.meet(CLIENT, to=OTHER_PHONE)


def test_a_hidden_number_shows_once_the_firm_wrote_to_it(stage: Stage) -> None:
    stage.sandbox.meet(CLIENT, hides_number=True)
    stage.hear()
    assert "from" not in stage.messages()[0]
    stage.send()
    stage.statuses()
    stage.hear()
    assert stage.messages()[0]["from"] == CLIENT[1:]
    stage.wait(30 * 86_400)
    stage.hear()
    assert "from" not in stage.messages()[0]


def test_a_client_writes_to_the_number_that_it_names(stage: Stage) -> None:
    stage.hear(to=OTHER_PHONE)
    stage.wait(1)
    (post,) = stage.sandbox.due_webhooks(now=stage.now)
    assert (post.waba_id, post.url) == (OTHER_FIRM.waba_id, OTHER_FIRM.webhook_url)
    digest = hmac.new(OTHER_FIRM.app_secret.encode(), post.body, hashlib.sha256).hexdigest()
    assert post.signature == f"sha256={digest}"


@pytest.mark.parametrize(("contact", "to"), [("somebody", None), ("8123000", None), (CLIENT, "999")])
def test_nobody_says_nothing(stage: Stage, contact: str, to: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        stage.sandbox.say(contact, "Halo", now=stage.now, to=to)
    assert caught.value.hint
    assert contact not in caught.value.message
