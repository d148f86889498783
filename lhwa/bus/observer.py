"""Watching a worker: what it tells, and the one way in which it tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from lhwa.bus.drain import Drained
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.jobs import Job
from lhwa.telemetry.logs import Log

P = ParamSpec("P")

_log = Log("worker")


class Observer:
    """What others may want to know about a worker's work; does nothing by itself. Called on the event loop.

    What it raises is logged and goes no further: call it through `tell`.
    """

    def recovered(self, tenant: TenantId, *, requests: int) -> None:
        """The firm's file lacked what was applied before, and that many requests are sent through again."""

    def drained(self, tenant: TenantId, batch: Drained, *, now: Instant) -> None:
        """A batch of requests was applied."""

    def job_done(self, tenant: TenantId, job: Job, *, outcome: str) -> None:
        """A job ended: `ok`, `failed` (will be tried again), `buried`."""

    def job_broke(self, tenant: TenantId, job: Job, error: Exception) -> None:
        """A try of a job failed, and this is why; `job_done` follows."""

    def trouble(self, tenant: TenantId, error: Exception, *, now: Instant, retry_at: Instant) -> None:
        """A firm's file cannot be used now."""


def tell(what: Callable[P, None], /, *args: P.args, **kwargs: P.kwargs) -> None:
    """Call an observer: whoever only watches must not be able to stop the work."""
    try:
        what(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 -- as the docstring says
        _log.error("observer_broke", error)
