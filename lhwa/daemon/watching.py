"""What the worker did, as log lines at once and as counts that its process reports now and then."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lhwa.bus.drain import Drained
from lhwa.bus.observer import Observer
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant, to_ms
from lhwa.domain.jobs import Job
from lhwa.errors import UnavailableError
from lhwa.telemetry.logs import Log
from lhwa.telemetry.metrics import INGEST, Metrics

APPLY_TIMES_MAX = 4_096
"""Times that are told together: they have to fit into one message."""

_log = Log("worker")


class Counts(msgspec.Struct):
    """What happened since the last report: numbers and times alone, never a firm."""

    apply_s: list[float] = msgspec.field(default_factory=list)
    """Seconds from the receipt of each request to the commit of all its effects."""
    jobs: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    """By kind and outcome; applied elements are of the kind `ingest`."""
    dead_letters: dict[str, int] = msgspec.field(default_factory=dict)
    db_busy: int = 0

    def add_job(self, kind: str, outcome: str, number: int) -> None:
        """Count jobs that ended."""
        outcomes = self.jobs.setdefault(kind, {})
        outcomes[outcome] = outcomes.get(outcome, 0) + number

    def add_dead_letters(self, kind: str, number: int) -> None:
        """Count what was put aside."""
        self.dead_letters[kind] = self.dead_letters.get(kind, 0) + number


def add_to(metrics: Metrics, counts: Counts) -> None:
    """Add what a worker counted to the metrics of the daemon."""
    for seconds in counts.apply_s:
        metrics.webhook_apply_duration.observe(seconds)
    for kind, outcomes in counts.jobs.items():
        for outcome, number in outcomes.items():
            metrics.jobs.labels(kind, outcome).inc(number)
    for kind, number in counts.dead_letters.items():
        metrics.dead_letters.labels(kind).inc(number)
    metrics.db_busy.inc(counts.db_busy)


class WorkerWatch(Observer):
    """Counts and tells; sees ids and numbers, never content.

    Args:
        on_count: called whenever something was counted.
    """

    def __init__(self, on_count: Callable[[], None] = lambda: None) -> None:
        self._counts = Counts()
        self._on_count = on_count

    @property
    def has_counted(self) -> bool:
        """True while there is something to tell."""
        return self._counts != Counts()

    def taken(self) -> Counts:
        """What was counted since this was asked the last time; times beyond APPLY_TIMES_MAX stay for the next."""
        counts, self._counts = self._counts, Counts()
        self._counts.apply_s, counts.apply_s = counts.apply_s[APPLY_TIMES_MAX:], counts.apply_s[:APPLY_TIMES_MAX]
        return counts

    def put_back(self, counts: Counts) -> None:
        """What was taken could not be told: it counts together with what comes."""
        newer, self._counts = self._counts, counts
        counts.apply_s += newer.apply_s
        for kind, outcomes in newer.jobs.items():
            for outcome, number in outcomes.items():
                counts.add_job(kind, outcome, number)
        for kind, number in newer.dead_letters.items():
            counts.add_dead_letters(kind, number)
        counts.db_busy += newer.db_busy

    def recovered(self, tenant: TenantId, *, requests: int) -> None:
        """Say that an older copy of a firm's file is brought up to date from the spool."""
        _log.warning("older_file_caught_up", tenant=tenant, requests=requests, hint="See `lhwa audit log`.")

    def drained(self, tenant: TenantId, batch: Drained, *, now: Instant) -> None:
        """Count a batch; say what went to the dead letters."""
        now_ms = to_ms(now)
        self._counts.apply_s += [max(now_ms - received_at_ms, 0) / 1000 for received_at_ms in batch.received_at_ms]
        for outcome, number in batch.outcomes.items():
            self._counts.add_job(INGEST, outcome, number)
        buried = batch.outcomes.get("buried", 0)
        if buried:
            self._counts.add_dead_letters("element", buried)
            _log.warning("elements_buried", tenant=tenant, count=buried, hint="See `lhwa deadletters list`.")
        if batch.outcomes.get("postponed", 0):
            _log.warning(
                "elements_postponed", tenant=tenant, count=batch.outcomes["postponed"], hint="See `lhwa audit log`."
            )
        for event_id, reason in batch.unreadable.items():
            self._counts.add_dead_letters("request", 1)
            _log.error("request_unreadable", tenant=tenant, event_id=event_id, reason=reason)
        self._on_count()

    def job_done(self, tenant: TenantId, job: Job, *, outcome: str) -> None:
        """Count a job; say when it failed."""
        self._counts.add_job(job.kind.value, outcome, 1)
        if outcome == "buried":
            self._counts.add_dead_letters("job", 1)
        if outcome != "ok":
            _log.warning("job_failed", tenant=tenant, kind=job.kind.value, tries=job.tries, outcome=outcome)
        self._on_count()

    def job_broke(self, tenant: TenantId, job: Job, error: Exception) -> None:
        """Say why a try failed."""
        _log.error("job_broke", error, tenant=tenant, kind=job.kind.value, tries=job.tries)

    def trouble(self, tenant: TenantId, error: Exception, *, now: Instant, retry_at: Instant) -> None:
        """Say that a firm's file cannot be used until then."""
        if isinstance(error, UnavailableError):
            self._counts.db_busy += 1
            self._on_count()
        _log.error("firm_in_trouble", error, tenant=tenant, retry_after_s=max((retry_at - now).total_seconds(), 0.0))
