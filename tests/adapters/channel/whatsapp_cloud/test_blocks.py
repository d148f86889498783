from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from lhwa.domain.outbound import Recipient
from lhwa.domain.send_errors import UNANSWERED
from lhwa.errors import InvariantError
from lhwa.ports.channel import SendError
from tests.adapters.channel.whatsapp_cloud.test_client import ACCESS, answering, channel_to, failing, refusal

CLIENT = Recipient(phone="+6281230001111")
ADDED = {"added_users": [{"input": "+6281230001111", "wa_id": "6281230001111"}]}
REMOVED = {"removed_users": ADDED["added_users"]}


def failed(code: int | None = None) -> dict[str, Any]:
    errors = {} if code is None else {"errors": [{"message": "x", "code": code}]}
    return {"added_users": [], "failed_users": [{"input": "+6281230001111"} | errors]}


async def block(status: int, body: Any, *, is_on: bool = True) -> None:
    await channel_to(answering(status, body)).block(CLIENT, access=ACCESS, is_on=is_on)


@pytest.mark.parametrize("is_on", [True, False])
async def test_a_client_is_named_by_number_or_user_id(is_on: bool) -> None:  # noqa: FBT001 -- a case of the table
    seen: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"block_users": ADDED if is_on else REMOVED})

    for recipient in (CLIENT, Recipient(bsuid="ID.88001122334455")):
        await channel_to(keep).block(recipient, access=ACCESS, is_on=is_on)
    assert {(each.method, each.url.path) for each in seen} == {
        ("POST" if is_on else "DELETE", "/v25.0/1060001/block_users")
    }
    assert [json.loads(each.content)["block_users"] for each in seen] == [
        [{"user": "+6281230001111"}],
        [{"user_id": "ID.88001122334455"}],
    ]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, refusal(139100) | {"block_users": failed(131047)}, 131047),
        (400, refusal(139100) | {"block_users": failed()}, 139100),
        (200, {"block_users": failed(131047)}, 131047),
        (400, refusal(139101), 139101),
        (500, refusal(139103), 139103),
        (401, refusal(190), 190),
        (400, refusal(190) | {"block_users": failed(131047)}, 190),
        (200, {"block_users": {"added_users": []}}, None),
        (200, b"<html>", None),
        (502, b"<html>", None),
    ],
    ids=[
        "its own reason", "no reason", "with status 200", "the list is full", "internal", "token", "token and lists",
        "nobody", "a page", "a broken page",
    ],
)  # fmt: skip
async def test_what_was_not_done_is_told_with_the_reason_of_the_one(status: int, body: Any, code: int | None) -> None:
    with pytest.raises(SendError) as raised:
        await block(status, body)
    assert raised.value.vendor_code == code


async def test_a_block_without_an_answer_may_be_asked_for_again() -> None:
    with pytest.raises(SendError) as raised:
        await channel_to(failing(httpx.ReadTimeout("x"))).block(CLIENT, access=ACCESS, is_on=True)
    assert raised.value.retryable
    assert raised.value.verdict.error_class == UNANSWERED.error_class


async def test_nobody_is_not_blocked() -> None:
    with pytest.raises(InvariantError):
        await channel_to(answering(200, {})).block(Recipient(), access=ACCESS, is_on=True)
