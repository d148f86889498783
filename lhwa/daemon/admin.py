"""The admin listener: is it alive, is it ready, how does it do. Never exposed to the internet; shows no content."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lhwa.telemetry.metrics import CONTENT_TYPE

Readiness = Callable[[], Awaitable[dict[str, Any]]]
"""`{"ready": bool, ...}`: facts for people, and whether requests can be stored now."""


def admin_app(*, readiness: Readiness, render_metrics: Callable[[], Awaitable[bytes]]) -> Starlette:
    """`/healthz`: the process answers. `/readyz`: it can store and apply. `/metrics`: Prometheus text."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        facts = await readiness()
        return JSONResponse(facts, status_code=200 if facts["ready"] else 503)

    async def metrics(_request: Request) -> Response:
        return Response(await render_metrics(), media_type=CONTENT_TYPE)

    return Starlette(
        routes=[
            Route("/healthz", healthz, methods=["GET"]),
            Route("/readyz", readyz, methods=["GET"]),
            Route("/metrics", metrics, methods=["GET"]),
        ]
    )
