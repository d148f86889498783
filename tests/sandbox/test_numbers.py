"""Numbers: list, settings, overrides, subscriptions, blocked users, message history."""

from __future__ import annotations

from typing import Any

import pytest

from lhwa.sandbox import numbers
from lhwa.sandbox.faults import Faults
from tests.sandbox.stage import CLIENT, FIRM, PHONE, REMINDER, STRANGER, WABA, Stage

OVERRIDE = {"override_callback_uri": "https://wa.example.id/hook", "verify_token": "v-1"}


def urls(stage: Stage) -> set[str]:
    stage.wait(3600)
    return {post.url for post in stage.sandbox.due_webhooks(now=stage.now)}


def test_numbers_are_listed_and_read_by_fields(stage: Stage) -> None:
    (number,) = stage.call("GET", f"/{WABA}/phone_numbers").body["data"]
    assert (number["id"], number["display_phone_number"]) == (PHONE, "+622150001200")
    query = {"fields": "status,throughput{level},whatsapp_business_manager_messaging_limit"}
    assert stage.call("GET", f"/{PHONE}", query=query).body == {
        "id": PHONE,
        "status": "CONNECTED",
        "throughput": {"level": "STANDARD"},
        "whatsapp_business_manager_messaging_limit": "TIER_250",
    }


def test_settings_are_kept(stage: Stage) -> None:
    change = {"user_identity_change": {"enable_identity_key_check": True}}
    assert not stage.call("GET", f"/{PHONE}/settings").body["user_identity_change"]["enable_identity_key_check"]
    assert stage.call("POST", f"/{PHONE}/settings", change).body == {"success": True}
    assert stage.call("GET", f"/{PHONE}/settings").body["user_identity_change"]["enable_identity_key_check"]
    assert stage.call("POST", f"/{PHONE}/settings", {"colour": "red"}).code == 100


def test_an_app_that_is_not_subscribed_hears_nothing(stage: Stage) -> None:
    path = f"/{WABA}/subscribed_apps"
    (app,) = stage.call("GET", path).body["data"]
    assert app["whatsapp_business_api_data"]["id"] == FIRM.app_id
    assert stage.call("DELETE", path).body == {"success": True}
    assert stage.call("GET", path).body == {"data": []}
    stage.hear()
    assert stage.webhooks() == []
    assert stage.call("POST", path, OVERRIDE).code == 100
    assert stage.call("POST", path).body == {"success": True}
    stage.hear()
    assert len(stage.webhooks()) == 1


def test_overrides_lead_messages_elsewhere_and_nothing_else(stage: Stage) -> None:
    stage.call("POST", f"/{WABA}/subscribed_apps", OVERRIDE)
    stage.hear()
    assert urls(stage) == {"https://wa.example.id/hook"}
    number = {"webhook_configuration": OVERRIDE | {"override_callback_uri": "https://number.example.id/"}}
    stage.call("POST", f"/{PHONE}", number)
    stage.hear()
    assert urls(stage) == {"https://number.example.id/"}
    stage.call("POST", f"/{WABA}/message_templates", REMINDER)
    assert urls(stage) == {FIRM.webhook_url}
    configured = stage.call("GET", f"/{PHONE}", query={"fields": "webhook_configuration"}).body
    assert configured["webhook_configuration"] == {
        "phone_number": "https://number.example.id/",
        "whatsapp_business_account": "https://wa.example.id/hook",
        "application": FIRM.webhook_url,
    }
    stage.call("POST", f"/{PHONE}", {"webhook_configuration": {"override_callback_uri": ""}})
    stage.call("POST", f"/{WABA}/subscribed_apps")
    stage.hear()
    assert urls(stage) == {FIRM.webhook_url}


@pytest.mark.parametrize(
    "body", [{"override_callback_uri": "https://x.id"}, OVERRIDE | {"override_callback_uri": "https://" + "x" * 200}]
)
def test_an_override_that_meta_would_not_take(stage: Stage, body: dict[str, Any]) -> None:
    assert stage.call("POST", f"/{WABA}/subscribed_apps", body).code == 100


def test_only_those_who_wrote_lately_can_be_blocked(stage: Stage) -> None:
    path = f"/{PHONE}/block_users"
    stage.hear()
    stage.webhooks(within_s=5)
    both = {"messaging_product": "whatsapp", "block_users": [{"user": CLIENT}, {"user": STRANGER}]}
    partly = stage.call("POST", path, both)
    assert partly.refusal == (400, 139100, None)
    assert partly.body["block_users"]["added_users"] == [{"input": CLIENT, "wa_id": CLIENT[1:]}]
    assert [each["input"] for each in partly.body["block_users"]["failed_users"]] == [STRANGER]
    assert [each["wa_id"] for each in stage.call("GET", path).body["data"]] == [CLIENT[1:]]
    stage.hear("Masih di sana?")
    assert stage.webhooks() == []
    one = {"messaging_product": "whatsapp", "block_users": [{"user": CLIENT}]}
    assert stage.call("DELETE", path, one).body["block_users"]["removed_users"][0]["input"] == CLIENT
    assert stage.call("DELETE", path, one).code == 139100
    stage.hear()
    assert len(stage.webhooks()) == 1


def test_blocking_twice_changes_nothing_however_long_ago_they_wrote(open_stage: Stage) -> None:
    path, one = f"/{PHONE}/block_users", {"messaging_product": "whatsapp", "block_users": [{"user": CLIENT}]}
    for _ in range(2):
        assert open_stage.call("POST", path, one).status == 200
        open_stage.wait(86_401)
    assert len(open_stage.call("GET", path).body["data"]) == 1


def test_a_list_that_is_full_takes_nobody(open_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "BLOCKED_MAX", 0)
    one = {"messaging_product": "whatsapp", "block_users": [{"user": CLIENT}]}
    assert open_stage.call("POST", f"/{PHONE}/block_users", one).code == 139101


def test_a_user_id_can_be_blocked(open_stage: Stage) -> None:
    user_id = open_stage.sandbox.meet(CLIENT)
    body = {"messaging_product": "whatsapp", "block_users": [{"user_id": user_id}]}
    told = open_stage.call("POST", f"/{PHONE}/block_users", body).body
    assert told["block_users"]["added_users"] == [{"input": user_id, "user_id": user_id}]


def history(stage: Stage, wamid: str) -> Any:
    return stage.call("GET", f"/{PHONE}/message_history", query={"message_id": wamid})


def states(stage: Stage, wamid: str) -> list[tuple[str, str]]:
    events = history(stage, wamid).body["data"][0]["events"]["data"]
    return [(event["delivery_status"], event["webhook_update_state"]) for event in events]


def test_the_history_tells_what_happened_and_what_was_told(open_stage: Stage) -> None:
    wamid = open_stage.send().wamid
    assert states(open_stage, wamid) == []
    open_stage.wait(600)
    kinds = ["SENT", "DELIVERED", "READ"]
    assert states(open_stage, wamid) == [(kind, "PENDING") for kind in kinds]
    open_stage.statuses()
    assert states(open_stage, wamid) == [(kind, "DELIVERED") for kind in kinds]
    assert history(open_stage, "wamid.unknown").refusal == (400, 100, 33)


def test_the_history_tells_of_a_dropped_webhook() -> None:
    stage = Stage(faults=Faults(drop=1))
    wamid = stage.send().wamid
    stage.wait(600)
    assert states(stage, wamid) == [("FAILED", "FAILED")]


def test_the_history_can_be_switched_off() -> None:
    stage = Stage(faults=Faults(no_history=1))
    assert history(stage, stage.send().wamid).refusal == (400, 100, None)
