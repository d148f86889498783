"""`growth`: what a request and its effects cost with more and more messages in the files: it should stay flat."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.benchmarks import children
from scripts.benchmarks.daemon import BenchHome, Daemon, make_home
from scripts.benchmarks.effects import watched_run
from scripts.benchmarks.firm_files import messages_in
from scripts.benchmarks.load import Outcome, Plan, percentile, run_load
from scripts.benchmarks.options import Bench, measured, numbers, parser
from scripts.benchmarks.report import Cell
from scripts.benchmarks.webhooks import Traffic

SIZES = [10_000, 100_000, 1_000_000]
SIZES_QUICK = [1_000, 10_000]
CONNECTIONS = 64
FILL_PIECE = 50_000
"""So many requests go in at a time: a load generator holds them all in memory."""
SETTLE_S = 3.0
"""The daemon hears of a suspended firm at the latest after this."""
CONTACTS = 20_000
ABOUT = """One firm whose files grow. They are filled through the gateway and the worker themselves, so every row is
what the product writes. At each size: a fixed rate with the firm suspended (the request alone), the same requests
applied in one go, then the same rate with the worker running."""


def run(arguments: list[str]) -> int:
    """Measure; 1 when a message is missing."""
    options = parser("growth", ABOUT)
    options.add_argument("--sizes", type=numbers, default=None, help="messages (default: 10000,100000,1000000)")
    options.add_argument("--rate", type=int, default=None, help="requests per second (default: 500)")
    options.add_argument("--seconds", type=float, default=None, help="of each phase after 1 s of warm-up (default: 8)")
    asked = options.parse_args(arguments)
    asked.sizes = sorted(asked.sizes or (SIZES_QUICK if asked.quick else SIZES))
    asked.rate = asked.rate or (200 if asked.quick else 500)
    asked.seconds = asked.seconds or (3.0 if asked.quick else 8.0)
    return measured("growth", asked, arguments, _measure)


@dataclass(slots=True)
class _Growing:
    """A home, and how many requests it was sent."""

    home: BenchHome
    daemon: Daemon
    traffic: Traffic
    sent: int = 0

    def fill(self, size: int) -> float:
        """Send until there are so many messages; seconds that it took."""
        began_s = time.perf_counter()
        while self.sent < size:
            self.run(self.plan(requests_max=min(size - self.sent, FILL_PIECE), duration_s=3_600.0, warm_up_s=0.0))
            self.daemon.await_drained()
        return time.perf_counter() - began_s

    def plan(self, *, requests_max: int, duration_s: float, warm_up_s: float = 1.0, rate: float = 0.0) -> Plan:
        """The next requests."""
        return Plan(
            traffic=self.traffic, port=self.daemon.port, connections=CONNECTIONS, duration_s=duration_s,
            warm_up_s=warm_up_s, rate=rate, first=self.sent, requests_max=requests_max,
        )  # fmt: skip

    def run(self, plan: Plan) -> Outcome:
        """Send them."""
        outcome = run_load(plan, pids={"server": self.daemon.pid})
        self.sent += len(outcome.due_ns)
        return outcome


def _measure(bench: Bench) -> int:
    home = make_home(bench.work / "home", firms=1)
    table: list[dict[str, Cell]] = []
    with Daemon(home) as daemon:
        growing = _Growing(home, daemon, Traffic(tag="G0", firms=1, contacts=CONTACTS, seed=bench.asked.seed))
        for size in bench.asked.sizes:
            fill_s = growing.fill(size)
            bench.report.say(f"{size:,} messages: filled in {fill_s:.0f} s")
            table.append(_at_size(bench, growing, size) | {"filled in s": round(fill_s)})
        daemon.await_drained()
        there = messages_in(home)
    bench.report.table("growth: one firm", table)
    bench.report.note(f"{there:,} messages of {growing.sent:,} requests.")
    return 0 if there == growing.sent else 1


def _at_size(bench: Bench, growing: _Growing, size: int) -> dict[str, Cell]:
    asked, daemon = bench.asked, growing.daemon
    count = int(asked.rate * (asked.seconds + 1))
    steady = growing.plan(requests_max=count, duration_s=asked.seconds, rate=asked.rate)
    growing.home.suspend()
    time.sleep(SETTLE_S)
    alone = growing.run(replace(steady, first=growing.sent)).figures()
    before_s, began_s = children.cpu_s(daemon.pid), time.perf_counter()
    growing.home.resume()
    daemon.await_drained()
    apply_us = (children.cpu_s(daemon.pid) - before_s) / count * 1e6
    apply_s = time.perf_counter() - began_s
    live = watched_run(growing.home, daemon, replace(steady, first=growing.sent))
    growing.sent += len(live.outcome.due_ns)
    together = live.outcome.figures()
    return {
        "messages": size,
        "ack us": alone["server_us"],
        "ack p50 ms": alone["p50_ms"],
        "ack p99 ms": alone["p99_ms"],
        "apply us": apply_us,
        "apply s": apply_s,
        "live us": together["server_us"],
        "live ack p99 ms": together["p99_ms"],
        "effect p50 ms": percentile(live.latencies_ms, 50),
        "effect p99 ms": percentile(live.latencies_ms, 99),
        "spool MiB": round(_mib(growing.home.home.spool_db)),
        "tenant MiB": round(_mib(growing.home.home.tenant_db(growing.home.tenants[0]))),
    }


def _mib(path: Path) -> float:
    """A file with its log."""
    return sum(each.stat().st_size for each in (path, path.with_name(path.name + "-wal")) if each.exists()) / 2**20
