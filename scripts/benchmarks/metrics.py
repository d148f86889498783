"""Reading histograms from the daemon's `/metrics`."""

from __future__ import annotations

from itertools import pairwise

from prometheus_client.parser import text_string_to_metric_families

APPLIED = "lhwa_webhook_apply_duration_seconds"
"""From received to all effects committed."""


def buckets(page: str, name: str) -> dict[float, float]:
    """The cumulative counts of a histogram by upper bound in seconds."""
    return {
        float(sample.labels["le"]): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == f"{name}_bucket"
    }


def quantile_ms(before: dict[float, float], after: dict[float, float], quantile: float) -> float:
    """A quantile of what came between two pages, in milliseconds, as Prometheus guesses it inside a bucket."""
    bounds = sorted(after)
    counts = [after[bound] - before.get(bound, 0.0) for bound in bounds]
    if not counts or not counts[-1]:
        return 0.0
    wanted = quantile * counts[-1]
    for (low, below), (high, up_to) in pairwise([(0.0, 0.0), *zip(bounds, counts, strict=True)]):
        if up_to >= wanted and up_to > below:
            if high == float("inf"):
                return low * 1e3
            return (low + (high - low) * (wanted - below) / (up_to - below)) * 1e3
    return bounds[-1] * 1e3
