"""What the worker did, as metrics and log lines."""

from __future__ import annotations

from lhwa.bus.drain import Drained
from lhwa.bus.observer import Observer
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant, to_ms
from lhwa.domain.jobs import Job
from lhwa.errors import UnavailableError
from lhwa.telemetry.logs import Log
from lhwa.telemetry.metrics import INGEST, Metrics

_log = Log("worker")


class WorkerWatch(Observer):
    """Counts and tells; sees ids and numbers, never content."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def recovered(self, tenant: TenantId, *, requests: int) -> None:
        """Say that an older copy of a firm's file is brought up to date from the spool."""
        _log.warning("older_file_caught_up", tenant=tenant, requests=requests, hint="See `lhwa audit log`.")

    def drained(self, tenant: TenantId, batch: Drained, *, now: Instant) -> None:
        """Count a batch; say what went to the dead letters."""
        now_ms = to_ms(now)
        for received_at_ms in batch.received_at_ms:
            self._metrics.webhook_apply_duration.observe(max(now_ms - received_at_ms, 0) / 1000)
        for outcome, number in batch.outcomes.items():
            self._metrics.jobs.labels(INGEST, outcome).inc(number)
        buried = batch.outcomes.get("buried", 0)
        if buried:
            self._metrics.dead_letters.labels("element").inc(buried)
            _log.warning("elements_buried", tenant=tenant, count=buried, hint="See `lhwa deadletters list`.")
        if batch.outcomes.get("postponed", 0):
            _log.warning(
                "elements_postponed", tenant=tenant, count=batch.outcomes["postponed"], hint="See `lhwa audit log`."
            )
        for event_id, reason in batch.unreadable.items():
            self._metrics.dead_letters.labels("request").inc()
            _log.error("request_unreadable", tenant=tenant, event_id=event_id, reason=reason)

    def job_done(self, tenant: TenantId, job: Job, *, outcome: str) -> None:
        """Count a job; say when it failed."""
        self._metrics.jobs.labels(job.kind.value, outcome).inc()
        if outcome == "buried":
            self._metrics.dead_letters.labels("job").inc()
        if outcome != "ok":
            _log.warning("job_failed", tenant=tenant, kind=job.kind.value, tries=job.tries, outcome=outcome)

    def job_broke(self, tenant: TenantId, job: Job, error: Exception) -> None:
        """Say why a try failed."""
        _log.error("job_broke", error, tenant=tenant, kind=job.kind.value, tries=job.tries)

    def trouble(self, tenant: TenantId, error: Exception, *, now: Instant, retry_at: Instant) -> None:
        """Say that a firm's file cannot be used until then."""
        if isinstance(error, UnavailableError):
            self._metrics.db_busy.inc()
        _log.error("firm_in_trouble", error, tenant=tenant, retry_after_s=max((retry_at - now).total_seconds(), 0.0))
