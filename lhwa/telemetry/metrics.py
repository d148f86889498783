"""Metrics: everything that `/metrics` shows, in a registry of its own.

Invariants: no label has values from outside; a firm is never a label, because thousands of firms times every metric
is more than a small Prometheus carries, and because the list of firms is nobody's business.
Source: Prometheus naming: base units, `_total` for counters, `_info` for facts.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from lhwa.domain.jobs import JobKind
from lhwa.telemetry.logs import lines_lost
from lhwa.telemetry.tallies import Counts, Durations

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

WEBHOOK_RESULTS = (
    "ok",  # stored for a firm
    "dup",  # seen before
    "unrouted",  # stored; a part of it belongs to no firm yet
    "ignored",  # stored; not about a WhatsApp account, or empty
    "dead",  # stored; not understood as a whole
    "no_signature",  # 401
    "bad_signature",  # 403
    "too_large",  # 413
    "encoded",  # 415
    "timeout",  # 408
    "rate_limited",  # 429
    "malformed",  # 400 and 431: not proper HTTP
    "disconnected",  # the client left before its request was complete
    "error",  # 503: could not be stored
)
"""Every result of a POST to the webhook; each is shown from the start, so that a rate over it is never empty."""
HANDSHAKE_RESULTS = ("ok", "refused", "rate_limited")
SECRET_LABELS = ("current", "previous")
INGEST = "ingest"
"""The kind under which applied elements are counted among the jobs."""
INGEST_OUTCOMES = ("applied", "duplicate", "buried", "postponed")
JOB_OUTCOMES = ("ok", "failed", "buried")
DEAD_LETTER_KINDS = (
    "element",  # one message, status or event of a request
    "request",  # a whole request
    "job",  # work that failed at every try
)

_ACK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10)
_FSYNC = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1)
_APPLY = (0.001, 0.0025, 0.005, 0.01, 0.03, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600)


class _LogLines(Collector):
    """What the log door counts itself, because it must work before and without metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One sample."""
        yield CounterMetricFamily(
            "lhwa_log_lines_lost",
            "Log lines that could not be written: disk full, reader gone.",
            value=lines_lost() + self._metrics.worker_lines_lost,
        )


class Metrics:
    """The metrics of a daemon: of its own process, and what the worker process reports."""

    def __init__(self, *, version: str, sqlite: str) -> None:
        # Start times of counters: twice the lines for a thing that nobody asks here.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus-client leaves it untyped
        self.registry = CollectorRegistry()
        self._webhook()
        self._queues()
        self._files()
        self.worker_lines_lost = 0
        """What the log door of the worker process counted."""
        self.registry.register(_LogLines(self))
        build = Info("lhwa_build", "The running program.", registry=self.registry)
        build.info({"version": version, "sqlite": sqlite})

    def _webhook(self) -> None:
        registry = self.registry
        self.webhook_requests = Counts(
            "lhwa_webhook_requests", "POSTs to the webhook by result.", "result", WEBHOOK_RESULTS, registry=registry
        )
        self.webhook_handshakes = Counts(
            "lhwa_webhook_handshakes", "GETs to the webhook by result.", "result", HANDSHAKE_RESULTS, registry=registry
        )
        self.webhook_secret_matched = Counts(
            "lhwa_webhook_secret_matched",
            "Which app secret signed; `previous` should fall silent before its end date.",
            "label",
            SECRET_LABELS,
            registry=registry,
        )
        self.webhook_ack_duration = Durations(
            "lhwa_webhook_ack_duration_seconds", "Request head read to 200 sent.", _ACK, registry=registry
        )
        self.webhook_apply_duration = Histogram(
            "lhwa_webhook_apply_duration_seconds",
            "Request received to all its effects committed in the firm's file.",
            buckets=_APPLY,
            registry=registry,
        )
        self.connections = Gauge("lhwa_http_connections", "Open connections.", ["listener"], registry=registry)

    def _queues(self) -> None:
        registry = self.registry
        self.queue_depth = Gauge("lhwa_queue_depth", "Items in a queue.", ["queue", "state"], registry=registry)
        self.queue_oldest_age = Gauge(
            "lhwa_queue_oldest_age_seconds", "Age of the oldest item that waits.", ["queue"], registry=registry
        )
        self.jobs = Counter("lhwa_jobs", "Jobs that ended.", ["kind", "outcome"], registry=registry)
        self.dead_letters = Counter("lhwa_dead_letters", "Items put aside.", ["kind"], registry=registry)
        # An alert on a counter that is not there yet never fires: each is shown from the start.
        for outcome in INGEST_OUTCOMES:
            self.jobs.labels(INGEST, outcome)
        for kind in JobKind:
            for outcome in JOB_OUTCOMES:
                self.jobs.labels(kind.value, outcome)
        for put_aside in DEAD_LETTER_KINDS:
            self.dead_letters.labels(put_aside)

    def _files(self) -> None:
        registry = self.registry
        self.fsync_duration = Histogram(
            "lhwa_fsync_duration_seconds", "Commit of a group of webhook requests.", buckets=_FSYNC, registry=registry
        )
        self.db_busy = Counter("lhwa_db_busy", "Times a file was busy.", registry=registry)
        self.open_databases = Gauge("lhwa_open_databases", "Firms whose files are open.", registry=registry)
        self.disk_free = Gauge("lhwa_disk_free_bytes", "Free space where the home is.", registry=registry)

    def render(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self.registry)
