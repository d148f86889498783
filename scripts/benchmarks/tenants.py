"""`tenants`: many firms of which few are busy: memory, file handles, start-up, and what a request costs."""

from __future__ import annotations

import time

from scripts.benchmarks import children
from scripts.benchmarks.daemon import BenchHome, Daemon, make_home
from scripts.benchmarks.firm_files import messages_of
from scripts.benchmarks.load import Plan, run_load
from scripts.benchmarks.options import Bench, measured, numbers, parser
from scripts.benchmarks.report import Cell
from scripts.benchmarks.webhooks import Traffic

FIRMS = [50, 10_000]
FIRMS_QUICK = [50, 500]
ACTIVE = 50
CONNECTIONS = 64
RATE = 500
SETTLE_S = 300.0
SETTLE_S_QUICK = 30.0
AT_REST_CPU = 0.05
"""A daemon that uses less of a CPU than this does nothing but wait."""
ABOUT = f"""A home with so many firms, of which {ACTIVE} get messages at a fixed rate with the worker running, once the
daemon has come to rest after its start. All firms are registered by the same function as `lhwa tenant add`."""


def run(arguments: list[str]) -> int:
    """Measure; 1 when a message is missing."""
    options = parser("tenants", ABOUT)
    options.add_argument("--firms", type=numbers, default=None, help="registered (default: 50,10000)")
    options.add_argument("--active", type=int, default=ACTIVE, help="that get messages (default: %(default)s)")
    options.add_argument("--rate", type=int, default=None, help=f"requests per second (default: {RATE})")
    options.add_argument("--seconds", type=float, default=None, help="of the load after 1 s of warm-up (default: 8)")
    asked = options.parse_args(arguments)
    asked.firms = asked.firms or (FIRMS_QUICK if asked.quick else FIRMS)
    asked.rate = asked.rate or (200 if asked.quick else RATE)
    asked.settle = SETTLE_S_QUICK if asked.quick else SETTLE_S
    asked.seconds = asked.seconds or (3.0 if asked.quick else 8.0)
    return measured("tenants", asked, arguments, _measure)


def _measure(bench: Bench) -> int:
    table: list[dict[str, Cell]] = []
    sound = True
    for firms in bench.asked.firms:
        row, right = _with_firms(bench, firms)
        table.append(row)
        sound = sound and right
    bench.report.table(f"tenants: {bench.asked.active} of them busy", table)
    return 0 if sound else 1


def _with_firms(bench: Bench, firms: int) -> tuple[dict[str, Cell], bool]:
    asked = bench.asked
    active = min(asked.active, firms)
    began_s = time.perf_counter()
    home = make_home(bench.work / f"home-{firms}", firms=firms, founded=False)
    made_s = time.perf_counter() - began_s
    home.found(home.tenants[:active])
    bench.report.say(f"{firms:,} firms registered in {made_s:.0f} s")
    with Daemon(home) as daemon:
        settled_s = _settled(daemon, wait_s=asked.settle)
        rest = _held_by(daemon)
        traffic = Traffic(tag="N0", firms=active, seed=asked.seed)
        plan = Plan(
            traffic=traffic, port=daemon.port, connections=CONNECTIONS, duration_s=asked.seconds, rate=asked.rate
        )
        outcome = run_load(plan, pids={"server": daemon.pid})
        daemon.await_drained()
        busy, figures = _held_by(daemon), outcome.figures()
    there = _messages(home, active)
    row: dict[str, Cell] = {
        "firms": firms,
        "active": active,
        "register ms/firm": made_s / firms * 1e3,
        "start s": daemon.started_in_s,
        "at rest after s": settled_s,
        "rest RSS MiB": rest["rss"] / 1024,
        "rest PSS MiB": rest["pss"] / 1024,
        "rest files": rest["files"],
        "busy RSS MiB": busy["rss"] / 1024,
        "busy PSS MiB": busy["pss"] / 1024,
        "busy files": busy["files"],
        "ack p50 ms": figures["p50_ms"],
        "ack p99 ms": figures["p99_ms"],
        "us/req": figures["server_us"],
        "in files": f"{there:,} of {len(outcome.accepted()):,}",
    }
    return row, there >= len(outcome.accepted())


def _settled(daemon: Daemon, *, wait_s: float) -> float | None:
    """Seconds until the daemon waits for work; None when that took too long to wait for."""
    began_s = time.perf_counter()
    while time.perf_counter() - began_s < wait_s:
        before_s = children.cpu_s(daemon.pid)
        time.sleep(1.0)
        if children.cpu_s(daemon.pid) - before_s < AT_REST_CPU:
            return time.perf_counter() - began_s
    return None


def _held_by(daemon: Daemon) -> dict[str, int]:
    return children.memory_kib(daemon.pid) | {"files": children.open_files(daemon.pid)}


def _messages(home: BenchHome, active: int) -> int:
    return sum(messages_of(home, tenant) for tenant in home.tenants[:active])
