"""How often somebody may ask: token buckets for all, for one source, and for wrong signatures of one source.

Invariants: time is an argument; at most SOURCES_MAX buckets are kept, and forgetting one only ever gives somebody more.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from lhwa.config.settings import Limits
from lhwa.gateway.sources import bucket_of

SOURCES_MAX = 10_000


@dataclass(slots=True)
class Bucket:
    """Tokens that flow in at a rate, up to a burst; it starts full."""

    per_s: float
    burst: float
    tokens: float
    at_s: float

    @staticmethod
    def full(*, per_s: float, burst: float, now_s: float) -> Bucket:
        """A full bucket."""
        return Bucket(per_s, burst, burst, now_s)

    def wait_s(self, now_s: float) -> float:
        """Seconds until there is a token; 0 when there is one now."""
        if now_s > self.at_s:
            tokens = self.tokens + (now_s - self.at_s) * self.per_s
            self.tokens = min(self.burst, tokens)
        self.at_s = now_s
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.per_s

    def take(self) -> None:
        """Take a token, if need be one that is not there yet."""
        self.tokens -= 1


class Buckets:
    """One bucket per source, the least recently used forgotten first."""

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._of: OrderedDict[str, Bucket] = OrderedDict()

    def known(self, source: str) -> Bucket | None:
        """The bucket of a source that has one."""
        return self._of.get(bucket_of(source)) if self._of else None

    def of(self, source: str, now_s: float) -> Bucket:
        """The bucket of a source."""
        who = bucket_of(source)
        bucket = self._of.get(who)
        if bucket is None:
            bucket = self._of[who] = Bucket.full(per_s=self._per_s, burst=self._burst, now_s=now_s)
            if len(self._of) > SOURCES_MAX:
                self._of.popitem(last=False)
        else:
            self._of.move_to_end(who)
        return bucket


class Rates:
    """All allowances of one listener."""

    def __init__(self, limits: Limits, *, now_s: float) -> None:
        self._total = Bucket.full(per_s=limits.requests_per_s_total, burst=limits.burst_total, now_s=now_s)
        self._requests = Buckets(per_s=limits.requests_per_s_per_source, burst=limits.burst_per_source)
        bad = limits.bad_signatures_per_minute_per_source
        self._bad = Buckets(per_s=bad / 60, burst=bad)

    def wait_s(self, source: str, *, now_s: float, is_somebody: bool) -> float:
        """Count one request; seconds to wait when it is one too many.

        Args:
            is_somebody: False when the source is a proxy of ours that did not say for whom it asks. Everybody comes
                from there then, and wrong signatures of one must not shut out Meta.
        """
        own = self._requests.of(source, now_s)
        wait_s = self._longest_wait_s(own, source, now_s=now_s, is_somebody=is_somebody)
        if wait_s == 0:
            own.take()
            self._total.take()
        return wait_s

    def is_spent(self, source: str, *, now_s: float, is_somebody: bool) -> bool:
        """True when this source has nothing left. Counts nothing."""
        return self._longest_wait_s(self._requests.known(source), source, now_s=now_s, is_somebody=is_somebody) > 0

    def take(self, source: str, count: int, *, now_s: float, is_somebody: bool) -> int:
        """Count several requests of one source at once; how many of them are within its allowance.

        Args:
            is_somebody: as for `wait_s`, which says how long the others have to wait.
        """
        own, total = self._requests.of(source, now_s), self._total
        if self._longest_wait_s(own, source, now_s=now_s, is_somebody=is_somebody) > 0:
            return 0
        allowed = min(count, int(own.tokens), int(total.tokens))
        own.tokens -= allowed
        total.tokens -= allowed
        return allowed

    def _longest_wait_s(self, own: Bucket | None, source: str, *, now_s: float, is_somebody: bool) -> float:
        # Who never sent a wrong signature has no bucket for them.
        bad = self._bad.known(source) if is_somebody else None
        return max(bucket.wait_s(now_s) for bucket in (own, bad, self._total) if bucket is not None)

    def count_bad_signature(self, source: str, *, now_s: float) -> None:
        """Count a missing, malformed or wrong signature or verify token."""
        bucket = self._bad.of(source, now_s)
        if bucket.wait_s(now_s) == 0:
            bucket.take()
