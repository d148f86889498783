"""Templates: review, what Meta does to them, and what may be sent with them."""

from __future__ import annotations

from typing import Any

import pytest

from lhwa.errors import UsageError
from tests.sandbox.stage import BODY, CLIENT, OTHER_FIRM, REMINDER, WABA, Stage, filled

PATH = f"/{WABA}/message_templates"
NAMED_BODY = {
    "type": "BODY",
    "text": "Halo {{client_name}}, jadwal Anda {{slot}} di kantor.",
    "example": {
        "body_text_named_params": [
            {"param_name": "client_name", "example": "A"},
            {"param_name": "slot", "example": "B"},
        ]
    },
}
DOCUMENT_HEADER = {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": ["4::abc"]}}
TEXT_HEADER = {"type": "HEADER", "format": "TEXT", "text": "Perkara {{1}}", "example": {"header_text": ["42"]}}
BUTTONS = {
    "type": "BUTTONS",
    "buttons": [
        {"type": "QUICK_REPLY", "text": "Konfirmasi"},
        {
            "type": "URL",
            "text": "Lihat",
            "url": "https://x.example.id/m/{{1}}",
            "example": ["https://x.example.id/m/a"],
        },
        {"type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+622150001200"},
    ],
}


def create(stage: Stage, **changes: Any) -> Any:
    return stage.call("POST", PATH, REMINDER | changes)


def text(kind: str, body: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "text": body} | more


def test_a_template_is_pending_until_its_review_approves_it(stage: Stage) -> None:
    made = create(stage)
    assert (made.status, made.body["status"], made.body["category"]) == (200, "PENDING", "UTILITY")
    stage.sandbox.meet(CLIENT)
    assert stage.send(filled("Rina", "Senin")).refusal == (404, 132001, None)
    assert stage.sandbox.next_webhook_at() is not None
    (body,) = stage.webhooks()
    (entry,) = body["entry"]
    assert entry["changes"][0]["field"] == "message_template_status_update"
    assert isinstance(entry["time"], int)
    assert entry["changes"][0]["value"] == {
        "event": "APPROVED",
        "message_template_id": int(made.body["id"]),
        "message_template_name": "intake_reminder",
        "message_template_language": "id",
        "reason": "NONE",
        "message_template_category": "UTILITY",
    }
    assert stage.send(filled("Rina", "Senin")).status == 200


def test_named_variables_without_the_format_are_rejected(stage: Stage) -> None:
    made = create(stage, components=[NAMED_BODY])
    (value,) = stage.values()
    assert (value["event"], value["reason"]) == ("REJECTED", "INVALID_FORMAT")
    read = stage.call("GET", f"/{made.body['id']}", query={"fields": "status,rejected_reason"}).body
    assert read == {"id": made.body["id"], "status": "REJECTED", "rejected_reason": "INVALID_FORMAT"}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": "Pengingat"}, (100, None)),
        ({"language": "Indonesian"}, (100, None)),
        ({"category": "NEWS"}, (100, None)),
        ({"parameter_format": "MIXED"}, (100, None)),
        ({"components": []}, (100, None)),
        ({"components": [BODY, BODY]}, (100, None)),
        ({"components": [text("BODY", "")]}, (100, 2388072)),
        ({"components": [text("BODY", "x" * 1025)]}, (100, 2388040)),
        ({"components": [text("BODY", "{{1}} di kantor")]}, (100, 2388299)),
        ({"components": [text("BODY", "Halo {{1}} ada {{3}} ya")]}, (100, 2388072)),
        ({"components": [text("BODY", "Halo {{1}} ada {{name}} ya")]}, (100, 2388072)),
        ({"components": [text("BODY", "Halo {{1}}{{2}} selamat datang di kantor")]}, (100, 2388072)),
        ({"components": [text("BODY", "Halo {{#1}} di kantor")]}, (100, 2388072)),
        ({"components": [text("BODY", "a {{1}} b {{2}} c")]}, (100, 2388293)),
        ({"components": [text("BODY", "Halo {{1}} di kantor")]}, (100, 2388072)),
        ({"components": [BODY, text("HEADER", "x" * 61, format="TEXT")]}, (100, 2388040)),
        ({"components": [BODY, text("HEADER", "Perkara {{1}}", format="TEXT")]}, (100, 2388047)),
        ({"components": [BODY, {"type": "HEADER", "format": "IMAGE"}]}, (100, 2388047)),
        ({"components": [BODY, text("FOOTER", "Kantor {{1}}")]}, (100, 2388073)),
        (
            {"components": [BODY, {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "x", "url": "y"}]}]},
            (100, None),
        ),
        ({"components": [BODY, {"type": "BUTTONS", "buttons": [BUTTONS["buttons"][2]] * 2}]}, (100, None)),
        (
            {"components": [BODY, {"type": "BUTTONS", "buttons": [BUTTONS["buttons"][i] for i in (0, 2, 0)]}]},
            (100, None),
        ),
        ({"components": [BODY, text("HEADER", "x", format="SONG")]}, (100, 2388047)),
        ({"components": [BODY, {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY"}]}]}, (100, None)),
        ({"components": [BODY, {"type": "BUTTONS", "buttons": [text("QUICK_REPLY", "x" * 26)]}]}, (100, 2388040)),
        ({"components": [BODY, {"type": "BUTTONS", "buttons": [text("PHONE_NUMBER", "x")]}]}, (100, None)),
        (
            {"components": [BODY, {"type": "BUTTONS", "buttons": [text("URL", "x", url="https://x.id/{{1}}")]}]},
            (100, None),
        ),
        ({"message_send_ttl_seconds": 3}, (100, None)),
    ],
)
def test_what_meta_does_not_take_for_review(
    stage: Stage, changes: dict[str, Any], refusal: tuple[int, int | None]
) -> None:
    assert create(stage, **changes).refusal == (400, *refusal)
    assert stage.call("GET", PATH).body["data"] == []


def test_a_name_is_unique_in_a_language_and_so_is_what_it_says(stage: Stage) -> None:
    assert create(stage).status == 200
    assert create(stage).code == 100
    assert create(stage, name="another").code == 100
    assert create(stage, language="en_US").status == 200


def test_a_deleted_name_is_free_after_30_days(stage: Stage) -> None:
    create(stage)
    assert stage.call("DELETE", PATH, query={"name": "intake_reminder"}).body == {"success": True}
    assert stage.call("DELETE", PATH, query={"name": "intake_reminder"}).code == 100
    assert create(stage).code == 100
    stage.wait(30 * 86_400)
    assert create(stage).status == 200


def test_one_language_can_be_deleted_alone(stage: Stage) -> None:
    first, second = create(stage).body["id"], create(stage, language="en_US").body["id"]
    stage.call("DELETE", PATH, query={"name": "intake_reminder", "hsm_id": first})
    assert [each["id"] for each in stage.call("GET", PATH).body["data"]] == [second]


def test_several_can_be_deleted_by_their_ids(stage: Stage) -> None:
    ids = [create(stage).body["id"], create(stage, language="en_US").body["id"]]
    left = create(stage, language="ms").body["id"]
    for wrong in ("[]", "x", "[{}]", str(list(range(101)))):
        assert stage.call("DELETE", PATH, query={"hsm_ids": wrong}).code == 100
    assert stage.call("DELETE", PATH).code == 100
    assert stage.call("DELETE", PATH, query={"hsm_ids": f"[{','.join(ids)}]"}).body == {"success": True}
    assert [each["id"] for each in stage.call("GET", PATH).body["data"]] == [left]


def test_a_disabled_template_cannot_be_deleted_and_never_comes_back(stage: Stage) -> None:
    template_id = stage.template()
    stage.sandbox.disable_template(template_id, now=stage.now)
    stage.sandbox.meet(CLIENT)
    assert stage.send(filled("Rina", "Senin")).refusal == (400, 132016, None)
    assert stage.call("DELETE", PATH, query={"name": "intake_reminder"}).code == 100
    assert stage.call("POST", f"/{template_id}", {"components": [BODY]}).code == 100


def test_pauses_lift_and_the_third_one_disables(stage: Stage) -> None:
    template_id = stage.template()
    stage.webhooks()
    stage.sandbox.meet(CLIENT)
    told = []
    for _ in range(3):
        stage.sandbox.pause_template(template_id, now=stage.now)
        told += [value["other_info"]["title"] for value in stage.values()]
        refused = stage.send(filled("Rina", "Senin"))
        lifted = stage.call("POST", f"/{template_id}/unpause")
        told += [refused.code, lifted.body["success"]]
        stage.webhooks()
    assert told == ["FIRST_PAUSE", 132015, True, "SECOND_PAUSE", 132015, True, "DISABLED", 132016, False]


def test_meta_moves_a_template_to_another_category_and_rates_it(stage: Stage) -> None:
    template_id = stage.template()
    stage.webhooks()
    stage.sandbox.recategorise_template(template_id, category="MARKETING", now=stage.now)
    stage.sandbox.rate_template(template_id, quality="YELLOW", now=stage.now)
    moved, rated = stage.values()
    assert (moved["previous_category"], moved["new_category"]) == ("UTILITY", "MARKETING")
    assert (rated["previous_quality_score"], rated["new_quality_score"]) == ("UNKNOWN", "YELLOW")
    asked = {"fields": "category,previous_category,quality_score"}
    read = stage.call("GET", f"/{template_id}", query=asked).body
    assert (read["category"], read["previous_category"], read["quality_score"]["score"]) == (
        "MARKETING",
        "UTILITY",
        "YELLOW",
    )


def test_an_edit_is_reviewed_again_and_an_approved_template_takes_one_a_day(stage: Stage) -> None:
    template_id = stage.template()
    stage.webhooks()
    changed = {"components": [text("BODY", "Sampai jumpa di kantor kami.")]}
    assert stage.call("POST", f"/{template_id}", changed | {"category": "MARKETING"}).code == 100
    assert stage.call("POST", f"/{template_id}", changed).body == {"success": True}
    assert stage.call("GET", f"/{template_id}").body["status"] == "PENDING"
    assert stage.call("POST", f"/{template_id}", changed).code == 100
    assert [value["event"] for value in stage.values()] == ["APPROVED"]
    assert stage.call("POST", f"/{template_id}", changed).code == 100
    stage.wait(86_400)
    assert stage.call("POST", f"/{template_id}", changed).body == {"success": True}


def test_a_list_comes_in_pages_and_by_filters(stage: Stage) -> None:
    for number in range(5):
        stage.template(name=f"t{number}", components=[text("BODY", f"Selamat datang, nomor {number} dari lima.")])
    seen, query = [], {"limit": "2", "status": "APPROVED"}
    while True:
        page = stage.call("GET", PATH, query=query).body
        seen += [each["name"] for each in page["data"]]
        if "next" not in page["paging"]:
            break
        assert page["paging"]["next"].startswith(f"https://graph.facebook.com/v25.0{PATH}?")
        query["after"] = page["paging"]["cursors"]["after"]
    assert seen == [f"t{number}" for number in range(5)]
    assert [each["name"] for each in stage.call("GET", PATH, query={"name": "t3"}).body["data"]] == ["t3"]
    assert stage.call("GET", PATH, query={"status": "PAUSED"}).body == {"data": []}
    assert set(page["data"][0]) == {"id", "name", "language", "status", "category"}


def test_a_cursor_whose_item_is_gone_is_refused(stage: Stage) -> None:
    create(stage, name="a", components=[text("BODY", "Selamat datang di kantor A.")])
    create(stage, name="b", components=[text("BODY", "Selamat datang di kantor B.")])
    after = stage.call("GET", PATH, query={"limit": "1"}).body["paging"]["cursors"]["after"]
    stage.call("DELETE", PATH, query={"name": "a"})
    for cursor in (after, "%", "YWJj"):
        assert stage.call("GET", PATH, query={"after": cursor}).refusal == (400, 131059, None)


@pytest.mark.parametrize("query", [{"fields": "name,colour"}, {"limit": "0"}, {"limit": "many"}])
def test_a_field_or_a_limit_that_does_not_exist_is_refused(stage: Stage, query: dict[str, str]) -> None:
    assert stage.call("GET", PATH, query=query).refusal == (400, 100, None)


def test_a_hundred_templates_an_hour_can_be_created(stage: Stage) -> None:
    def one(number: int) -> int | None:
        made = create(stage, name=f"t{number}", components=[text("BODY", f"Selamat datang, nomor {number}.")])
        return int(made.code) if made.code is not None else None

    assert [one(number) for number in range(101)] == [None] * 100 + [80007]
    stage.wait(3600)
    assert one(101) is None


def test_templates_of_another_firm_are_out_of_reach(stage: Stage) -> None:
    template_id = stage.template()
    token = OTHER_FIRM.tokens[0].value
    assert stage.call("GET", f"/{template_id}", token=token).refusal == (403, 200, None)
    assert stage.call("GET", PATH, token=token).refusal == (403, 200, None)


def test_the_operator_of_the_sandbox_can_reject_and_lift_a_pause(stage: Stage) -> None:
    template_id = create(stage).body["id"]
    stage.sandbox.reject_template(template_id, reason="PROMOTIONAL", now=stage.now)
    assert [value["reason"] for value in stage.values()] == ["PROMOTIONAL"], "the review comes too late"
    assert stage.call("POST", f"/{template_id}", {"category": "MARKETING"}).body == {"success": True}
    stage.sandbox.approve_template(template_id, now=stage.now)
    stage.sandbox.pause_template(template_id, now=stage.now)
    stage.sandbox.unpause_template(template_id, now=stage.now)
    assert stage.call("GET", f"/{template_id}").body["status"] == "APPROVED"
    assert [value["event"] for value in stage.values()] == ["APPROVED", "PAUSED", "APPROVED"]


def test_names_that_were_approved_by_hand_stand_in_their_order(stage: Stage) -> None:
    stage.template(components=[NAMED_BODY])
    assert stage.send(filled("Rina", "Senin")).status == 200


def test_an_account_has_room_for_250(stage: Stage) -> None:
    for number in range(250):
        stage.wait(60)
        assert (
            create(stage, name=f"t{number}", components=[text("BODY", f"Nomor {number}, selamat datang.")]).code is None
        )
    refused = create(stage, name="one_more", components=[text("BODY", "Selamat datang di kantor kami.")])
    assert refused.refusal == (400, 100, 2388019)


def test_an_unknown_template_has_a_hint(stage: Stage) -> None:
    with pytest.raises(UsageError):
        stage.sandbox.approve_template("1", now=stage.now)


def component(kind: str, *parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "parameters": list(parameters)} | more


def value(text_: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text_} | more


NAMES = component("body", value("Senin", parameter_name="slot"), value("Rina", parameter_name="client_name"))
PLAIN = component("body", value("Rina"), value("Senin"))
URL = component("button", value("abc"), sub_type="url", index="1")
REPLY = component("button", {"type": "payload", "payload": "ok:1"}, sub_type="quick_reply", index="0")
DOCUMENT = component("header", {"type": "document", "document": {"link": "https://x.example.id/a.pdf"}})
PLACE = component("header", {"type": "location", "location": {"latitude": "-6.2", "longitude": "106.8"}})
NO_PLACE = component("header", {"type": "location", "location": {"latitude": "-6.2"}})
PLAIN_URL = {"type": "BUTTONS", "buttons": [text("URL", "Lihat", url="https://x.example.id/")]}
IMAGE = component("header", {"type": "image", "image": {"link": "https://x.example.id/a.png"}})


@pytest.mark.parametrize(
    ("made", "given", "code"),
    [
        ([BODY], [PLAIN], None),
        ([BODY], [], 132000),
        ([BODY], [component("body", value("Rina"))], 132000),
        ([BODY], [component("body", value("Rina"), value(""))], 132018),
        ([BODY], [component("body", value("Rina"), value("a\nb"))], 132018),
        ([BODY], [component("body", value("Rina"), value("a\tb"))], 132018),
        ([BODY], [component("body", value("Rina"), value("a     b"))], 132018),
        ([BODY], [component("body", value("Rina"), value("a    b"))], None),
        ([BODY], [component("body", value("Rina"), value("x" * 1024))], 132005),
        ([BODY], [component("body", value("Rina"), {"type": "image", "image": {}})], 132012),
        (
            [BODY],
            [component("body", value("Rina"), {"type": "date_time", "date_time": {"fallback_value": "Senin"}})],
            None,
        ),
        ([BODY], [PLAIN, component("header", value("42"))], 132000),
        ([BODY], [PLAIN, component("footer")], 100),
        ([BODY], "none", 100),
        ([BODY, TEXT_HEADER], [PLAIN], 132000),
        ([BODY, TEXT_HEADER], [PLAIN, component("header", value("42"))], None),
        ([BODY], [{"type": "body", "parameters": "x"}], 100),
        ([BODY, {"type": "HEADER", "format": "LOCATION"}], [PLAIN, PLACE], None),
        ([BODY, {"type": "HEADER", "format": "LOCATION"}], [PLAIN, NO_PLACE], 100),
        ([BODY, PLAIN_URL], [PLAIN], None),
        ([BODY, PLAIN_URL], [PLAIN, URL | {"index": "0"}], 132000),
        ([BODY, DOCUMENT_HEADER], [PLAIN], 132012),
        ([BODY, DOCUMENT_HEADER], [PLAIN, IMAGE], 132012),
        ([BODY, DOCUMENT_HEADER], [PLAIN, DOCUMENT], None),
        ([BODY, BUTTONS], [PLAIN], 131008),
        ([BODY, BUTTONS], [PLAIN, URL], None),
        ([BODY, BUTTONS], [PLAIN, URL, REPLY], None),
        ([BODY, BUTTONS], [PLAIN, URL | {"index": "2"}], 132012),
        ([BODY, BUTTONS], [PLAIN, URL | {"sub_type": "flow"}], 132012),
        ([BODY, BUTTONS], [PLAIN, URL | {"index": "x"}], 100),
    ],
)
def test_values_have_to_fit_the_template(stage: Stage, made: list[Any], given: Any, code: int | None) -> None:
    stage.template(components=made)
    stage.sandbox.meet(CLIENT)
    assert stage.send(filled(components=given)).code == code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([NAMES], None),
        ([PLAIN], 100),
        ([component("body", value("Rina", parameter_name="client_name"))], 132000),
        ([component("body", value("a", parameter_name="slot"), value("b", parameter_name="slot"))], 132000),
        ([], 132000),
    ],
)
def test_named_values_go_by_their_names(stage: Stage, given: list[Any], code: int | None) -> None:
    stage.template(components=[NAMED_BODY], parameter_format="NAMED")
    stage.sandbox.meet(CLIENT)
    assert stage.send(filled(components=given)).code == code


def test_the_tenth_value_belongs_to_the_tenth_variable(stage: Stage) -> None:
    body = "Daftar: " + ", ".join(f"butir ke {{{{{number}}}}}" for number in (*range(1, 11), 2)) + " selesai."
    stage.template(components=[text("BODY", body, example={"body_text": [["x"] * 10]})])
    values = ["x"] * 10
    second, tenth = values.copy(), values.copy()
    second[1] = tenth[9] = "x" * 500
    assert stage.send(filled(*second)).code == 132005, "it stands there twice"
    assert stage.send(filled(*tenth)).code is None


def test_an_old_version_refuses_a_bad_value_as_100(stage: Stage) -> None:
    stage.template()
    stage.sandbox.meet(CLIENT)
    assert stage.send(filled("Rina", "a\nb"), version="/v22.0").code == 100


def test_the_language_has_to_match_exactly(stage: Stage) -> None:
    stage.template()
    stage.sandbox.meet(CLIENT)
    assert stage.send(filled("Rina", "Senin", language={"code": "id_ID"})).code == 132001


def test_a_one_time_code_is_in_the_body_and_in_the_button(stage: Stage) -> None:
    otp = {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}
    stage.template(category="AUTHENTICATION", components=[{"type": "BODY"}, otp])
    user_id = stage.sandbox.meet(CLIENT)
    body = component("body", value("123456"))
    button = component("button", value("123456"), sub_type="url", index="0")
    assert stage.send(filled(components=[body, button])).status == 200
    assert stage.send(filled(components=[button])).code == 132000
    assert stage.send(filled(components=[body])).code == 131008
    assert (
        stage.send(filled(components=[body, component("button", value("1"), sub_type="url", index="0")])).code == 132012
    )
    assert stage.send(filled(components=[component("body", value("1" * 16)), button])).code == 132018
    assert stage.send(filled(components=[body, button]) | {"recipient": user_id}, to=None).code == 131062


def test_a_file_in_a_header_that_is_gone_fails_later(stage: Stage) -> None:
    stage.template(components=[BODY, DOCUMENT_HEADER])
    stage.sandbox.meet(CLIENT)
    media = component("header", {"type": "document", "document": {"id": "1"}})
    assert stage.send(filled(components=[PLAIN, media])).status == 200
    assert [status["errors"][0]["code"] for status in stage.statuses()] == [131053]
