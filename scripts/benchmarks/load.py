"""The load generator, seen from a benchmark: what to send, and what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from scripts.benchmarks import children
from scripts.benchmarks.webhooks import Traffic

RATE_MAX = 60_000
"""No server on two cores answers more: so many requests a second are prepared for a run without a fixed rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run of the load generator.

    Args:
        rate: requests per second at fixed times; 0: each connection as fast as it is answered.
        warm_up_s: the first seconds are sent and checked, but not in the figures.
        first: the number of the first request, so that runs with the same tag go on from each other.
    """

    traffic: Traffic
    port: int
    connections: int
    duration_s: float
    warm_up_s: float = 1.0
    rate: float = 0.0
    first: int = 0
    requests_max: int = 0

    @property
    def requests(self) -> int:
        """How many are prepared."""
        whole_s = self.duration_s + self.warm_up_s
        return self.requests_max or int(whole_s * (self.rate or RATE_MAX))


@dataclass(slots=True)
class Outcome:
    """What one run did. Times are of the clock that never runs backwards, in nanoseconds, by number of the request."""

    plan: Plan
    due_ns: array[int]
    answered_ns: array[int]
    statuses: dict[str, int]
    lost: int
    start_ns: int
    wall_ns: int
    """Add it to a time for nanoseconds since 1970."""
    elapsed_s: float
    client_cpu_s: float
    server_cpu_s: dict[str, float] = field(default_factory=dict)

    def accepted(self) -> list[int]:
        """The numbers of the requests that were answered 200."""
        return [self.plan.first + index for index, at in enumerate(self.answered_ns) if at]

    def latencies_ms(self) -> list[float]:
        """Of the accepted requests after the warm-up, sorted."""
        from_ns = self.start_ns + self.plan.warm_up_s * 1e9
        pairs = zip(self.due_ns, self.answered_ns, strict=True)
        return sorted((answered - due) / 1e6 for due, answered in pairs if answered and due >= from_ns)

    def figures(self) -> dict[str, float]:
        """Requests per second, percentiles, and the CPU that each request cost."""
        from_ns, latencies = self.start_ns + int(self.plan.warm_up_s * 1e9), self.latencies_ms()
        times = [at for at in self.answered_ns if at >= from_ns]
        accepted = sum(1 for at in self.answered_ns if at)
        return {
            "req_s": len(times) / ((max(times) - from_ns) / 1e9) if times else 0.0,
            "p50_ms": percentile(latencies, 50),
            "p99_ms": percentile(latencies, 99),
            "p999_ms": percentile(latencies, 99.9),
            "max_ms": latencies[-1] if latencies else 0.0,
            "accepted": accepted,
            "refused": sum(self.statuses.values()),
            "lost": self.lost,
            "client_cpu_share": self.client_cpu_s / self.elapsed_s,
            "client_us": self.client_cpu_s / max(accepted, 1) * 1e6,
            **{f"{name}_us": spent / max(accepted, 1) * 1e6 for name, spent in self.server_cpu_s.items()},
        }


def percentile(ordered: list[float], percent: float) -> float:
    """The value below which so many percent lie; 0 of nothing."""
    if not ordered:
        return 0.0
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


@contextmanager
def prepared(plan: Plan) -> Iterator[Callable[[], Outcome]]:
    """A load generator with its requests built; call it to run it."""
    with tempfile.TemporaryDirectory(prefix="lhwa-bench-load-") as folder:
        times = Path(folder) / "times"
        argv = [sys.executable, "-m", "scripts.benchmarks.client"]
        child = children.start(argv, cwd=children.ROOT, log=sys.stderr.buffer, env=children.python_env(), talks=True)
        try:
            told = {**asdict(plan), "requests": plan.requests, "times": str(times)}
            _say(child, json.dumps(told))
            _heard(child)
            yield lambda: _run(child, plan, times)
        finally:
            children.stop(child, wait_s=2.0)


def run_load(plan: Plan, *, pids: dict[str, int] | None = None) -> Outcome:
    """Build the requests, run them, and measure what the servers with these ids spent meanwhile."""
    with prepared(plan) as run:
        before = {name: children.cpu_s(pid) for name, pid in (pids or {}).items()}
        outcome = run()
        outcome.server_cpu_s = {name: children.cpu_s(pid) - before[name] for name, pid in (pids or {}).items()}
    return outcome


def _run(child: subprocess.Popen[bytes], plan: Plan, times: Path) -> Outcome:
    _say(child, "go")
    told = _heard(child)
    due_ns, answered_ns = array("q"), array("q")
    with times.open("rb") as file:
        due_ns.fromfile(file, told["sent"])
        answered_ns.fromfile(file, told["sent"])
    return Outcome(
        plan=plan,
        due_ns=due_ns,
        answered_ns=answered_ns,
        statuses=told["statuses"],
        lost=told["lost"],
        start_ns=told["start_ns"],
        wall_ns=told["wall_ns"],
        elapsed_s=told["elapsed_s"],
        client_cpu_s=told["cpu_s"],
    )


def _say(child: subprocess.Popen[bytes], line: str) -> None:
    assert child.stdin is not None
    child.stdin.write(line.encode() + b"\n")
    child.stdin.flush()


def _heard(child: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        raise RuntimeError("The load generator ended before its time.")
    return cast("dict[str, Any]", json.loads(line))
