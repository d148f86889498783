"""What the worker did becomes counts and log lines."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from lhwa.bus.drain import Drained
from lhwa.daemon.watching import APPLY_TIMES_MAX, Counts, WorkerWatch, add_to
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import to_ms
from lhwa.errors import StorageError, UnavailableError
from lhwa.telemetry.metrics import Metrics
from lhwa.testing.fakes import NOON

FIRM = TenantId("firma")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="0", sqlite="0")


@pytest.fixture
def watch() -> WorkerWatch:
    return WorkerWatch()


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def _lines(said: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_a_batch_is_counted_by_outcome(metrics: Metrics, watch: WorkerWatch, said: io.StringIO) -> None:
    batch = Drained(requests=2, outcomes=Counter(applied=3, duplicate=1), received_at_ms=[to_ms(NOON) - 250])
    watch.drained(FIRM, batch, now=NOON)
    add_to(metrics, watch.taken())
    assert _value(metrics, "lhwa_jobs_total", kind="ingest", outcome="applied") == 3
    assert _value(metrics, "lhwa_jobs_total", kind="ingest", outcome="duplicate") == 1
    assert _value(metrics, "lhwa_webhook_apply_duration_seconds_sum") == 0.25
    assert _lines(said) == []


def test_a_clock_that_went_back_makes_no_negative_time(metrics: Metrics, watch: WorkerWatch) -> None:
    watch.drained(FIRM, Drained(received_at_ms=[to_ms(NOON) + 5_000]), now=NOON)
    add_to(metrics, watch.taken())
    assert _value(metrics, "lhwa_webhook_apply_duration_seconds_sum") == 0


def test_what_was_buried_or_postponed_is_said_once_per_batch(
    metrics: Metrics, watch: WorkerWatch, said: io.StringIO
) -> None:
    watch.drained(FIRM, Drained(outcomes=Counter(buried=7, postponed=2)), now=NOON)
    add_to(metrics, watch.taken())
    assert _value(metrics, "lhwa_dead_letters_total", kind="element") == 7
    assert [(line["event"], line["count"]) for line in _lines(said)] == [
        ("elements_buried", 7),
        ("elements_postponed", 2),
    ]


def test_a_request_that_does_not_open_is_named_with_its_reason(
    metrics: Metrics, watch: WorkerWatch, said: io.StringIO
) -> None:
    event = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
    watch.drained(FIRM, Drained(unreadable={event: "seal"}), now=NOON)
    add_to(metrics, watch.taken())
    [line] = _lines(said)
    assert (line["level"], line["event_id"], line["reason"]) == ("error", event, "seal")
    assert _value(metrics, "lhwa_dead_letters_total", kind="request") == 1


def test_a_firm_in_trouble_is_said_with_when_it_is_tried_again(
    metrics: Metrics, watch: WorkerWatch, said: io.StringIO
) -> None:
    error = StorageError("tenant.db: the disk is full.")
    watch.trouble(FIRM, error, now=NOON, retry_at=NOON + timedelta(seconds=4))
    add_to(metrics, watch.taken())
    [line] = _lines(said)
    assert (line["tenant"], line["retry_after_s"], line["message"]) == ("firma", 4.0, "tenant.db: the disk is full.")
    assert _value(metrics, "lhwa_db_busy_total") == 1


def test_what_was_told_is_not_told_again(watch: WorkerWatch) -> None:
    watch.drained(FIRM, Drained(outcomes=Counter(applied=1)), now=NOON)
    before = watch.has_counted
    assert watch.taken().jobs == {"ingest": {"applied": 1}}
    assert (before, watch.has_counted) == (True, False)
    assert watch.taken() == Counts()


def test_what_could_not_be_told_counts_together_with_what_came_since(watch: WorkerWatch) -> None:
    early = to_ms(NOON) - 1_000
    batch = Drained(outcomes=Counter(applied=2, buried=1), received_at_ms=[early], unreadable={"event": "seal"})
    watch.drained(FIRM, batch, now=NOON)
    watch.trouble(FIRM, UnavailableError("tenant.db is busy."), now=NOON, retry_at=NOON)
    untold = watch.taken()
    watch.drained(FIRM, batch, now=NOON)
    watch.put_back(untold)
    assert watch.taken() == Counts(
        apply_s=[1.0, 1.0],
        jobs={"ingest": {"applied": 4, "buried": 2}},
        dead_letters={"element": 2, "request": 2},
        db_busy=1,
    )


def test_very_many_times_are_told_in_several_parts(watch: WorkerWatch) -> None:
    many = [to_ms(NOON)] * (APPLY_TIMES_MAX + 3)
    watch.drained(FIRM, Drained(outcomes=Counter(applied=1), received_at_ms=many), now=NOON)
    first, second = watch.taken(), watch.taken()
    assert (len(first.apply_s), len(second.apply_s)) == (APPLY_TIMES_MAX, 3)
    assert (first.jobs, second.jobs) == ({"ingest": {"applied": 1}}, {})


def test_whoever_waits_for_counts_is_told_that_there_are_some(said: io.StringIO) -> None:
    told: list[int] = []
    WorkerWatch(lambda: told.append(1)).drained(FIRM, Drained(), now=NOON)
    assert told == [1]
