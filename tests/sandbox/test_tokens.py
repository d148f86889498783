"""Who may call what: tokens, permissions, objects of others, and `debug_token`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lhwa.errors import UsageError
from lhwa.sandbox.accounts import MANAGEMENT, MESSAGING, SandboxToken
from tests.sandbox.stage import CLIENT, FIRM, NOON, OTHER_FIRM, PHONE, TOKEN, WABA, Stage

SEND = {"messaging_product": "whatsapp", "to": CLIENT, "text": {"body": "Halo"}}
APP_TOKEN = f"{FIRM.app_id}|{FIRM.app_secret}"


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"token": None}, (401, 0, None)),
        ({"token": "unknown"}, (401, 190, None)),
        ({"token": OTHER_FIRM.tokens[0].value}, (403, 200, None)),
        ({"token": None, "headers": {"authorization": "Basic abc"}}, (401, 190, None)),
    ],
)
def test_a_token_that_does_not_fit_is_refused(stage: Stage, given: dict[str, Any], refusal: object) -> None:
    assert stage.call("POST", f"/{PHONE}/messages", SEND, **given).refusal == refusal


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/999/messages"), ("GET", "/999"), ("GET", f"/{PHONE}/messages"), ("POST", f"/{WABA}/messages")],
)
def test_an_object_or_an_operation_that_is_not_there_is_100_33(stage: Stage, method: str, path: str) -> None:
    assert stage.call(method, path).refusal == (400, 100, 33)


@pytest.mark.parametrize("path", ["/", "/a/b/c", "//", "/%2e"])
def test_a_path_that_names_nothing_is_100_33(stage: Stage, path: str) -> None:
    assert stage.call("GET", path).refusal == (400, 100, 33)


def test_a_token_does_only_what_its_permissions_say() -> None:
    tokens = tuple(SandboxToken(value=scope, scopes=(scope,)) for scope in (MESSAGING, MANAGEMENT))
    stage = Stage(accounts=(replace(FIRM, tokens=tokens),))
    stage.hear()
    assert stage.call("POST", f"/{PHONE}/messages", SEND, token=MESSAGING).status == 200
    assert stage.call("POST", f"/{PHONE}/messages", SEND, token=MANAGEMENT).refusal == (403, 10, None)
    assert stage.call("GET", f"/{WABA}/phone_numbers", token=MANAGEMENT).status == 200
    assert stage.call("GET", f"/{WABA}/phone_numbers", token=MESSAGING).refusal == (403, 10, None)


def test_a_token_ends_when_it_expires_or_is_revoked() -> None:
    until = NOON + timedelta(hours=1)
    stage = Stage(accounts=(replace(FIRM, tokens=(SandboxToken(value="short", expires_at=until),)),))
    assert stage.call("GET", f"/{PHONE}", token="short").status == 200
    stage.sandbox.end_token("short")
    assert stage.call("GET", f"/{PHONE}", token="short").refusal == (401, 190, None)
    stage.sandbox.renew_token("short")
    stage.wait(86_400)
    assert stage.call("GET", f"/{PHONE}", token="short").status == 200
    with pytest.raises(UsageError):
        stage.sandbox.end_token("unknown")


@pytest.mark.parametrize("caller", [APP_TOKEN, TOKEN])
def test_debug_token_tells_what_a_token_may(stage: Stage, caller: str) -> None:
    asked = {"input_token": TOKEN}
    told = stage.call("GET", "/debug_token", query=asked, token=caller).body["data"]
    assert told["is_valid"]
    assert (told["app_id"], told["expires_at"], told["scopes"]) == (FIRM.app_id, 0, [MESSAGING, MANAGEMENT])
    assert told["granular_scopes"][0]["target_ids"] == [WABA]


def test_debug_token_tells_of_an_ended_and_of_an_unknown_token(stage: Stage) -> None:
    stage.sandbox.end_token(TOKEN)
    for token in (TOKEN, OTHER_FIRM.tokens[0].value):
        told = stage.call("GET", "/debug_token", query={"input_token": token}, token=APP_TOKEN).body["data"]
        assert not told["is_valid"]
        assert told["error"]["code"] == 190
    assert stage.call("GET", "/debug_token", query={"input_token": TOKEN}, token=TOKEN).refusal == (401, 190, None)


def test_a_sandbox_needs_a_number() -> None:
    with pytest.raises(UsageError):
        Stage(accounts=())
    with pytest.raises(UsageError):
        Stage(accounts=(replace(FIRM, numbers=()),))


def test_secrets_show_in_no_repr(stage: Stage) -> None:
    shown = repr(FIRM) + repr(FIRM.tokens) + repr(FIRM.numbers)
    assert TOKEN not in shown
    assert FIRM.app_secret not in shown
    assert FIRM.numbers[0].display_phone_number not in shown
