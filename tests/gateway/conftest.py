"""A gateway on a loopback port, with a real spool, real sockets and a clock that tests move."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lhwa.config.settings import Limits
from lhwa.domain.ids import AppName, TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.keys import TenantKeys, spool_key, unrouted_key
from lhwa.domain.sealing import Key, unseal
from lhwa.gateway.app import WebhookApp
from lhwa.gateway.bodies import Bodies
from lhwa.gateway.door import Door
from lhwa.gateway.server import HttpServer
from lhwa.gateway.sources import TrustedProxies
from lhwa.registry.routing import AppSecret, MetaApp, RoutingTable
from lhwa.store.spool import Spool
from lhwa.store.spool_rows import SpoolRow, request_place
from lhwa.telemetry.metrics import Metrics
from lhwa.testing.builders import open_spool

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECRET = b"sample-app-secret-of-main"
PREVIOUS = b"sample-app-secret-before"
OTHER = b"sample-app-secret-of-other"
KEYS = {TenantId("firma"): Key.random(), TenantId("firmb"): Key.random()}
ROOT = Key.random()
HTTP_TIMEOUT_S = 10


class StepClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = NOW
        self.seconds = 1_000.0

    def now(self) -> Instant:
        return self.at

    def monotonic_s(self) -> float:
        return self.seconds


def routing_table() -> RoutingTable:
    main = MetaApp(
        AppName("main"),
        (AppSecret(SECRET, "current"), AppSecret(PREVIOUS, "previous", NOW + timedelta(days=8))),
        (AppSecret(b"verify-me", "current"), AppSecret(b"verify-me-too", "previous", NOW + timedelta(days=8))),
    )
    other = MetaApp(AppName("other"), (AppSecret(OTHER, "current"),), (AppSecret(b"verify-other", "current"),))
    return RoutingTable(
        revision=1,
        apps={main.name: main, other.name: other},
        tenant_of_number={"301": TenantId("firma"), "302": TenantId("firmb")},
        tenant_of_waba={"200": TenantId("firma"), "201": TenantId("firmb")},
        app_of_tenant={},
        state_of_tenant={},
        root=ROOT,
        wrapped_keys={},
        _unwrapped={tenant: TenantKeys(key) for tenant, key in KEYS.items()},
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Gateway:
    """The running gateway and a few ways to talk to it."""

    server: HttpServer
    spool: Spool
    clock: StepClock
    metrics: Metrics
    door: Door
    now: Instant = field(default=NOW)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.server.port)

    async def talk(self, *pieces: bytes, pause_s: float = 0.0, half_close: bool = False) -> list[Answer]:
        """Send pieces on one connection and read until the server closes it."""
        reader, writer = await self.open()
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        if half_close:
            writer.write_eof()
        async with asyncio.timeout(HTTP_TIMEOUT_S):
            answers = answers_in(await reader.read())
        writer.close()
        return answers

    async def post(self, body: bytes, *, path: str = "/webhooks/whatsapp", headers: bytes | None = None) -> Answer:
        signature = b"X-Hub-Signature-256: " + sign(body) + b"\r\n" if headers is None else headers
        [answer] = await self.talk(request(body, path=path, headers=signature + b"Connection: close\r\n"))
        return answer

    def rows(self) -> list[SpoolRow]:
        """Everything in the spool."""
        tenants = [row for tenant in KEYS for row in self.spool.read.of_tenant(tenant)]
        aside = [row for state in ("unrouted", "dead", "done") for row in self.spool.read.aside(state)]
        return sorted({row.seq: row for row in (*tenants, *aside)}.values(), key=lambda row: row.seq)

    def clear(self, row: SpoolRow) -> bytes:
        """The body of a row."""
        key = unrouted_key(ROOT, self.now) if row.tenant is None else spool_key(KEYS[row.tenant], self.now)
        return unseal(key, request_place(row.tenant, row.event_id), row.sealed)

    def counted(self, metric: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(metric, labels) or 0.0


def answers_in(stream: bytes) -> list[Answer]:
    answers = []
    while stream:
        head, _, stream = stream.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        answers.append(Answer(int(status.split(" ")[1]), headers, stream[:length]))
        stream = stream[length:]
    return answers


def sign(body: bytes, secret: bytes = SECRET) -> bytes:
    return b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def request(body: bytes, *, path: str = "/webhooks/whatsapp", headers: bytes = b"", method: str = "POST") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: lhwa.example\r\nContent-Length: {len(body)}\r\n".encode()
    return head + headers + b"\r\n" + body


def change(number: str | None = "301", *, wamid: str = "wamid.SAMPLE1", text: str = "Selamat siang") -> dict[str, Any]:
    value: dict[str, Any] = {"messaging_product": "whatsapp"}
    if number is not None:
        value["metadata"] = {"display_phone_number": "620000000000", "phone_number_id": number}
    value["messages"] = [{"id": wamid, "timestamp": "1795305600", "type": "text", "text": {"body": text}}]
    return {"field": "messages", "value": value}


def envelope(*changes: dict[str, Any], waba: Any = "200") -> bytes:
    entry = {"id": waba, "changes": list(changes or (change(),))}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


@pytest.fixture(name="table")
def _table() -> RoutingTable:
    return routing_table()


@pytest.fixture(name="sign")
def _sign() -> Callable[..., bytes]:
    return sign


@pytest.fixture(name="request_of")
def _request_of() -> Callable[..., bytes]:
    return request


@pytest.fixture(name="change")
def _change() -> Callable[..., dict[str, Any]]:
    return change


@pytest.fixture(name="envelope")
def _envelope() -> Callable[..., bytes]:
    return envelope


@pytest.fixture(name="spool")
def _spool(tmp_path: Path) -> Iterator[Spool]:
    spool = open_spool(tmp_path / "spool.db")
    yield spool
    spool.close()


@pytest.fixture(name="start")
async def _start(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Gateway]]]:
    """Start a gateway: `await start(limits=..., proxies=...)`; the same home each time."""
    running: list[Gateway] = []

    async def start(
        *, limits: Limits | None = None, proxies: tuple[str, ...] = (), bodies: Bodies | None = None, **changed: Any
    ) -> Gateway:
        clock, metrics, trusted = StepClock(), Metrics(version="0", sqlite="0"), TrustedProxies.of(proxies)
        limits = limits or Limits(webhook_body_bytes_max=64 * 1024, **changed)
        spool, table = open_spool(tmp_path / "spool.db"), routing_table()
        app = WebhookApp(
            table=lambda: table,
            spool=spool,
            clock=clock,
            limits=limits,
            metrics=metrics,
            proxies=trusted,
            bodies=bodies,
        )
        door = Door(limits, trusted, on_refused=app.refused_at_the_door, short_way=app.short_way)
        gateway = Gateway(HttpServer(app, host="127.0.0.1", port=0, door=door), spool, clock, metrics, door)
        await gateway.server.start()
        running.append(gateway)
        return gateway

    yield start
    for gateway in running:
        await gateway.server.stop(1.0)
        gateway.spool.close()


@pytest.fixture(name="gateway")
async def _gateway(start: Callable[..., Awaitable[Gateway]]) -> Gateway:
    return await start()
