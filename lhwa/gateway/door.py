"""Who is connected to one listener, and how many may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from lhwa.config.settings import Limits
from lhwa.gateway.replies import Reply
from lhwa.gateway.sources import TrustedProxies, bucket_of

CONNECTIONS_MAX = 4_096
"""Open connections of one listener, if the process may have that many files."""


class TakePlain(Protocol):
    """Takes what a connection received, if it is a plain webhook."""

    def offer(self, connection: Any, data: bytes) -> None:
        """Sooner or later the connection is told to answer, or to go the long way."""


@dataclass(slots=True)
class Door:
    """What the connections of one listener share: limits, who is connected, and where refusals are told."""

    limits: Limits
    proxies: TrustedProxies = field(default_factory=TrustedProxies)
    connections_max: int = CONNECTIONS_MAX
    on_refused: Callable[[int, str, str], None] = lambda _status, _reason, _source: None
    on_connections: Callable[[int], None] = lambda _count: None
    short_way: TakePlain | None = None
    """None for a listener that serves no webhook."""
    count: int = 0
    by_source: dict[str, int] = field(default_factory=dict)
    _usual: tuple[list[tuple[bytes, bytes]], int, bytes] | None = None

    def written(self, reply: Reply, default_headers: list[tuple[bytes, bytes]], *, is_last: bool) -> bytes:
        """The bytes of an answer without a body; those of the usual one are made once a second, with the date."""
        if reply.headers or is_last:
            closing = ((b"connection", b"close"),) if is_last else ()
            return _answer_bytes(reply.status, (*default_headers, *reply.headers, *closing))
        if self._usual is None or self._usual[0] is not default_headers or self._usual[1] != reply.status:
            self._usual = (default_headers, reply.status, _answer_bytes(reply.status, default_headers))
        return self._usual[2]

    def enter(self, peer: str) -> bool:
        """Count a connection in; False when there are too many of this source or of all."""
        who = bucket_of(peer)
        mine = self.by_source.get(who, 0)
        too_many = mine >= self.limits.connections_per_source_max and not self.proxies.trusts(peer)
        if too_many or self.count >= self.connections_max:
            return False
        self.count += 1
        self.by_source[who] = mine + 1
        self.on_connections(self.count)
        return True

    def leave(self, peer: str) -> None:
        """Count a connection out."""
        who = bucket_of(peer)
        self.count -= 1
        left = self.by_source[who] - 1
        if left:
            self.by_source[who] = left
        else:
            del self.by_source[who]
        self.on_connections(self.count)


def _answer_bytes(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    lines = [name + b": " + value + b"\r\n" for name, value in (*headers, (b"content-length", b"0"))]
    return b"".join([STATUS_LINE[status], *lines, b"\r\n"])
