"""The short way of plain webhooks: all that came in one turn of the event loop, from their bytes to one commit.

It does what `app.py` does, in the same order, for requests that are as they should be: plainly framed, rightly signed,
of one firm, within their allowance. Whatever is not goes the long way from its first byte on, which alone refuses; so
nothing is counted or logged here before it is sure. What all requests of a turn share is looked up once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec

from lhwa.config.settings import Limits
from lhwa.domain.instants import Instant
from lhwa.errors import LhwaError
from lhwa.gateway.plain_posts import PlainPosts
from lhwa.gateway.rates import Rates
from lhwa.gateway.replies import Reply
from lhwa.gateway.requests import Sealer
from lhwa.gateway.routing import RoutingTable, plain_owner
from lhwa.gateway.signature import AllSigners, Match
from lhwa.gateway.sources import TrustedProxies
from lhwa.gateway.spooler import Spooler
from lhwa.ports.clock import Clock
from lhwa.store.spool import SpoolRequest
from lhwa.telemetry.logs import Log
from lhwa.telemetry.metrics import SECRET_LABELS, Metrics

INLINE_BYTES_MAX = 32 * 1024
"""Longer bodies are looked at on a thread, so that others need not wait: the worst of this length takes 2 ms."""
STORED = Reply(200, "ok")

T = TypeVar("T")

_log = Log("gateway")


class Connection(Protocol):
    """A connection that offers what it received, and waits."""

    peer: str

    def go_the_long_way(self, data: bytes) -> None:
        """It is not a plain webhook, or one that has to be refused."""

    def answer(self, reply: Reply) -> None:
        """It is settled."""

    def abort(self) -> None:
        """End it at once."""


class _Taken(msgspec.Struct, gc=False):
    """A webhook that may be stored."""

    connection: Connection
    data: bytes
    source: str
    match: Match
    request: SpoolRequest


class ShortWay:
    """The short way of one listener.

    Args:
        refused: makes the reply for what could not be stored, and tells of it: the error, the app, the source, bytes.
    """

    def __init__(
        self,
        *,
        table: Callable[[], RoutingTable],
        spool: Spooler,
        clock: Clock,
        limits: Limits,
        metrics: Metrics,
        proxies: TrustedProxies,
        rates: Rates,
        sealer: Sealer,
        signers: AllSigners,
        refused: Callable[[LhwaError, str, str, int], Reply],
    ) -> None:
        self._table = table
        self._spool = spool
        self._clock = clock
        self._proxies = proxies
        self._rates = rates
        self._sealer = sealer
        self._signers = signers
        self._refused = refused
        self._posts = PlainPosts(
            head_bytes_max=limits.header_bytes_max,
            body_bytes_max=min(INLINE_BYTES_MAX, limits.webhook_body_bytes_max),
        )
        self._offered: list[tuple[Connection, bytes]] = []
        self._results = metrics.webhook_requests
        self._durations = metrics.webhook_ack_duration
        self._matched = {label: metrics.webhook_secret_matched.labels(label) for label in SECRET_LABELS}

    def offer(self, connection: Connection, data: bytes) -> None:
        """Look at what a connection received at the end of this turn; it waits until then."""
        if not self._offered:
            asyncio.get_running_loop().call_soon(self._take_all)
        self._offered.append((connection, data))

    def _take_all(self) -> None:
        offered, self._offered = self._offered, []
        started_s = self._clock.monotonic_s()
        taken = self._within_allowances(self._plain(offered), now_s=started_s)
        if not taken:
            return
        for each in taken:
            self._matched[each.match.label].inc()
            each.data = b""  # what waits for the disk is held once

        def settle(outcome: int | LhwaError) -> None:
            if isinstance(outcome, LhwaError):
                for each in taken:
                    reply = self._refused(outcome, each.match.app, each.source, each.request.body_bytes)
                    _apart(each.connection, each.connection.answer, reply)
                return
            for each in taken:
                _apart(each.connection, each.connection.answer, STORED)
            self._count(len(taken), new=outcome, seconds=self._clock.monotonic_s() - started_s)

        self._spool.put_soon([each.request for each in taken], settle)

    def _plain(self, offered: list[tuple[Connection, bytes]]) -> list[_Taken]:
        """What is plain, rightly signed and of one firm; all else is sent the long way."""
        table, now = self._table(), self._clock.now()
        plain: list[_Taken] = []
        spent = self._spent({connection.peer for connection, _data in offered})
        for connection, data in offered:
            try:
                taken = self._taken(connection, data, table, now, spent)
            except Exception:  # noqa: BLE001 -- a defect of ours: the long way has it too, says so and answers 503
                taken = None
            if taken is None:
                _apart(connection, connection.go_the_long_way, data)
            else:
                plain.append(taken)
        return plain

    def _spent(self, peers: set[str]) -> set[str]:
        """Who has no allowance left: nothing is computed for them here."""
        now_s = self._clock.monotonic_s()
        return {
            peer
            for peer in peers
            if self._rates.is_spent(peer, now_s=now_s, is_somebody=not self._proxies.trusts(peer))
        }

    def _taken(
        self, connection: Connection, data: bytes, table: RoutingTable, now: Instant, spent: set[str]
    ) -> _Taken | None:
        post = self._posts.read(data)
        if post is None:
            return None
        source = self._proxies.source(connection.peer, post.forwarded) if post.forwarded else connection.peer
        if source in spent:
            return None
        body = post.body
        match = self._signers.of(post.app_name, table).match(body, post.claimed, now=now)
        if match is None:
            return None
        tenant = plain_owner(body, table)
        if tenant is None:
            return None
        request = self._sealer.request(tenant, body, app=match.app, table=table, now=now)
        return _Taken(connection, data, source, match, request)

    def _within_allowances(self, plain: list[_Taken], *, now_s: float) -> list[_Taken]:
        asked = Counter([each.source for each in plain])
        left = {
            source: self._rates.take(source, count, now_s=now_s, is_somebody=not self._proxies.trusts(source))
            for source, count in asked.items()
        }
        if left == asked:
            return plain
        allowed: list[_Taken] = []
        for each in plain:
            if left[each.source] > 0:
                left[each.source] -= 1
                allowed.append(each)
            else:
                _apart(each.connection, each.connection.go_the_long_way, each.data)
        return allowed

    def _count(self, number: int, *, new: int, seconds: float) -> None:
        self._results.labels("ok").inc(new)
        self._results.labels("dup").inc(number - new)
        self._durations.observe(seconds, times=number)


def _apart(connection: Connection, act: Callable[[T], None], what: T) -> None:
    """A defect on one connection costs that one: the others of its turn wait for their answers too."""
    try:
        act(what)
    except Exception as error:  # noqa: BLE001 -- as the docstring says
        _log.error("connection_broke", error)
        connection.abort()
