"""A gateway on a loopback port with a real spool, and what it owes whoever talks to it.

A 5xx that is no storage failure and none of the answers to overload is a defect, whatever was sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lhwa.config.settings import Limits
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.keys import spool_key, unrouted_key
from lhwa.domain.sealing import unseal
from lhwa.gateway.app import WebhookApp
from lhwa.gateway.door import Door
from lhwa.gateway.routing import split
from lhwa.gateway.server import HttpServer
from lhwa.store.spool_rows import SpoolRow, request_place
from lhwa.telemetry import logs
from lhwa.telemetry.metrics import Metrics
from lhwa.testing.builders import open_spool
from tests.fuzz.firms import KEYS, NOW, ROOT, SECRET, routing_table
from tests.fuzz.normalizer_laws import LawError

OVERLOAD = {"too_many_bodies", "too_many_connections", "too_many_pipelined", "stopping"}
Stored = tuple[TenantId | None, str, bytes]
"""The owner of a row, its state, and its body in clear."""
ANSWER_S = 20
MANY = 1_000_000


class HurriedClock:
    """Stands still by the calendar; a minute passes whenever somebody asks for seconds, so no rate is ever used up."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def now(self) -> Instant:
        return NOW

    def monotonic_s(self) -> float:
        self._seconds += 60.0
        return self._seconds


class Gate:
    """The gateway, running inside a `with` block."""

    def __init__(self, root: Path) -> None:
        self._runner = asyncio.Runner()
        self._said = io.StringIO()
        self._table = routing_table()
        self.spool = open_spool(root / "spool.db")
        limits = Limits(
            body_timeout_s=2,
            header_timeout_s=2,
            idle_timeout_s=2,
            requests_per_s_per_source=MANY,
            burst_per_source=MANY,
            bad_signatures_per_minute_per_source=MANY,
        )
        app = WebhookApp(
            table=lambda: self._table,
            spool=self.spool,
            clock=HurriedClock(),
            limits=limits,
            metrics=Metrics(version="0", sqlite="0"),
        )
        self.door = Door(limits, on_refused=app.refused_at_the_door)
        self.server = HttpServer(app, host="127.0.0.1", port=0, door=self.door)
        self._seq = 0
        self._known: set[Stored] = set()

    def __enter__(self) -> Self:
        logs.configure("debug", "json", stream=self._said)
        self._runner.run(self.server.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self.server.stop(1.0))
        self._runner.close()
        self.spool.close()
        logs.close()

    def hold_body(self, body: bytes) -> None:
        """A signed body is answered 200, and is in the spool byte for byte. Raises: LawError."""
        self.hold_pieces([request(body, close=True)], stored=body)

    def hold_pieces(self, pieces: Sequence[bytes], *, stored: bytes | None = None) -> list[int]:
        """Say something in pieces; answers are whole, none is a 5xx of ours. Raises: LawError.

        Args:
            stored: when the pieces are one proper signed request, its body: then the only answer is 200.
        """
        statuses = statuses_in(self._runner.run(self._talk(pieces)))
        self._blame_nobody(statuses)
        rows = self.spool.read.after(self._seq)
        self._seq = max([self._seq, *(row.seq for row in rows)])
        found = {(row.tenant, row.state, self._clear(row)) for row in rows}
        self._known |= found
        if stored is not None:
            if statuses != [200]:
                raise LawError(f"a signed request was answered {statuses}")
            self._is_stored(stored, found)
        return statuses

    def is_well(self) -> None:
        """A proper request still gets its 200, and nobody is counted who has left. Raises: LawError."""
        self.hold_pieces([request(b"{}", close=True)], stored=b"{}")
        if self.door.count:
            raise LawError(f"{self.door.count} connections are counted and gone")

    async def _talk(self, pieces: Sequence[bytes]) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        reading = asyncio.create_task(reader.read())
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if writer.can_write_eof() and not reading.done():
                writer.write_eof()
        except OSError:
            pass  # it closed before we had said everything, as it may
        try:
            async with asyncio.timeout(ANSWER_S):
                return await reading
        except ConnectionError:
            return b""
        except TimeoutError:
            raise LawError("a connection stayed open without an answer") from None
        finally:
            writer.close()
            while self.door.count:  # noqa: ASYNC110 -- the listener tells nobody when a connection is gone
                await asyncio.sleep(0)

    def _blame_nobody(self, statuses: list[int]) -> None:
        lines = [json.loads(line) for line in self._said.getvalue().splitlines()]
        self._said.seek(0)
        self._said.truncate()
        for line in lines:
            if line["event"] == "webhook_failed" or (line.get("status", 0) >= 500 and line["reason"] not in OVERLOAD):
                raise LawError(f"the gateway failed: {line}")
        if any(status >= 500 for status in statuses) and not any(line.get("reason") in OVERLOAD for line in lines):
            raise LawError(f"a 5xx without a reason: {statuses}")

    def _is_stored(self, body: bytes, found: set[Stored]) -> None:
        sent = {(part.tenant, part.state, part.body) for part in split(body, self._table)}
        if not sent <= self._known:
            raise LawError("a request was answered 200 and is not in the spool")
        if found and found != sent:
            raise LawError("what is in the spool is not what was sent")

    def _clear(self, row: SpoolRow) -> bytes:
        key = unrouted_key(ROOT, NOW) if row.tenant is None else spool_key(KEYS[row.tenant], NOW)
        return unseal(key, request_place(row.tenant, row.event_id), row.sealed)


def signature(body: bytes) -> bytes:
    """The header line that signs a body."""
    return b"X-Hub-Signature-256: sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest().encode() + b"\r\n"


def request(body: bytes, *, close: bool = False, headers: bytes = b"") -> bytes:
    """A proper signed request."""
    head = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: lhwa.example\r\nContent-Length: %d\r\n" % len(body)
    return head + signature(body) + headers + (b"Connection: close\r\n" if close else b"") + b"\r\n" + body


def chunked(body: bytes, sizes: Sequence[int], *, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    """The same with a body in chunks of these sizes, by turns; the last request of its connection."""
    head = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: lhwa.example\r\nTransfer-Encoding: chunked\r\n"
    chunks, at, turn = [], 0, 0
    while at < len(body):
        piece = body[at : at + sizes[turn % len(sizes)]]
        chunks.append(b"%x%b\r\n%b\r\n" % (len(piece), extension, piece))
        at, turn = at + len(piece), turn + 1
    end = b"0\r\n" + trailer + b"\r\n"
    return head + signature(body) + b"Connection: close\r\n\r\n" + b"".join(chunks) + end


def statuses_in(stream: bytes) -> list[int]:
    """The status of every answer. Raises: LawError when it is not a row of whole answers."""
    found: list[int] = []
    while stream:
        head, end, stream = stream.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        if not end or not lines[0].startswith(b"HTTP/1.1 "):
            raise LawError("an answer is not HTTP")
        status = int(lines[0][9:12])
        fields: dict[bytes, Any] = {
            name.lower(): value.strip() for name, _, value in (li.partition(b":") for li in lines[1:])
        }
        length = int(fields.get(b"content-length", b"0"))
        if len(stream) < length:
            raise LawError("an answer is cut off")
        stream = stream[length:]
        if status >= 200:
            found.append(status)
    return found
