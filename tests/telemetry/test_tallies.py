"""What is counted the cheap way reads like any metric."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from lhwa.telemetry.metrics import Metrics
from lhwa.telemetry.tallies import Counts, Durations

Metrics(version="0", sqlite="0")  # turns the library's start times off, for this process

BOUNDS = (0.001, 0.01, 0.5, 1, 10)


def page(registry: CollectorRegistry) -> str:
    return generate_latest(registry).decode()


@given(seconds=st.lists(st.sampled_from([0.0, 0.001, 0.0011, 0.5, 3.0, 10.0, 11.0]), max_size=9))
def test_times_are_shown_as_the_library_shows_them(seconds: list[float]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    cheap = Durations("sample_seconds", "A sample.", BOUNDS, registry=ours)
    usual = Histogram("sample_seconds", "A sample.", buckets=BOUNDS, registry=theirs)
    for each in seconds:
        cheap.observe(each)
        usual.observe(each)
    assert page(ours) == page(theirs)


@given(happened=st.lists(st.sampled_from(["ok", "dup"]), max_size=9))
def test_counts_are_shown_as_the_library_shows_them(happened: list[str]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    cheap = Counts("sample", "A sample.", "result", ("ok", "dup", "never"), registry=ours)
    usual = Counter("sample", "A sample.", ["result"], registry=theirs)
    for value in ("ok", "dup", "never"):
        usual.labels(value)
    for value in happened:
        cheap.labels(value).inc()
        usual.labels(value).inc()
    assert page(ours) == page(theirs)
