"""The sandbox on a port: a newcomer's way through it with plain httpx."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from lhwa.sandbox.accounts import sample_account
from lhwa.sandbox.courier import WebhookCourier
from lhwa.sandbox.faults import Faults
from lhwa.sandbox.http import sandbox_app
from lhwa.sandbox.sandbox import Sandbox
from lhwa.testing.fakes import FakeClock
from tests.sandbox.served import Receiver, Served, address, free_socket, serving
from tests.sandbox.stage import CLIENT, PHONE, REMINDER, TOKEN, WABA

TEXT = {"messaging_product": "whatsapp", "to": CLIENT, "type": "text", "text": {"body": "Selamat siang"}}


@contextlib.asynccontextmanager
async def scene(faults: str = "") -> AsyncIterator[Served]:
    receiver, clock, hook = Receiver(), FakeClock(), free_socket()
    account = sample_account(0, webhook_url=f"{address(hook)}/hook")
    sandbox = Sandbox(account, seed=7, now=clock.now(), faults=Faults.parse(faults))
    courier = WebhookCourier(sandbox, clock)
    async with (
        serving(receiver.app(), sock=hook),
        serving(sandbox_app(sandbox, clock, courier=courier)) as base_url,
        httpx.AsyncClient(
            base_url=base_url, headers={"authorization": f"Bearer {TOKEN}"}, trust_env=False, verify=False
        ) as http,
    ):
        yield Served(sandbox, courier, clock, receiver, http, base_url)


async def pass_time(served: Served, seconds: float, *, webhooks: int) -> list[dict[str, Any]]:
    """Let time pass until so many webhooks have come in all."""
    served.clock.advance(seconds)
    served.courier.wake()
    async with asyncio.timeout(10):
        while len(served.receiver.got) < webhooks:
            served.receiver.arrived.clear()
            await served.receiver.arrived.wait()
    return [json.loads(body) for body, _ in served.receiver.got]


async def test_a_client_writes_and_is_answered() -> None:
    async with scene() as served:
        said = await served.http.post("/_sandbox/say", json={"from": CLIENT, "text": "Halo", "name": "Klien Contoh"})
        assert said.status_code == 200
        (heard,) = await pass_time(served, 1, webhooks=1)
        message = heard["entry"][0]["changes"][0]["value"]["messages"][0]
        assert (message["id"], message["text"]["body"]) == (said.json()["messageId"], "Halo")
        body, signature = served.receiver.got[0]
        secret = served.sandbox.accounts[0].app_secret.encode()
        assert signature == "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        sent = await served.http.post(f"/v25.0/{PHONE}/messages", json=TEXT)
        assert (sent.status_code, sent.headers["content-type"]) == (200, "application/json; charset=UTF-8")
        told = await pass_time(served, 600, webhooks=4)
        statuses = [each["entry"][0]["changes"][0]["value"]["statuses"][0] for each in told[1:]]
        assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
        assert {status["id"] for status in statuses} == {sent.json()["messages"][0]["id"]}


async def test_a_refusal_is_metas_error_body() -> None:
    async with scene() as served:
        refused = await served.http.post(f"/v25.0/{PHONE}/messages", json=TEXT | {"type": "poll"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, 100)
        unknown = await served.http.get("/v25.0/999", headers={"authorization": "Bearer unknown"})
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (401, 190)


async def test_a_lost_response_ends_the_connection_and_the_message_arrives() -> None:
    async with scene("lost-response=1") as served:
        await served.http.post("/_sandbox/say", json={"from": CLIENT, "text": "Halo"})
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await served.http.post(f"/v25.0/{PHONE}/messages", json=TEXT)
        await pass_time(served, 600, webhooks=4)
        entry = (await served.http.get("/_sandbox/journal")).json()["entries"][-1]
        assert (entry["verdict"], entry["isLost"], entry["type"]) == ("accepted", True, "text")


async def test_a_file_goes_up_and_its_link_leads_back_to_the_sandbox() -> None:
    async with scene() as served:
        file = {"file": ("surat.pdf", b"%PDF-1.7", "application/pdf")}
        fields = {"messaging_product": "whatsapp", "type": "application/pdf"}
        media_id = (await served.http.post(f"/v25.0/{PHONE}/media", files=file, data=fields)).json()["id"]
        link = (await served.http.get(f"/v25.0/{media_id}")).json()["url"]
        assert link.startswith(served.base_url)
        assert (await served.http.get(link)).content == b"%PDF-1.7"
        assert (await served.http.delete(f"/v25.0/{media_id}")).json() == {"success": True}


async def test_the_setup_is_all_that_a_newcomer_needs() -> None:
    async with scene() as served:
        setup = (await served.http.get("/_sandbox/setup")).json()
        (account,) = setup["accounts"]
        assert setup["baseUrl"] == served.base_url
        assert (account["wabaId"], account["numbers"][0]["phoneNumberId"]) == (WABA, PHONE)
        url = f"{setup['baseUrl']}/v25.0/{account['wabaId']}/phone_numbers"
        numbers = await served.http.get(url, headers={"authorization": f"Bearer {account['tokens'][0]}"})
        assert numbers.json()["data"][0]["id"] == PHONE


async def test_templates_can_be_decided_about() -> None:
    async with scene() as served:
        made = (await served.http.post(f"/v25.0/{WABA}/message_templates", json=REMINDER)).json()
        changes = (("approve", "APPROVED"), ("pause", "PAUSED"), ("disable", "DISABLED"))
        for count, (change, event) in enumerate(changes, start=1):
            told = await served.http.post(f"/_sandbox/templates/{made['id']}/{change}")
            assert told.json() == {"done": True}
            bodies = await pass_time(served, 1, webhooks=count)
            assert bodies[-1]["entry"][0]["changes"][0]["value"]["event"] == event


async def test_a_client_can_say_other_things_than_text() -> None:
    things: list[dict[str, Any]] = [
        {"type": "buttonReply", "id": "yes", "title": "Ya", "replyTo": "wamid.OUT1"},
        {"type": "listReply", "id": "a", "title": "Keluarga"},
        {"type": "templateButton", "payload": "p", "text": "Ok"},
        {"type": "reaction", "wamid": "wamid.OUT1", "emoji": "👍"},
        {"type": "media", "kind": "image", "content": "/9j/", "mimeType": "image/jpeg"},
    ]
    async with scene() as served:
        for said in things:
            answer = await served.http.post("/_sandbox/say", json={"from": CLIENT, "said": said})
            assert answer.status_code == 200, answer.text
        heard = await pass_time(served, 1, webhooks=len(things))
        kinds = [each["entry"][0]["changes"][0]["value"]["messages"][0]["type"] for each in heard]
        assert kinds == ["interactive", "interactive", "button", "reaction", "image"]


async def test_a_client_shares_a_place_edits_and_deletes() -> None:
    async with scene() as served:

        async def say(**said: Any) -> str:
            answer = await served.http.post("/_sandbox/say", json={"from": CLIENT, "said": said})
            assert answer.status_code == 200, answer.text
            return str(answer.json()["messageId"])

        place = {"latitude": -6.2, "longitude": 106.8, "name": "Kantor Contoh", "address": "Jl. Contoh 1"}
        await say(type="location", **place)
        wamid = await say(type="text", body="Halo")
        await say(type="edit", wamid=wamid, body="Selamat siang")
        await say(type="delete", wamid=wamid)
        heard = await pass_time(served, 1, webhooks=4)
    messages = [each["entry"][0]["changes"][0]["value"]["messages"][0] for each in heard]
    assert (messages[0]["type"], messages[0]["location"]) == ("location", place)
    new = {"type": "text", "text": {"body": "Selamat siang"}}
    assert (messages[2]["type"], messages[2]["edit"]) == ("edit", {"original_message_id": wamid, "message": new})
    assert (messages[3]["type"], messages[3]["revoke"]) == ("revoke", {"original_message_id": wamid})


async def test_a_client_reads_what_the_firm_sent() -> None:
    buttons = [{"type": "reply", "reply": {"id": "yes", "title": "Ya"}}]
    question = {"type": "button", "body": {"text": "Setuju?"}, "action": {"buttons": buttons}}
    async with scene() as served:
        await served.http.post("/_sandbox/say", json={"from": CLIENT, "text": "Halo"})
        for body in (TEXT, TEXT | {"type": "interactive", "interactive": question}):
            assert (await served.http.post(f"/v25.0/{PHONE}/messages", json=body)).status_code == 200
        read = (await served.http.post("/_sandbox/inbox", json={"contact": CLIENT, "to": PHONE})).json()["messages"]
        later = (await served.http.post("/_sandbox/inbox", json={"contact": CLIENT, "after": 1})).json()["messages"]
        nobody = (await served.http.post("/_sandbox/inbox", json={"contact": "+6281230009999"})).json()
    assert [(each["seq"], each["type"], each["text"]) for each in read] == [
        (1, "text", "Selamat siang"),
        (2, "interactive", "Setuju?"),
    ]
    assert read[1]["buttons"] == [{"id": "yes", "title": "Ya"}]
    assert later == read[1:]
    assert nobody == {"messages": []}


async def test_a_control_route_says_what_does_not_fit() -> None:
    cases: list[tuple[str, Any]] = [
        ("/say", {"from": CLIENT}),
        ("/say", {"text": "Halo"}),
        ("/say", {"from": "somebody", "text": "Halo"}),
        ("/say", {"from": CLIENT, "said": {"type": "dance"}}),
        ("/say", {"from": CLIENT, "said": {"type": "listReply"}}),
        ("/say", []),
        ("/say", {"from": CLIENT, "said": {"type": "edit", "wamid": "wamid.X", "body": "Halo"}}),
        ("/say", {"from": CLIENT, "said": {"type": "location", "latitude": "north"}}),
        ("/inbox", {}),
        ("/inbox", {"contact": CLIENT, "to": "999"}),
        ("/clients", {"contact": "somebody"}),
        ("/tokens/forget", {"token": TOKEN}),
        ("/tokens/end", {"token": "unknown"}),
        ("/templates/1/approve", {}),
        ("/templates/1/burn", {}),
    ]
    async with scene() as served:
        for path, body in cases:
            answer = await served.http.post(f"/_sandbox{path}", json=body)
            assert answer.status_code == 400, (path, body)
            assert answer.json()["error"]
            assert answer.json()["hint"]


async def test_clients_and_tokens_can_be_changed() -> None:
    async with scene() as served:
        met = await served.http.post("/_sandbox/clients", json={"contact": CLIENT, "hidesNumber": True})
        assert met.json()["userId"].startswith("ID.")
        for change, status in (("end", 401), ("renew", 200)):
            await served.http.post(f"/_sandbox/tokens/{change}", json={"token": TOKEN})
            assert (await served.http.get(f"/v25.0/{PHONE}")).status_code == status


async def test_control_routes_are_for_this_machine_and_not_for_pages_in_a_browser() -> None:
    async with scene() as served:
        page = await served.http.get("/_sandbox/setup", headers={"origin": "https://example.id"})
        assert page.status_code == 403
        app = sandbox_app(served.sandbox, served.clock)
        far = httpx.ASGITransport(app=app, client=("192.0.2.1", 5000))
        async with httpx.AsyncClient(transport=far, base_url="http://sandbox.example.id") as http:
            assert (await http.get("/_sandbox/setup")).status_code == 403
