"""A sandbox on a loopback port, and a receiver of its webhooks on another one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lhwa.sandbox.courier import WebhookCourier
from lhwa.sandbox.sandbox import Sandbox
from lhwa.testing.fakes import FakeClock


@dataclass
class Receiver:
    """Remembers the webhooks and answers as it is told, with 200 in the end."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[bytes, str]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def hook(self, request: Request) -> Response:
        self.got.append((await request.body(), request.headers["x-hub-signature-256"]))
        self.arrived.set()
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self.hook, methods=["POST"])])


@dataclass
class Served:
    """Everything that runs."""

    sandbox: Sandbox
    courier: WebhookCourier
    clock: FakeClock
    receiver: Receiver
    http: httpx.AsyncClient
    base_url: str


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, *, sock: socket.socket | None = None) -> AsyncIterator[str]:
    """A server, and its address."""
    listening = sock or free_socket()
    config = uvicorn.Config(app, log_level="warning", ws="none", lifespan="on", timeout_graceful_shutdown=1)
    server = _Server(config)
    # Only `run` installs signal handlers; the parts below it leave those of the tests alone.
    running = asyncio.create_task(server._serve([listening]))
    await server.is_up.wait()
    try:
        yield address(listening)
    finally:
        server.should_exit = True
        await running


def free_socket() -> socket.socket:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock


def address(sock: socket.socket) -> str:
    return f"http://127.0.0.1:{sock.getsockname()[1]}"
