"""The short way of a plain webhook: from the bytes of a connection to the spool, with nothing awaited.

It does what `app.py` does, in the same order, for a request that is as it should be: plainly framed, rightly signed,
of one firm, within its allowance. Whatever is not goes the long way from its first byte on, which alone refuses; so
nothing is counted or logged here before it is sure.
"""

from __future__ import annotations

from collections.abc import Callable

from lhwa.config.settings import Limits
from lhwa.domain.instants import Instant
from lhwa.errors import LhwaError
from lhwa.gateway.plain_posts import PlainPosts
from lhwa.gateway.rates import Rates
from lhwa.gateway.replies import Reply
from lhwa.gateway.requests import Sealer
from lhwa.gateway.routing import RoutingTable, plain_owner
from lhwa.gateway.signature import AllSigners
from lhwa.gateway.sources import TrustedProxies
from lhwa.gateway.spooler import Spooler
from lhwa.ports.clock import Clock
from lhwa.telemetry.metrics import SECRET_LABELS, Metrics

INLINE_BYTES_MAX = 32 * 1024
"""Longer bodies are looked at on a thread, so that others need not wait: the worst of this length takes 2 ms."""
NOW_S = 0.001
STORED = Reply(200, "ok")

Answer = Callable[[Reply], None]


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
        self._read_at = clock.now()
        self._read_at_s = float("-inf")
        self._proxies = proxies
        self._rates = rates
        self._sealer = sealer
        self._signers = signers
        self._refused = refused
        self._posts = PlainPosts(
            head_bytes_max=limits.header_bytes_max,
            body_bytes_max=min(INLINE_BYTES_MAX, limits.webhook_body_bytes_max),
        )
        # Looked up once: to find a counter by its label costs more than to count.
        self._stored = metrics.webhook_requests.labels("ok")
        self._seen = metrics.webhook_requests.labels("dup")
        self._durations = metrics.webhook_ack_duration
        self._matched = {label: metrics.webhook_secret_matched.labels(label) for label in SECRET_LABELS}

    def _now(self, monotonic_s: float) -> Instant:
        """The time, at most a millisecond old: reading the calendar costs more than reading the stop-watch."""
        if not self._read_at_s <= monotonic_s < self._read_at_s + NOW_S:
            self._read_at, self._read_at_s = self._clock.now(), monotonic_s
        return self._read_at

    def take(self, data: bytes, peer: str, answer: Answer) -> bool:
        """Store the webhook that these bytes are, and answer it after its commit; False: it goes the long way."""
        post = self._posts.read(data)
        if post is None:
            return False
        table, body = self._table(), post.body
        started_s = self._clock.monotonic_s()
        now = self._now(started_s)
        match = self._signers.of(post.app_name, table).match(body, post.claimed, now=now)
        if match is None:
            return False
        tenant = plain_owner(body, table)
        if tenant is None:
            return False
        source = self._proxies.source(peer, post.forwarded) if post.forwarded else peer
        if self._rates.wait_s(source, now_s=started_s, is_somebody=not self._proxies.trusts(source)):
            return False

        def settle(outcome: int | LhwaError) -> None:
            if isinstance(outcome, LhwaError):
                answer(self._refused(outcome, match.app, source, len(body)))
                return
            answer(STORED)
            (self._stored if outcome else self._seen).inc()
            self._durations.observe(self._clock.monotonic_s() - started_s)

        self._matched[match.label].inc()
        request = self._sealer.request(tenant, body, app=match.app, table=table, now=now)
        self._spool.put_soon((request,), settle)
        return True
