"""What the worker did becomes counts and log lines."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from lhwa.bus.drain import Drained
from lhwa.daemon.watching import WorkerWatch
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import to_ms
from lhwa.errors import StorageError
from lhwa.telemetry.metrics import Metrics
from lhwa.testing.fakes import NOON

FIRM = TenantId("firma")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="0", sqlite="0")


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def _lines(said: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_a_batch_is_counted_by_outcome(metrics: Metrics, said: io.StringIO) -> None:
    batch = Drained(requests=2, outcomes=Counter(applied=3, duplicate=1), received_at_ms=[to_ms(NOON) - 250])
    WorkerWatch(metrics).drained(FIRM, batch, now=NOON)
    assert _value(metrics, "lhwa_jobs_total", kind="ingest", outcome="applied") == 3
    assert _value(metrics, "lhwa_jobs_total", kind="ingest", outcome="duplicate") == 1
    assert _value(metrics, "lhwa_webhook_apply_duration_seconds_sum") == 0.25
    assert _lines(said) == []


def test_a_clock_that_went_back_makes_no_negative_time(metrics: Metrics) -> None:
    WorkerWatch(metrics).drained(FIRM, Drained(received_at_ms=[to_ms(NOON) + 5_000]), now=NOON)
    assert _value(metrics, "lhwa_webhook_apply_duration_seconds_sum") == 0


def test_what_was_buried_or_postponed_is_said_once_per_batch(metrics: Metrics, said: io.StringIO) -> None:
    WorkerWatch(metrics).drained(FIRM, Drained(outcomes=Counter(buried=7, postponed=2)), now=NOON)
    assert _value(metrics, "lhwa_dead_letters_total", kind="element") == 7
    assert [(line["event"], line["count"]) for line in _lines(said)] == [
        ("elements_buried", 7),
        ("elements_postponed", 2),
    ]


def test_a_request_that_does_not_open_is_named_with_its_reason(metrics: Metrics, said: io.StringIO) -> None:
    event = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
    WorkerWatch(metrics).drained(FIRM, Drained(unreadable={event: "seal"}), now=NOON)
    [line] = _lines(said)
    assert (line["level"], line["event_id"], line["reason"]) == ("error", event, "seal")
    assert _value(metrics, "lhwa_dead_letters_total", kind="request") == 1


def test_a_firm_in_trouble_is_said_with_when_it_is_tried_again(metrics: Metrics, said: io.StringIO) -> None:
    error = StorageError("tenant.db: the disk is full.")
    WorkerWatch(metrics).trouble(FIRM, error, now=NOON, retry_at=NOON + timedelta(seconds=4))
    [line] = _lines(said)
    assert (line["tenant"], line["retry_after_s"], line["message"]) == ("firma", 4.0, "tenant.db: the disk is full.")
    assert _value(metrics, "lhwa_db_busy_total") == 1
