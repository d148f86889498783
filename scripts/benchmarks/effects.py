"""`effects`: from the 200 to the rows in the firm's file, at fixed rates, alone or beside the peer's worker."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lhwa.domain.ids import TenantId
from scripts.benchmarks import kept, peer
from scripts.benchmarks.daemon import BenchHome, Daemon, make_home
from scripts.benchmarks.firm_files import Onlooker, messages_in
from scripts.benchmarks.load import Outcome, Plan, percentile, run_load
from scripts.benchmarks.metrics import APPLIED, buckets, quantile_ms
from scripts.benchmarks.options import Bench, measured, numbers, parser
from scripts.benchmarks.report import Cell
from scripts.benchmarks.webhooks import Traffic, index_of, owner_of, tenant_of

CONNECTIONS = 64
WATCHED_MAX = 5
LOOK_S = 0.0005
SETTLE_S = 30.0
ABOUT = f"""At a fixed rate, how long after its 200 the effects of a request are committed. Another process looks into
the files of up to {WATCHED_MAX} firms every half millisecond and notes when each message is there; the daemon's own
histogram (received to committed, all firms) stands beside it."""


def run(arguments: list[str]) -> int:
    """Measure; 1 when an effect is missing at the end."""
    options = parser("effects", ABOUT)
    options.add_argument("--rates", type=numbers, default=[100, 500, 1_000], help="per second (default: 100,500,1000)")
    options.add_argument("--firms", type=numbers, default=[1, 50], help="such as 1,50 (the default)")
    options.add_argument("--seconds", type=float, default=None, help="of each run after 2 s of warm-up (default: 10)")
    options.add_argument("--peer", action="store_true", help="the same load on BullMQ with its worker")
    options.add_argument("--fsync", choices=["always", "everysec"], default="always", help="of the peer's Redis")
    asked = options.parse_args(arguments)
    asked.seconds = asked.seconds or (3.0 if asked.quick else 10.0)
    return measured("effects", asked, arguments, _measure)


def _measure(bench: Bench) -> int:
    asked, sound = bench.asked, True
    database = peer.install() if asked.peer else False
    table: list[dict[str, Cell]] = []
    for firms, rate in itertools.product(asked.firms, asked.rates):
        traffic = Traffic(tag="E0", firms=firms, seed=asked.seed)
        plan = Plan(
            traffic=traffic, port=0, connections=CONNECTIONS, duration_s=asked.seconds, warm_up_s=2.0, rate=rate
        )
        row, right = _ours(bench, plan)
        table.append(row)
        sound = sound and right
        if asked.peer:
            table.append(_theirs(bench, plan, database=database))
        bench.report.say(f"{firms} firms at {rate}/s: p50 {row['p50 ms']:.1f}, p99 {row['p99 ms']:.1f} ms")
    bench.report.table("effects: 200 to committed, seen from another process", table)
    return 0 if sound else 1


def _ours(bench: Bench, plan: Plan) -> tuple[dict[str, Cell], bool]:
    home = make_home(bench.work / f"lhwa-{plan.traffic.firms}-{plan.rate:.0f}", firms=plan.traffic.firms)
    with Daemon(home) as daemon:
        before = buckets(daemon.metrics(), APPLIED)
        live = watched_run(home, daemon, plan)
        after = buckets(daemon.metrics(), APPLIED)
    held, there = len(live.outcome.accepted()), messages_in(home)
    row = _row("lhwa", plan, live.outcome, live.latencies_ms) | {
        "metric p50 ms": quantile_ms(before, after, 0.50),
        "metric p99 ms": quantile_ms(before, after, 0.99),
        "look p99 ms": percentile(live.gaps_ms, 99),
        "in files": f"{there:,} of {held:,}",
    }
    return row, there >= held and not live.unseen


@dataclass(frozen=True, slots=True)
class Live:
    """What a run at a fixed rate showed. Latencies are from the 200 at the client to visible in the firm's file."""

    outcome: Outcome
    latencies_ms: list[float]
    gaps_ms: list[float]
    unseen: int
    """Requests of watched firms that were accepted and never seen."""


def watched_run(home: BenchHome, daemon: Daemon, plan: Plan) -> Live:
    """Run a load while looking into the files of some of its firms, until all that was accepted is there."""
    watched = [TenantId(tenant_of(firm)) for firm in range(min(plan.traffic.firms, WATCHED_MAX))]
    eye = Onlooker()
    eye.begin(home, watched)
    try:
        outcome = while_running(lambda: run_load(_at(plan, daemon.port), pids={"server": daemon.pid}), eye.look)
        until_s = time.monotonic() + SETTLE_S
        while daemon.readiness().get("waitingRequests") and time.monotonic() < until_s:
            eye.look()
        eye.look()
    finally:
        eye.end()
    return _matched(home, plan, outcome, eye, {str(tenant) for tenant in watched})


def _at(plan: Plan, port: int) -> Plan:
    return replace(plan, port=port)


def while_running(work: Callable[[], Outcome], look: Callable[[], None]) -> Outcome:
    """Do the work on a thread of its own and look again and again meanwhile."""
    outcome: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcome.append(work()), daemon=True)
    thread.start()
    while thread.is_alive():
        look()
        time.sleep(LOOK_S)
    if not outcome:
        raise RuntimeError("The load generator failed; see above.")
    return outcome[0]


def _matched(home: BenchHome, plan: Plan, outcome: Outcome, eye: Onlooker, watched: set[str]) -> Live:
    event_of = {index_of(wamid): event for event, wamid in kept.wamids(home) if plan.traffic.tag in wamid}
    from_ns = outcome.start_ns + plan.warm_up_s * 1e9
    latencies, unseen = [], 0
    for place, answered_ns in enumerate(outcome.answered_ns):
        index = plan.first + place
        if not answered_ns or tenant_of(owner_of(plan.traffic, index)) not in watched:
            continue
        seen_ns = eye.seen_ns.get(event_of.get(index, ""))
        if seen_ns is None:
            unseen += 1
        elif outcome.due_ns[place] >= from_ns:
            latencies.append(max(seen_ns - answered_ns, 0) / 1e6)
    return Live(outcome, sorted(latencies), sorted(eye.gaps_ms), unseen)


def _theirs(bench: Bench, plan: Plan, *, database: bool) -> dict[str, Cell]:
    folder = bench.work / f"peer-{plan.traffic.firms}-{plan.rate:.0f}"
    with peer.Peer(folder, firms=plan.traffic.firms, fsync=bench.asked.fsync, database=database) as running:
        running.start_worker(latencies=True)
        outcome = run_load(_at(plan, running.port), pids=running.pids)
        held, until_s = len(outcome.accepted()), time.monotonic() + SETTLE_S
        while running.completed() < held and time.monotonic() < until_s:
            time.sleep(0.05)
        done = running.completed()
        latencies = running.stop_worker()
    after_warm_up = sorted(latencies[int(plan.rate * plan.warm_up_s) :])
    return _row("peer", plan, outcome, after_warm_up) | {
        "metric p50 ms": None,
        "metric p99 ms": None,
        "look p99 ms": 1.0,
        "in files": f"{done:,} of {held:,}",
    }


def _row(who: str, plan: Plan, outcome: Outcome, latencies: list[float]) -> dict[str, Cell]:
    figures = outcome.figures()
    return {
        "server": who,
        "firms": plan.traffic.firms,
        "req/s": round(plan.rate),
        "got req/s": round(figures["req_s"]),
        "refused": int(figures["refused"]),
        "lost": int(figures["lost"]),
        "ack p50 ms": figures["p50_ms"],
        "ack p99 ms": figures["p99_ms"],
        "p50 ms": percentile(latencies, 50),
        "p99 ms": percentile(latencies, 99),
        "max ms": latencies[-1] if latencies else 0.0,
        "samples": len(latencies),
    }
