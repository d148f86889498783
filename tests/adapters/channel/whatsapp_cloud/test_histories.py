from __future__ import annotations

from typing import Any

import httpx
import pytest

from lhwa.domain.send_errors import NOT_CONNECTED, UNANSWERED
from lhwa.ports.channel import NoHistoryError, SendError
from tests.adapters.channel.whatsapp_cloud.test_client import ACCESS, answering, channel_to, failing, refusal

WAMID = "wamid.OUT1"


def page(*words: str | None, wamid: str = WAMID, is_bare: bool = False) -> dict[str, Any]:
    events = [{"delivery_status": word, "timestamp": 1} for word in words]
    return {"data": [{"id": wamid, "message_id": wamid, "events": events if is_bare else {"data": events}}]}


async def ask(status: int, body: Any) -> tuple[str, ...] | None:
    return await channel_to(answering(status, body)).history(WAMID, access=ACCESS)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (page("SENT", "DELIVERED"), ("sent", "delivered")),
        (page("READ", is_bare=True), ("read",)),
        (page(), ()),
        (page(None, "FAILED"), ("failed",)),
        (page("Rahasia klien"), ("other",)),
        ({"data": [{"id": WAMID}]}, ()),
        ({"data": []}, None),
        (page("SENT", wamid="wamid.OTHER"), None),
    ],
    ids=["words", "bare events", "no event", "no word", "an unknown word", "no events", "nothing", "another message"],
)
async def test_a_history_tells_the_statuses_of_its_message_alone(body: Any, told: tuple[str, ...] | None) -> None:
    assert await ask(200, body) == told


async def test_a_message_that_the_number_did_not_send_has_no_history() -> None:
    body = {"error": {"message": "x", "code": 100, "error_subcode": 33}}
    assert await ask(400, body) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, refusal(100)), (403, refusal(10)), (403, refusal(200)), (500, refusal(3)), (404, b"<html>"), (200, b"{}")],
    ids=["no such call", "not permitted", "not assigned", "no capability", "no such path", "not a history"],
)
async def test_a_call_that_is_not_offered_is_said_to_be_so(status: int, body: Any) -> None:
    with pytest.raises(NoHistoryError):
        await ask(status, body)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(401, refusal(190), 190), (400, refusal(4), 4), (503, refusal(2), 2), (502, b"<html>", None)],
    ids=["token", "rate", "down", "page"],
)
async def test_what_another_time_or_token_mends_is_no_answer(status: int, body: Any, code: int | None) -> None:
    with pytest.raises(SendError) as raised:
        await ask(status, body)
    assert raised.value.vendor_code == code


async def test_a_history_is_asked_of_the_number_and_may_be_asked_again() -> None:
    seen: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=page("SENT"))

    assert await channel_to(keep).history("wamid.a+b/c=", access=ACCESS) is None
    assert (seen[0].method, seen[0].url.path) == ("GET", "/v25.0/1060001/message_history")
    assert seen[0].url.params["message_id"] == "wamid.a+b/c="
    for error, verdict in ((httpx.ReadTimeout("x"), UNANSWERED), (httpx.ConnectError("x"), NOT_CONNECTED)):
        with pytest.raises(SendError) as raised:
            await channel_to(failing(error)).history(WAMID, access=ACCESS)
        assert raised.value.verdict in (verdict, NOT_CONNECTED)
