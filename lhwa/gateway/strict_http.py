"""One HTTP connection: uvicorn's httptools protocol, and what it lets through that we refuse.

Refused: a head that is too long (431) or too slow (408), a body longer than allowed while it waits its turn (413),
framing that two servers could read differently (400), upgrades (400), too many requests in a row without reading the
answers, too many connections. Answers leave in the order of the requests, refusals included.

A request that is answered before its body was read is followed by a lingering close: we stop sending, keep reading
for a moment and throw it away. Closing at once would reset the connection, and the client would never see our answer.

Invariants: trailers never become headers; nothing that follows a `Connection: close` is read as a request.
Source: RFC 9112 §6 (framing), §9.6 (closing).
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from lhwa.gateway.door import Door
from lhwa.gateway.sources import HEADER as FORWARDED
from lhwa.gateway.sources import UNKNOWN

LINGER_S = 2.0
PIPELINED_MAX = 32
"""Requests of one connection that may wait for the answers before them."""
FRAMING_BYTES_PER_BODY_BYTE_MAX = 16
"""A body may come in chunks of one byte, but chunk extensions and trailers do not go on for ever."""


class _StopError(Exception):
    """Ends the parsing of this connection from inside a callback of the parser."""


class _Exit:
    """What a response writes to; its `close` lingers when the request was not read to its end."""

    __slots__ = ("_protocol", "_transport", "write")

    def __init__(self, transport: asyncio.Transport, protocol: StrictHttpProtocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self.write = transport.write

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._protocol.close_after_answer()


class StrictHttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        door: Door,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._door = door
        self._peer = UNKNOWN
        self._entered = False
        self._timer: TimerHandle | None = None
        self._stalled: TimerHandle | None = None
        self._begun = False  # the first byte of a request's head is here
        self._in_head = True  # waiting for a head, or in one
        self._unparsed_head_bytes = 0
        self._head_bytes = 0
        self._wire_bytes = 0
        self._body_bytes = 0
        self._unanswered = 0
        self._last = False  # no request after this one
        self._deaf = False  # whatever comes is thrown away
        self._verdict: tuple[int, str] | None = None
        self._refusal: tuple[int, str] | None = None  # waits for the answers before it

    # The connection.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in, or say that there are too many."""
        super().connection_made(transport)
        self._exit = _Exit(transport, self)
        self._peer = self.client[0] if self.client else UNKNOWN
        self._entered = self._door.enter(self._peer)
        if not self._entered:
            self._deaf = True
            self._write_refusal(503, "too_many_connections")
            return
        self._arm(self._door.limits.header_timeout_s, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tidy up."""
        self._disarm()
        self._unset_keepalive_if_required()
        if self._stalled is not None:
            self._stalled.cancel()
        if self._entered:
            self._entered = False
            self._door.leave(self._peer)
        for cycle, _app in self.pipeline:
            cycle.disconnected = True
        self.pipeline.clear()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client says no more, but may still listen: answer what it asked, then close."""
        self._last = True
        if not self._unanswered or self.cycle.more_body:
            return False
        self.cycle.keep_alive = False
        return True

    def data_received(self, data: bytes) -> None:
        """Feed the parser and see what it found."""
        if self._deaf:
            return
        if self._in_head:
            self._unparsed_head_bytes += len(data)
        else:
            self._wire_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if self._verdict is None and self._last and not self._begun:
                self._deaf = True
                return
            self._refuse(*(self._verdict or (400, "malformed_http")))
            return
        self._watch_the_head()

    def shutdown(self) -> None:
        """The server stops: answer what was asked, then close."""
        self._last = True
        if not self._unanswered:
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    def pause_writing(self) -> None:
        """The client does not read its answers; it gets as long as an idle one."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self._door.limits.idle_timeout_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    @property
    def is_quiet(self) -> bool:
        """True when the next byte is the first of a request, and nothing before it waits for an answer."""
        return self._in_head and not (self._begun or self._unanswered or self._last or self._deaf)

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        if self._last:
            raise _StopError
        self._unset_keepalive_if_required()
        self._begun = True
        self._head_bytes = 0
        self._body_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the request line."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; a trailer is dropped."""
        if self._in_head:
            self._count_head(len(name) + len(value) + 4)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole: refuse it, or start the request."""
        self._in_head = False
        self._wire_bytes = 0
        self._unparsed_head_bytes = 0
        self._disarm()
        if reason := self._conflict():
            self._stop(400, reason)
        if len(self.pipeline) >= PIPELINED_MAX:
            self._stop(503, "too_many_pipelined")
        if self.client is not None:
            forwarded = [value for name, value in self.headers if name == FORWARDED]
            self.scope["client"] = (self._door.proxies.source(self._peer, forwarded), self.client[1])
        super().on_headers_complete()
        self._unanswered += 1
        self.cycle.transport = self._exit  # type: ignore[assignment]
        self._last = not self.cycle.keep_alive

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body_bytes += len(body)
        super().on_body(body)
        if self._is_waiting_its_turn() and self._body_bytes > self._door.limits.webhook_body_bytes_max:
            self._stop(413, "body")

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._in_head = True
        self._begun = False
        super().on_message_complete()
        if self.cycle.response_complete:
            # It was answered early and has now been read to its end: the connection is as good as new.
            self._disarm()
            self.cycle.more_body = False
            self._arm_idle()

    def on_response_complete(self) -> None:
        """An answer is on its way."""
        self._unanswered -= 1
        super().on_response_complete()
        if self._refusal is not None:
            if not self._unanswered:
                self._write_refusal(*self._refusal)
        elif self._deaf or self.transport.is_closing():
            self._unset_keepalive_if_required()
        elif self.cycle.response_complete and self.cycle.more_body:
            self._unset_keepalive_if_required()
            self._arm(LINGER_S, self.transport.close)
        elif self._begun:
            self._unset_keepalive_if_required()

    def close_after_answer(self) -> None:
        """Close; linger first when the client is still sending the request that was answered."""
        if self.cycle.more_body and not self.transport.is_closing():
            self._linger()
        else:
            self.transport.close()

    # What we refuse.

    def _conflict(self) -> str:
        """Why this head could be read in two ways; empty when it cannot."""
        names = [name for name, _value in self.headers]
        codings = [value for name, value in self.headers if name == b"transfer-encoding"]
        version = self.parser.get_http_version()
        if version not in ("1.0", "1.1"):
            return "version"
        if self.parser.should_upgrade():
            return "upgrade"
        if names.count(b"host") > 1:
            return "two_hosts"
        if names.count(b"content-length") + len(codings) > 1:
            return "two_lengths"
        if codings and (codings[0].strip().lower() != b"chunked" or version != "1.1"):
            return "transfer_encoding"
        return ""

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self._door.limits.header_bytes_max:
            self._stop(431, "head_too_large")

    def _stop(self, status: int, reason: str) -> None:
        self._verdict = (status, reason)
        raise _StopError

    def _watch_the_head(self) -> None:
        """After a piece that the parser liked: is the head too long, or is there a slow one to wait for?"""
        if not self._in_head:
            allowed = self._door.limits.header_bytes_max + FRAMING_BYTES_PER_BODY_BYTE_MAX * self._body_bytes
            if self._wire_bytes - self._body_bytes > allowed:
                self._refuse(400, "framing")
        elif not self._begun:
            self._unparsed_head_bytes = 0
        elif self._unparsed_head_bytes > self._door.limits.header_bytes_max:
            self._refuse(431, "head_too_large")
        elif self._timer is None:
            self._arm(self._door.limits.header_timeout_s, self._head_is_late)

    def _head_is_late(self) -> None:
        self._timer = None
        if self._begun:
            self._refuse(408, "slow_head")
        else:
            self.transport.close()

    def _refuse(self, status: int, reason: str) -> None:
        """Answer with a refusal, after the answers to earlier requests, and read nothing more."""
        self._deaf = True
        self._disarm()
        self._unset_keepalive_if_required()
        if not self._in_head and self.cycle is not None and self.cycle.more_body and not self._drop_broken_cycle():
            self._linger()
            return
        self._door.on_refused(status, reason, self.client[0] if self.client else UNKNOWN)
        if self._unanswered:
            self._refusal = (status, reason)
        else:
            self._write_refusal(status, reason)

    def _drop_broken_cycle(self) -> bool:
        """Forget the request whose body broke off; False when it has its answer already."""
        broken = self.cycle
        if self._is_waiting_its_turn():
            self.pipeline.popleft()
        elif broken.response_started:
            return False
        self._unanswered -= 1
        broken.disconnected = True
        broken.waiting_for_100_continue = False  # nobody says more on a connection that lingers
        broken.more_body = False
        broken.message_event.set()
        return True

    def _write_refusal(self, status: int, _reason: str) -> None:
        self._refusal = None
        retry = b"retry-after: 5\r\n" if status == 503 else b""
        self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n" + retry + b"\r\n")
        self._linger()

    def _linger(self) -> None:
        self._deaf = True
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._arm(LINGER_S, self.transport.close)

    # Small things.

    def _is_waiting_its_turn(self) -> bool:
        return bool(self.pipeline) and self.pipeline[0][0] is self.cycle

    def _arm_idle(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _arm(self, seconds: float, then: Callable[[], None]) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, then)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
