"""The admin pages, by the ASGI application alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from lhwa.daemon.admin import admin_app


def _client(facts: dict[str, Any]) -> httpx.AsyncClient:
    async def readiness() -> dict[str, Any]:
        return facts

    async def page() -> bytes:
        return b"lhwa_up 1\n"

    app = admin_app(readiness=readiness, render_metrics=page)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://admin")


READY = [({"ready": True, "waitingRequests": 3}, 200), ({"ready": False, "reason": "The disk is full."}, 503)]


@pytest.mark.parametrize(("facts", "status"), READY)
async def test_readiness_is_the_status_and_the_facts(facts: dict[str, Any], status: int) -> None:
    async with _client(facts) as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (status, facts)


async def test_alive_is_more_than_ready() -> None:
    async with _client({"ready": False}) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_metrics_are_prometheus_text() -> None:
    async with _client({"ready": True}) as client:
        answer = await client.get("/metrics")
    assert answer.text == "lhwa_up 1\n"
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_the_pages_are_only_read(path: str) -> None:
    async with _client({"ready": True}) as client:
        assert (await client.post(path)).status_code == 405
