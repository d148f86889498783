"""The webhook: one request, from the rate limit to the 200.

    1 rate limits          429   before anything is read
    2 Content-Encoding     415   a compressed body cannot be signed over raw bytes and may be a bomb
    3 signature header     401   missing or malformed: the body is not worth reading
    4 Content-Length       413   before reading; the same limit holds while reading
    5 slow body            408   the whole body has one time limit; 503 when memory is short and it must give way
    6 signature            403   over the raw bytes, by every live secret
    7 split, seal, spool   200   after the commit with fsync, whatever the body says; 503 when it could not be stored

Invariants: 200 means stored; no reply says why; a log line has the reason, the source and the size, never the body, a
header or the query.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from typing import Any

from lhwa.config.settings import Limits
from lhwa.domain.ids import AppName
from lhwa.domain.instants import Instant
from lhwa.errors import LhwaError, UnavailableError
from lhwa.gateway import handshake, signature
from lhwa.gateway.bodies import Bodies, Body
from lhwa.gateway.rates import Bucket, Rates
from lhwa.gateway.replies import (
    CLOSE,
    NOT_FOUND,
    WRONG_METHOD,
    Head,
    Receive,
    Reply,
    Scope,
    Send,
    retry_after,
    send_reply,
)
from lhwa.gateway.requests import Sealer
from lhwa.gateway.routing import MetaApp, Part, RoutingTable, split, split_carefully, split_plain
from lhwa.gateway.short_way import INLINE_BYTES_MAX, ShortWay
from lhwa.gateway.signature import AllSigners
from lhwa.gateway.sources import UNKNOWN, TrustedProxies
from lhwa.gateway.spooler import Spooler
from lhwa.ports.clock import Clock
from lhwa.telemetry.logs import Log
from lhwa.telemetry.metrics import Metrics

PATH = "/webhooks/whatsapp"
CAREFUL_INLINE_BYTES_MAX = 4 * 1024
"""The same for bodies that take a closer look, which is slower."""
RETRY_AFTER_S = 5
TOO_MANY_BODIES = Reply(503, "error", "too_many_bodies", headers=(*CLOSE, *retry_after(RETRY_AFTER_S)))
LOG_LINES_PER_S = 20
LOG_LINES_BURST = 200
_APP_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

_log = Log("gateway")


class _GoneError(Exception):
    """The client left before its request was complete."""


class _RefusedError(Exception):
    """The body is refused while it is read."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.reason)
        self.reply = reply


class WebhookApp:
    """The ASGI application of the public listener."""

    def __init__(
        self,
        *,
        table: Callable[[], RoutingTable],
        spool: Spooler,
        clock: Clock,
        limits: Limits,
        metrics: Metrics,
        proxies: TrustedProxies | None = None,
        bodies: Bodies | None = None,
    ) -> None:
        self._table = table
        self._spool = spool
        self._clock = clock
        self._limits = limits
        self._metrics = metrics
        self._proxies = proxies or TrustedProxies()
        self._sealer = Sealer()
        self._rates = Rates(limits, now_s=clock.monotonic_s())
        self._log_lines = Bucket.full(per_s=LOG_LINES_PER_S, burst=LOG_LINES_BURST, now_s=clock.monotonic_s())
        self._unlogged = 0
        self._bodies = bodies or Bodies()
        self._signers = AllSigners()
        self.short_way = ShortWay(
            table=table,
            spool=spool,
            clock=clock,
            limits=limits,
            metrics=metrics,
            proxies=self._proxies,
            rates=self._rates,
            sealer=self._sealer,
            signers=self._signers,
            refused=self._refuse_unstored,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        started_s = self._clock.monotonic_s()
        try:
            reply = await self._answer(scope, receive)
        except asyncio.CancelledError:
            # The server stops and has waited long enough: not a 200, and Meta will send it again.
            await send_reply(Reply(503, "error", headers=(*CLOSE, *retry_after(RETRY_AFTER_S))), send)
            raise
        except _GoneError:
            self._metrics.webhook_requests.labels("disconnected").inc()
            return
        except Exception as error:  # noqa: BLE001 -- whatever it was, it must not become a 200 or a stack trace
            _log.error("webhook_failed", error, source=_source(scope))
            reply = Reply(503, "error", "defect", headers=retry_after(RETRY_AFTER_S))
        await send_reply(reply, send)
        self._count(reply, scope, started_s)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        path: str = scope["path"]
        app_name = path[len(PATH) + 1 :] if path.startswith(f"{PATH}/") else None
        if path != PATH and not (app_name and _APP_NAME.fullmatch(app_name)):
            return NOT_FOUND
        if scope["method"] == "POST":
            return await self._post(scope, receive, app_name)
        if scope["method"] == "GET":
            return self._get(scope, app_name)
        return WRONG_METHOD

    def _get(self, scope: Scope, app_name: str | None) -> Reply:
        if wait_s := self._wait_s(scope):
            return Reply(429, "rate_limited", "rate_limited", headers=retry_after(wait_s))
        challenge = handshake.answer(scope["query_string"], self._apps(app_name), now=self._clock.now())
        if challenge is None:
            self._rates.count_bad_signature(_source(scope), now_s=self._clock.monotonic_s())
            return Reply(403, "refused", "handshake_refused")
        return Reply(200, "ok", body=challenge, headers=((b"content-type", b"text/plain"),))

    async def _post(self, scope: Scope, receive: Receive, app_name: str | None) -> Reply:
        if wait_s := self._wait_s(scope):
            return Reply(429, "rate_limited", "rate_limited", headers=(*CLOSE, *retry_after(wait_s)))
        head = Head(scope["headers"])
        claimed = signature.claimed(head.signatures)
        if (refusal := self._refusal_by_head(head, claimed)) is not None:
            if refusal.status == 401:
                self._rates.count_bad_signature(_source(scope), now_s=self._clock.monotonic_s())
            return refusal
        if claimed is None:
            raise AssertionError("a request without a signature went past its refusal")
        body = self._bodies.open(_source(scope), is_somebody=self._is_somebody(scope))
        try:
            await self._read(body, receive)
            return await self._store(body, claimed, app_name, scope)
        except _RefusedError as refused:
            return refused.reply
        finally:
            self._bodies.close(body)

    def _refusal_by_head(self, head: Head, claimed: bytes | None) -> Reply | None:
        if head.encoding not in (b"", b"identity"):
            return Reply(415, "encoded", "content_encoding", headers=CLOSE)
        if claimed is None:
            reason = "malformed_signature" if head.signatures else "no_signature"
            return Reply(401, "no_signature", reason, headers=CLOSE, body_bytes=head.length)
        if head.length > self._limits.webhook_body_bytes_max:
            return Reply(413, "too_large", "content_length", headers=CLOSE, body_bytes=head.length)
        return None

    async def _read(self, body: Body, receive: Receive) -> None:
        """Read the whole body. Raises: _RefusedError for one too long, too slow or too many; _GoneError."""
        try:
            async with asyncio.timeout(self._limits.body_timeout_s):
                while await self._read_some(body, receive):
                    pass
        except TimeoutError:
            raise _RefusedError(Reply(408, "timeout", "slow_body", headers=CLOSE, body_bytes=len(body.data))) from None

    async def _read_some(self, body: Body, receive: Receive) -> bool:
        message = await receive()
        if message["type"] != "http.request":
            raise _GoneError
        some: bytes = message.get("body", b"")
        more = bool(message.get("more_body", False))
        size = len(body.data) + len(some)
        if size > self._limits.webhook_body_bytes_max:
            raise _RefusedError(Reply(413, "too_large", "body", headers=CLOSE, body_bytes=size))
        if not self._bodies.add(body, some, is_whole=not more):
            raise _RefusedError(TOO_MANY_BODIES)
        return more

    async def _store(self, kept: Body, claimed: bytes, app_name: str | None, scope: Scope) -> Reply:
        now, body = self._clock.now(), kept.whole()
        match = self._signers.of(app_name, self._table()).match(body, claimed, now=now)
        if match is None:
            self._rates.count_bad_signature(_source(scope), now_s=self._clock.monotonic_s())
            return Reply(403, "bad_signature", "wrong_signature", body_bytes=len(body))
        if not self._bodies.prove(kept):
            return TOO_MANY_BODIES
        self._metrics.webhook_secret_matched.labels(match.label).inc()
        return await self._put(body, match.app, now)

    async def _put(self, body: bytes, app: str, now: Instant) -> Reply:
        table = self._table()
        parts = split_plain(body, table) if len(body) <= INLINE_BYTES_MAX else None
        if parts is None and len(body) <= CAREFUL_INLINE_BYTES_MAX:
            parts = split_carefully(body, table)
        elif parts is None:
            parts = await asyncio.to_thread(split, body, table)
        requests = self._sealer.requests(parts, body=body, app=app, table=table, now=now)
        try:
            new = await self._spool.put_async(requests)
        except UnavailableError as error:
            return _not_stored(error, app=app, size=len(body))
        result, reason = _result(parts, new)
        return Reply(200, result, reason, body_bytes=len(body))

    def _apps(self, app_name: str | None) -> Iterable[MetaApp]:
        apps = self._table().apps
        if app_name is None:
            return apps.values()
        app = apps.get(AppName(app_name))
        return () if app is None else (app,)

    def _wait_s(self, scope: Scope) -> float:
        now_s = self._clock.monotonic_s()
        return self._rates.wait_s(_source(scope), now_s=now_s, is_somebody=self._is_somebody(scope))

    def _is_somebody(self, scope: Scope) -> bool:
        """False for a proxy of ours that does not say for whom it asks."""
        return not self._proxies.trusts(_source(scope))

    def _count(self, reply: Reply, scope: Scope, started_s: float) -> None:
        if reply.result:
            is_handshake = scope["method"] == "GET" and reply.status != 503
            counter = self._metrics.webhook_handshakes if is_handshake else self._metrics.webhook_requests
            counter.labels(reply.result).inc()
        if reply.status == 200 and scope["method"] == "POST":
            self._metrics.webhook_ack_duration.observe(self._clock.monotonic_s() - started_s)
        if reply.status != 200:
            self.log_refusal(reply.status, reply.reason, _source(scope), reply.body_bytes, path=scope["path"])
        elif reply.result not in ("ok", "dup"):
            _log.warning("webhook_put_aside", reason=reply.reason or reply.result, bytes=reply.body_bytes)

    def refused_at_the_door(self, status: int, reason: str, source: str) -> None:
        """Count and log what the protocol refused before it became a request."""
        result = {408: "timeout", 413: "too_large"}.get(status, "malformed")
        self._metrics.webhook_requests.labels(result).inc()
        self.log_refusal(status, reason, source, 0)

    def _refuse_unstored(self, error: LhwaError, app: str, source: str, size: int) -> Reply:
        reply = _not_stored(error, app=app, size=size)
        self._metrics.webhook_requests.labels(reply.result).inc()
        self.log_refusal(reply.status, reply.reason, source, size)
        return reply

    def log_refusal(self, status: int, reason: str, source: str, body_bytes: int, *, path: str = "") -> None:
        """One line per refused request, as long as there are not too many of them: then only their number."""
        if self._log_lines.wait_s(self._clock.monotonic_s()) > 0:
            self._unlogged += 1
            return
        self._log_lines.take()
        unlogged, self._unlogged = self._unlogged, 0
        fields: dict[str, Any] = {"unlogged": unlogged} if unlogged else {}
        name = path.removeprefix(f"{PATH}/")
        if name != path and name in self._table().apps:
            fields["app"] = name
        _log.warning("webhook_refused", status=status, reason=reason, source=source, bytes=body_bytes, **fields)


def _not_stored(error: LhwaError, *, app: str, size: int) -> Reply:
    _log.error("webhook_not_stored", error, app=app, bytes=size)
    headers = retry_after(error.retry_after_s or RETRY_AFTER_S)
    return Reply(503, "error", "not_stored", headers=headers, body_bytes=size)


def _result(parts: list[Part], new: int) -> tuple[str, str]:
    if new == 0:
        return "dup", ""
    for state, result in (("dead", "dead"), ("unrouted", "unrouted"), ("done", "ignored")):
        for part in parts:
            if part.state == state:
                return result, part.reason
    return "ok", ""


def _source(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else UNKNOWN
