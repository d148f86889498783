"""Counters and times for the hot path: plain numbers that become metrics when somebody looks.

A counter of the metrics library takes a lock and several calls for each step. What only the event loop counts needs
neither. Invariant: one thread counts; any thread may look.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry


class Count:
    """How often something happened."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0

    def inc(self, times: int = 1) -> None:
        """Once more, or several times."""
        self.number += times


class Counts(Collector):
    """A counter with one label, whose values are known from the start."""

    def __init__(self, name: str, what: str, label: str, values: Sequence[str], *, registry: CollectorRegistry) -> None:
        self._name, self._what, self._label = name, what, label
        self._counts = {value: Count() for value in values}
        registry.register(self)

    def labels(self, value: str) -> Count:
        """The count of one value. Raises: KeyError for one that is not known."""
        return self._counts[value]

    def collect(self) -> Iterator[CounterMetricFamily]:
        """All values, those that never happened too."""
        family = CounterMetricFamily(self._name, self._what, labels=[self._label])
        for value, count in self._counts.items():
            family.add_metric([value], count.number)
        yield family


class Durations(Collector):
    """A histogram of seconds.

    Args:
        bounds: upper bounds of the buckets, in order; beyond the last there is one more.
    """

    def __init__(self, name: str, what: str, bounds: Sequence[float], *, registry: CollectorRegistry) -> None:
        self._name, self._what = name, what
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum_s = 0.0
        registry.register(self)

    def observe(self, seconds: float, times: int = 1) -> None:
        """One more, or several that took as long."""
        self._counts[bisect_left(self._bounds, seconds)] += times
        self._sum_s += seconds * times

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """The buckets, each with all that are below it."""
        names = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        buckets = list(zip(names, map(float, accumulate(self._counts)), strict=True))
        yield HistogramMetricFamily(self._name, self._what, buckets=buckets, sum_value=self._sum_s)
