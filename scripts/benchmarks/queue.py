"""`queue`: how fast a full spool is applied to the firms' files, alone or beside the peer's worker."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from lhwa.store.spool_rows import SpoolReader
from scripts.benchmarks import children, peer
from scripts.benchmarks.daemon import BenchHome, Daemon, make_home
from scripts.benchmarks.firm_files import messages_in
from scripts.benchmarks.load import Plan, run_load
from scripts.benchmarks.options import Bench, measured, numbers, parser
from scripts.benchmarks.report import Cell, spread
from scripts.benchmarks.webhooks import Traffic

JOBS = 50_000
JOBS_QUICK = 5_000
PAIRS = 3
LOOK_S = 0.1
WAIT_S_MAX = 900.0
FILL_CONNECTIONS = 64
ABOUT = """Webhooks are stored through the real gateway while the firms are suspended; then the daemon starts anew
with the firms resumed, and the clock runs from the first look that finds something applied to the one that finds all
applied. Each is counted in the firms' files afterwards."""


def run(arguments: list[str]) -> int:
    """Measure; 1 when something was not applied exactly once."""
    options = parser("queue", ABOUT)
    options.add_argument("--jobs", type=int, default=None, help=f"stored beforehand (default: {JOBS:,})")
    options.add_argument("--firms", type=numbers, default=[1, 50], help="such as 1,50 (the default)")
    options.add_argument("--peer", action="store_true", help="the same jobs through BullMQ, A B A B")
    options.add_argument("--pairs", type=int, default=None, help=f"of runs beside the peer (default: {PAIRS})")
    options.add_argument("--fsync", choices=["always", "everysec"], default="always", help="of the peer's Redis")
    options.add_argument("--no-rows", action="store_true", help="the peer's worker leaves out the database")
    asked = options.parse_args(arguments)
    asked.jobs = asked.jobs or (JOBS_QUICK if asked.quick else JOBS)
    asked.pairs = (asked.pairs or (2 if asked.quick else PAIRS)) if asked.peer else 1
    return measured("queue", asked, arguments, _measure)


def _measure(bench: Bench) -> int:
    asked, sound = bench.asked, True
    database = peer.install() and not asked.no_rows if asked.peer else False
    table: list[dict[str, Cell]] = []
    ratios: list[dict[str, Cell]] = []
    for firms in asked.firms:
        ours: list[float] = []
        theirs: list[float] = []
        for pair in range(asked.pairs):
            traffic = Traffic(tag=f"Q{pair}", firms=firms, seed=asked.seed)
            row, right = _ours(bench, traffic)
            table.append(row)
            ours.append(float(row["jobs/s"] or 0))
            sound = sound and right
            if asked.peer:
                row, right = _theirs(bench, traffic, database=database)
                table.append(row)
                theirs.append(float(row["jobs/s"] or 0))
                sound = sound and right
            bench.report.say(
                f"{firms} firms, {pair}: {ours[-1]:,.0f} jobs/s" + (f"; peer {theirs[-1]:,.0f}" if theirs else "")
            )
        if theirs:
            ratio = spread([mine / other for mine, other in zip(ours, theirs, strict=True)])
            medians = {"jobs/s": round(statistics.median(ours)), "peer jobs/s": round(statistics.median(theirs))}
            ratios.append({"firms": firms, **medians, "ratio": ratio})
    bench.report.table("queue: every run", table)
    if asked.peer:
        work = (
            "parse, normalise, 3 inserts" if database else "parse and normalise WITHOUT database work, to its advantage"
        )
        bench.report.note(f"The peer's worker: concurrency {peer.CONCURRENCY}, {work}; appendfsync {asked.fsync}.")
        bench.report.table("queue: lhwa / peer, median (range) of pairs", ratios)
    return 0 if sound else 1


def _ours(bench: Bench, traffic: Traffic) -> tuple[dict[str, Cell], bool]:
    home = make_home(bench.work / f"lhwa-{traffic.firms}-{traffic.tag}", firms=traffic.firms)
    jobs = fill(home, traffic, bench.asked.jobs)
    home.resume()
    with Daemon(home) as daemon:
        reader = SpoolReader.open(home.home.spool_db)
        try:
            took_s, counted = drained_in(lambda: reader.counts().by_state.get("done", 0), jobs)
        finally:
            reader.close()
        cpu_s = children.cpu_s(daemon.pid)
    applied = messages_in(home)
    row: dict[str, Cell] = {
        "server": "lhwa",
        "firms": traffic.firms,
        "jobs": jobs,
        "jobs/s": round(counted / took_s),
        "CPU us/job": cpu_s / jobs * 1e6,
        "applied": applied,
    }
    return row, applied == jobs


def fill(home: BenchHome, traffic: Traffic, jobs: int) -> int:
    """Store requests through the gateway while nobody applies them; returns how many were accepted."""
    home.suspend()
    with Daemon(home) as daemon:
        outcome = run_load(_fill_plan(traffic, daemon.port, jobs))
    return len(outcome.accepted())


def _fill_plan(traffic: Traffic, port: int, jobs: int) -> Plan:
    return Plan(
        traffic=traffic, port=port, connections=FILL_CONNECTIONS, duration_s=WAIT_S_MAX, warm_up_s=0, requests_max=jobs
    )


def drained_in(done: Callable[[], int], total: int) -> tuple[float, int]:
    """Seconds from the first look that finds something done to the one that finds all done, and how many that were."""
    began_s = time.perf_counter()
    while not (first := done()):
        _refuse_endless(began_s)
        time.sleep(LOOK_S / 10)
    first_s = time.perf_counter()
    while (now := done()) < total:
        _refuse_endless(began_s)
        time.sleep(LOOK_S)
    return max(time.perf_counter() - first_s, 1e-6), now - first


def _refuse_endless(began_s: float) -> None:
    if time.perf_counter() - began_s > WAIT_S_MAX:
        raise RuntimeError(f"Not done after {WAIT_S_MAX:.0f} s.")


def _theirs(bench: Bench, traffic: Traffic, *, database: bool) -> tuple[dict[str, Cell], bool]:
    folder = bench.work / f"peer-{traffic.firms}-{traffic.tag}"
    with peer.Peer(folder, firms=traffic.firms, fsync=bench.asked.fsync, database=database) as running:
        outcome = run_load(replace(_fill_plan(traffic, running.port, bench.asked.jobs), port=running.port))
        running.stop_server()
        jobs = len(outcome.accepted())
        before_s = children.cpu_s(running.redis.pid)
        running.start_worker()
        took_s, counted = drained_in(running.completed, jobs)
        cpu_s = children.cpu_s(running.redis.pid) - before_s + children.cpu_s(running.pids["worker"])
        done, failed = running.completed(), running.failed()
    row: dict[str, Cell] = {
        "server": "peer",
        "firms": traffic.firms,
        "jobs": jobs,
        "jobs/s": round(counted / took_s),
        "CPU us/job": cpu_s / jobs * 1e6,
        "applied": done,
    }
    return row, done == jobs and not failed
