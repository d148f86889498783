"""What the gateway says in its log: one line per refusal, and never what a client sent."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from lhwa.gateway.app import LOG_LINES_BURST
from lhwa.telemetry import logs

CANARY = "kalimat-rahasia-6281230001111"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("debug", "json", stream=stream)
    yield stream
    logs.close()
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level


async def test_one_line_per_refusal_with_its_reason(gateway: Any, envelope: Any, lines: io.StringIO) -> None:
    body = envelope()
    await gateway.post(body, path="/webhooks/whatsapp/main", headers=b"")
    await gateway.post(body, headers=b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\n")
    await gateway.talk(b"nonsense\r\n\r\n")
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(line["event"], line["status"], line["reason"], line.get("app")) for line in said] == [
        ("webhook_refused", 401, "no_signature", "main"),
        ("webhook_refused", 403, "wrong_signature", None),
        ("webhook_refused", 400, "malformed_http", None),
    ]
    assert said[1]["bytes"] == len(body)
    assert {line["source"] for line in said} == {"127.0.0.1"}


async def test_nothing_that_a_client_sent_is_in_a_line_or_a_metric(
    gateway: Any, envelope: Any, change: Any, request_of: Any, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = b"Connection: close\r\n"
    query = f"/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token={CANARY}&hub.challenge=1"
    await gateway.talk(request_of(b"", method="GET", path=query, headers=end))
    await gateway.talk(request_of(b"", method="GET", path=f"/{CANARY}", headers=end))
    await gateway.talk(request_of(b"", path=f"/webhooks/whatsapp/{CANARY}", headers=end))
    await gateway.talk(f"GET / HTTP/1.1\r\nHost: a\r\n{CANARY} : x\r\n\r\n".encode())
    await gateway.post(CANARY.encode())
    await gateway.post(envelope(change("999", text=CANARY)))

    async def fail(_requests: Any) -> int:
        raise ValueError(CANARY)

    monkeypatch.setattr(gateway.spool, "put_async", fail)
    assert (await gateway.post(envelope(change(text=CANARY)))).status == 503
    assert CANARY not in lines.getvalue()
    assert "6281230001111" not in lines.getvalue()
    assert CANARY.encode() not in gateway.metrics.render()
    failed = next(line for line in map(json.loads, lines.getvalue().splitlines()) if line["event"] == "webhook_failed")
    assert failed["error"] == "ValueError"
    assert any(frame.endswith(" _put") for frame in failed["frames"])


async def test_a_flood_of_refusals_is_counted_instead_of_written(gateway: Any, lines: io.StringIO) -> None:
    app = gateway.server._config.app
    for _ in range(LOG_LINES_BURST + 10):
        app.log_refusal(403, "wrong_signature", "192.0.2.1", 0)
    assert len(lines.getvalue().splitlines()) == LOG_LINES_BURST
    gateway.clock.seconds += 1
    app.log_refusal(403, "wrong_signature", "192.0.2.1", 0)
    assert json.loads(lines.getvalue().splitlines()[-1])["unlogged"] == 10
