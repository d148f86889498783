"""The webhook over real sockets: status codes, what is stored, duplicates, failing disks."""

import asyncio
import json
from typing import Any

import pytest

from lhwa.errors import UnavailableError

GET_OK = "hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1158201444"


async def test_a_signed_body_is_stored_byte_for_byte_before_200(gateway: Any, envelope: Any) -> None:
    body = envelope()
    assert (await gateway.post(body)).status == 200
    [row] = gateway.rows()
    assert (row.tenant, row.app, row.state, row.body_bytes) == ("firma", "main", "stored", len(body))
    assert gateway.clear(row) == body
    assert gateway.counted("lhwa_webhook_requests_total", result="ok") == 1
    assert gateway.counted("lhwa_webhook_secret_matched_total", label="current") == 1
    assert gateway.counted("lhwa_webhook_ack_duration_seconds_count") == 1


SIGNATURES = [
    ("right", lambda good: b"X-Hub-Signature-256: " + good, 200),
    ("right, name in other letters", lambda good: b"x-HUB-signature-256: " + good, 200),
    ("missing", lambda _good: b"X-Nothing: 1", 401),
    ("empty", lambda _good: b"X-Hub-Signature-256:", 401),
    ("only the prefix", lambda _good: b"X-Hub-Signature-256: sha256=", 401),
    ("no prefix", lambda good: b"X-Hub-Signature-256: " + good[7:], 401),
    ("wrong prefix", lambda good: b"X-Hub-Signature-256: sha1=" + good[7:], 401),
    ("too short", lambda good: b"X-Hub-Signature-256: " + good[:-1], 401),
    ("too long", lambda good: b"X-Hub-Signature-256: " + good + b"0", 401),
    ("not hex", lambda good: b"X-Hub-Signature-256: " + good[:-1] + b"g", 401),
    ("upper case", lambda good: b"X-Hub-Signature-256: sha256=" + good[7:].upper(), 401),
    ("twice", lambda good: b"X-Hub-Signature-256: " + good + b"\r\nX-Hub-Signature-256: " + good, 401),
    ("the old header", lambda good: b"X-Hub-Signature: " + good, 401),
    ("of other bytes", lambda good: b"X-Hub-Signature-256: " + good[:-1] + (b"0" if good[-1:] != b"0" else b"1"), 403),
    ("of zeros", lambda _good: b"X-Hub-Signature-256: sha256=" + b"0" * 64, 403),
]


@pytest.mark.parametrize(("label", "header", "status"), SIGNATURES, ids=[case[0] for case in SIGNATURES])
async def test_only_a_right_signature_is_stored(
    gateway: Any, envelope: Any, sign: Any, label: str, header: Any, status: int
) -> None:
    # The last hex digit decides whether the upper-case form differs; make sure that there is a letter in it.
    bodies = [bytes(envelope()) + b" " * spaces for spaces in range(20)]
    body = next(body for body in bodies if sign(body)[7:] != sign(body)[7:].upper())
    answer = await gateway.post(body, headers=header(sign(body)) + b"\r\n")
    assert (answer.status, answer.body) == (status, b""), label
    assert len(gateway.rows()) == (1 if status == 200 else 0)


@pytest.mark.parametrize(
    ("path", "secret", "status"),
    [
        ("/webhooks/whatsapp", b"sample-app-secret-before", 200),
        ("/webhooks/whatsapp", b"sample-app-secret-of-other", 200),
        ("/webhooks/whatsapp/other", b"sample-app-secret-of-other", 200),
        ("/webhooks/whatsapp/main", b"sample-app-secret-of-other", 403),
        ("/webhooks/whatsapp/nobody", b"sample-app-secret-of-main", 403),
        ("/webhooks/whatsapp", b"", 403),
        ("/webhooks/whatsapp", b"verify-me", 403),
    ],
)
async def test_the_secret_must_belong_to_the_app(
    gateway: Any, envelope: Any, sign: Any, path: str, secret: bytes, status: int
) -> None:
    body = envelope()
    signature = b"X-Hub-Signature-256: " + sign(body, secret) + b"\r\n"
    assert (await gateway.post(body, path=path, headers=signature)).status == status
    if status == 200:
        assert gateway.rows()[0].app == ("main" if b"before" in secret else "other")


async def test_a_previous_secret_ends_on_its_day(gateway: Any, envelope: Any, sign: Any) -> None:
    body = envelope()
    signature = b"X-Hub-Signature-256: " + sign(body, b"sample-app-secret-before") + b"\r\n"
    gateway.clock.at = gateway.clock.at.replace(day=30, hour=3)
    assert (await gateway.post(body, headers=signature)).status == 403
    assert gateway.counted("lhwa_webhook_secret_matched_total", label="previous") == 0


HANDSHAKES = [
    ("right", GET_OK, 200),
    ("second token", GET_OK.replace("verify-me", "verify-me-too"), 200),
    ("token of another app", GET_OK.replace("verify-me", "verify-other"), 200),
    ("wrong token", GET_OK.replace("verify-me", "verify-mE"), 403),
    ("no token", GET_OK.replace("hub.verify_token=verify-me&", ""), 403),
    ("empty token", GET_OK.replace("verify-me", ""), 403),
    ("wrong mode", GET_OK.replace("subscribe", "unsubscribe"), 403),
    ("no challenge", GET_OK.partition("&hub.challenge")[0], 403),
    ("html", GET_OK + "%3Cscript%3E", 403),
    ("line break", GET_OK + "%0D%0Ax:y", 403),
    ("64 characters", GET_OK.replace("1158201444", "7" * 64), 200),
    ("65 characters", GET_OK.replace("1158201444", "7" * 65), 403),
    ("two challenges", GET_OK + "&hub.challenge=2", 403),
    ("non-ASCII token", GET_OK.replace("verify-me", "verify-m%C3%A9"), 403),
    ("broken percent", GET_OK + "&a=%ff%zz", 200),
    ("many fields", GET_OK + "&a=1" * 50, 403),
    ("nothing", "", 403),
]


@pytest.mark.parametrize(("label", "query", "status"), HANDSHAKES, ids=[case[0] for case in HANDSHAKES])
async def test_the_handshake(gateway: Any, request_of: Any, label: str, query: str, status: int) -> None:
    wire = request_of(b"", method="GET", path=f"/webhooks/whatsapp?{query}", headers=b"Connection: close\r\n")
    [answer] = await gateway.talk(wire)
    assert answer.status == status, label
    if status == 200:
        assert answer.headers["content-type"] == "text/plain"
        assert answer.body == (b"7" * 64 if "64" in label else b"1158201444")
    else:
        assert answer.body == b""


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/webhooks/whatsapp/", 404),
        ("POST", "/webhooks/whatsapp/main/more", 404),
        ("POST", "/webhooks/whatsappx", 404),
        ("GET", "/metrics", 404),
        ("POST", "/webhooks/whatsapp/%2e%2e", 404),
        ("PUT", "/webhooks/whatsapp", 405),
        ("DELETE", "/webhooks/whatsapp/main", 405),
        ("HEAD", "/webhooks/whatsapp", 405),
        ("OPTIONS", "/webhooks/whatsapp", 405),
    ],
)
async def test_nothing_else_is_served(gateway: Any, request_of: Any, method: str, path: str, status: int) -> None:
    [answer] = await gateway.talk(request_of(b"", method=method, path=path, headers=b"Connection: close\r\n"))
    assert (answer.status, answer.body) == (status, b"")
    assert answer.headers.get("allow") == ("GET, POST" if status == 405 else None)


ODD_BODIES = [
    ("not JSON", b"hello", "dead", "not_json"),
    ("nothing", b"", "dead", "not_json"),
    ("half", b'{"object":"whatsapp_business_account","entry":[', "dead", "not_json"),
    ("two values", b"{} {}", "dead", "not_json"),
    ("a list", b"[1,2]", "dead", "not_an_object"),
    ("only brackets", b"[" * 10_000 + b"]" * 10_000, "dead", "not_an_object"),
    ("unbalanced brackets", b"[" * 10_000, "dead", "not_json"),
    ("bad UTF-8", b'{"object":"\xff"}', "dead", "not_utf8"),
    ("entry is a number", b'{"object":"whatsapp_business_account","entry":7}', "dead", "entry_not_a_list"),
    ("another object", b'{"object":"user","entry":[{"id":"0","changed_fields":["photos"]}]}', "done", "ignored_object"),
    ("object is a number", b'{"object":5}', "done", "ignored_object"),
    ("no object", b"{}", "done", "ignored_object"),
    ("no entry", b'{"object":"whatsapp_business_account"}', "done", "empty"),
    ("empty entry", b'{"object":"whatsapp_business_account","entry":[]}', "done", "empty"),
    ("no changes", b'{"object":"whatsapp_business_account","entry":[{"id":"200","changes":[]}]}', "done", "empty"),
]


@pytest.mark.parametrize(("label", "body", "state", "reason"), ODD_BODIES, ids=[case[0] for case in ODD_BODIES])
async def test_whatever_is_signed_is_kept(gateway: Any, label: str, body: bytes, state: str, reason: str) -> None:
    assert (await gateway.post(body)).status == 200
    [row] = gateway.rows()
    assert (row.tenant, row.state, row.reason) == (None, state, reason), label
    assert gateway.clear(row) == body


async def test_a_mixed_body_is_split_and_the_rest_waits_for_an_owner(gateway: Any, envelope: Any, change: Any) -> None:
    body = envelope(change("301"), change("302"), change("999"))
    assert (await gateway.post(body)).status == 200
    rows = gateway.rows()
    assert [(row.tenant, row.state, row.reason) for row in rows] == [
        ("firma", "stored", ""),
        ("firmb", "stored", ""),
        (None, "unrouted", "unknown_number"),
    ]
    numbers = [json.loads(gateway.clear(row))["entry"][0]["changes"] for row in rows]
    assert [[one["value"]["metadata"]["phone_number_id"] for one in ones] for ones in numbers] == [
        ["301"],
        ["302"],
        ["999"],
    ]
    assert gateway.counted("lhwa_webhook_requests_total", result="unrouted") == 1


async def test_the_same_body_twice_is_stored_once(gateway: Any, envelope: Any) -> None:
    for _ in range(2):
        assert (await gateway.post(envelope())).status == 200
    assert len(gateway.rows()) == 1
    assert gateway.counted("lhwa_webhook_requests_total", result="dup") == 1


async def test_the_same_body_from_two_connections_at_once_is_stored_once(gateway: Any, envelope: Any) -> None:
    answers = await asyncio.gather(*(gateway.post(envelope()) for _ in range(8)))
    assert [answer.status for answer in answers] == [200] * 8
    assert len(gateway.rows()) == 1
    assert gateway.counted("lhwa_webhook_requests_total", result="dup") == 7


async def test_a_body_seen_before_a_restart_is_still_seen(start: Any, envelope: Any) -> None:
    first = await start()
    assert (await first.post(envelope())).status == 200
    await first.server.stop(1.0)
    first.spool.close()
    second = await start()
    assert (await second.post(envelope())).status == 200
    assert len(second.rows()) == 1


async def test_a_full_disk_is_503_and_stores_nothing_and_passes(gateway: Any, envelope: Any, change: Any) -> None:
    pages = gateway.spool._writer.connection.pragma("page_count")
    gateway.spool._writer.connection.pragma("max_page_count", pages)
    body = envelope(change(text="x" * 60_000))
    refused = await gateway.post(body)
    assert (refused.status, refused.body) == (503, b"")
    assert int(refused.headers["retry-after"]) >= 1
    assert gateway.rows() == []
    # The spool opened its file anew, where the limit of the old connection does not hold.
    assert (await gateway.post(body)).status == 200
    assert len(gateway.rows()) == 1
    assert gateway.counted("lhwa_webhook_requests_total", result="error") == 1


@pytest.mark.parametrize("failure", [UnavailableError("busy", retry_after_s=7.0), RuntimeError("a defect")])
async def test_what_was_not_stored_is_never_200(
    gateway: Any, envelope: Any, failure: Exception, monkeypatch: Any
) -> None:
    async def put_async(_requests: object) -> int:
        raise failure

    monkeypatch.setattr(gateway.spool, "put_async", put_async)
    answer = await gateway.post(envelope())
    assert answer.status == 503
    assert answer.headers["retry-after"] == ("7" if isinstance(failure, UnavailableError) else "5")


@pytest.mark.parametrize(
    ("coding", "status"), [(b"gzip", 415), (b"identity", 200), (b"", 200), (b"identity, gzip", 415), (b"GZIP", 415)]
)
async def test_compressed_bodies_are_refused(
    gateway: Any, envelope: Any, sign: Any, coding: bytes, status: int
) -> None:
    body = envelope()
    headers = b"Content-Encoding: " + coding + b"\r\nX-Hub-Signature-256: " + sign(body) + b"\r\n"
    assert (await gateway.post(body, headers=headers)).status == status


async def test_requests_of_one_source_are_limited_and_come_back(start: Any, envelope: Any) -> None:
    gateway = await start(requests_per_s_per_source=1, burst_per_source=2)
    assert [(await gateway.post(envelope())).status for _ in range(3)] == [200, 200, 429]
    gateway.clock.seconds += 1
    assert [(await gateway.post(envelope())).status for _ in range(2)] == [200, 429]


async def test_wrong_signatures_use_up_a_budget_of_their_source(start: Any, envelope: Any) -> None:
    gateway = await start(bad_signatures_per_minute_per_source=2, proxies=("127.0.0.1",))
    forged = b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\nX-Forwarded-For: 192.0.2.7\r\n"
    answers = [await gateway.post(envelope(), headers=forged) for _ in range(3)]
    assert [answer.status for answer in answers] == [403, 403, 429]
    assert answers[2].headers["retry-after"] == "30"
    # Nobody else is shut out by it.
    assert (await gateway.post(envelope())).status == 200


async def test_a_proxy_that_does_not_say_for_whom_is_not_shut_out_for_forgers(start: Any, envelope: Any) -> None:
    gateway = await start(bad_signatures_per_minute_per_source=1, proxies=("127.0.0.1",))
    forged = b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\n"
    assert [(await gateway.post(envelope(), headers=forged)).status for _ in range(3)] == [403, 403, 403]
    assert (await gateway.post(envelope())).status == 200
