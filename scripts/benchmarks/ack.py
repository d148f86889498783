"""`ack`: signed webhooks in, 200 out, at several numbers of connections and firms, alone or beside the peer."""

from __future__ import annotations

import itertools
import statistics
import threading
from collections.abc import Callable
from dataclasses import replace

from scripts.benchmarks import kept, peer
from scripts.benchmarks.daemon import Daemon, make_home
from scripts.benchmarks.load import RATE_MAX, Outcome, Plan, prepared, run_load
from scripts.benchmarks.options import Bench, measured, numbers, parser
from scripts.benchmarks.report import Cell, spread
from scripts.benchmarks.webhooks import Traffic, wamid_of

PEER_RATE_MAX = 25_000
PAIRS = 3
KILL_AFTER_S = 0.5
WARM_UP = 8_000
"""Requests before the figures begin: Node compiles what is busy only while it is busy, and ours opens its files."""
WARM_UP_S_MAX = 30.0
ABOUT = """Requests/s, latency and CPU of the webhook. After each run a second load goes on, the daemon is killed with
SIGKILL in the middle of it, and every request of both that was answered 200 is looked for on the disk. Without
--worker the firms are suspended, so that what is measured is the promise (signature, routing, seal, fsync, 200); with
it, the worker applies what arrives at the same time."""


def run(arguments: list[str]) -> int:
    """Measure; 1 when a promise was broken, also by the peer: who cheats is no measure."""
    options = parser("ack", ABOUT)
    options.add_argument("--connections", type=numbers, default=None, help="such as 16,64,256 (the default)")
    options.add_argument("--firms", type=numbers, default=[1, 50], help="such as 1,50 (the default)")
    options.add_argument("--seconds", type=float, default=None, help="of each run after 1 s of warm-up (default: 5)")
    options.add_argument("--worker", action="store_true", help="the worker applies what arrives, at the same time")
    options.add_argument("--peer", action="store_true", help="the same load on Fastify + BullMQ + Redis, A B A B")
    options.add_argument("--pairs", type=int, default=None, help=f"of runs beside the peer (default: {PAIRS})")
    options.add_argument("--fsync", choices=["always", "everysec"], default="always", help="of the peer's Redis")
    asked = options.parse_args(arguments)
    asked.connections = asked.connections or ([64] if asked.quick else [16, 64, 256])
    asked.seconds = asked.seconds or (2.0 if asked.quick else 5.0)
    asked.pairs = (asked.pairs or (2 if asked.quick else PAIRS)) if asked.peer else 1
    return measured("ack", asked, arguments, _measure)


def _measure(bench: Bench) -> int:
    asked = bench.asked
    if asked.peer:
        peer.install()
    rows: list[dict[str, Cell]] = []
    ratios: list[dict[str, Cell]] = []
    sound = True
    for firms, connections in itertools.product(asked.firms, asked.connections):
        ours: list[dict[str, float]] = []
        theirs: list[dict[str, float]] = []
        for pair in range(asked.pairs):
            name = f"{firms}-{connections}-{pair}"
            plan = Plan(
                traffic=Traffic(tag=f"A{pair}", firms=firms, seed=asked.seed),
                port=0,
                connections=connections,
                duration_s=asked.seconds,
            )
            figures, held = _ours(bench, plan, name=f"lhwa-{name}")
            ours.append(figures)
            rows.append(_row("lhwa", plan, figures, held))
            sound = sound and held.is_sound
            if asked.peer:
                figures, held = _theirs(bench, plan, name=f"peer-{name}")
                theirs.append(figures)
                rows.append(_row("peer", plan, figures, held))
                sound = sound and held.is_sound
            bench.report.say(f"{name}: {_short(ours[-1])}" + (f"; peer {_short(theirs[-1])}" if theirs else ""))
        if theirs:
            ratios.append(_ratio(firms, connections, ours, theirs))
    bench.report.table("ack: every run", rows)
    if ratios:
        bench.report.table(f"ack: lhwa / peer (appendfsync {asked.fsync}), median (range) of pairs", ratios)
    return 0 if sound else 1


def _ours(bench: Bench, plan: Plan, *, name: str) -> tuple[dict[str, float], kept.Kept]:
    home = make_home(bench.work / name, firms=plan.traffic.firms, founded=bench.asked.worker)
    if not bench.asked.worker:
        home.suspend()
    daemon = Daemon(home)
    try:
        daemon.start()
        before, now = warmed_up(replace(plan, port=daemon.port))
        outcome = run_load(now, pids={"server": daemon.pid})
        promised = before + outcome.accepted() + killed_under_load(outcome, daemon.kill)
    finally:
        daemon.kill()
    return outcome.figures(), kept.in_spool(home, (wamid_of(plan.traffic.tag, index) for index in promised))


def warmed_up(plan: Plan) -> tuple[list[int], Plan]:
    """Send the first requests without a clock; returns what was accepted, and the plan for what follows them."""
    first = run_load(replace(plan, requests_max=WARM_UP, duration_s=WARM_UP_S_MAX, warm_up_s=0.0))
    return first.accepted(), replace(plan, first=plan.first + len(first.due_ns))


def killed_under_load(before: Outcome, kill: Callable[[], None]) -> list[int]:
    """Go on with the load, kill the servers in the middle of it, and return what was accepted until then."""
    rest = replace(
        before.plan,
        first=before.plan.first + len(before.due_ns),
        duration_s=KILL_AFTER_S * 4,
        requests_max=int(RATE_MAX * KILL_AFTER_S * 2),
    )
    with prepared(rest) as run:
        killer = threading.Timer(KILL_AFTER_S, kill)
        killer.start()
        try:
            return run().accepted()
        finally:
            killer.join()


def _theirs(bench: Bench, plan: Plan, *, name: str) -> tuple[dict[str, float], kept.Kept]:
    whole_s = plan.duration_s + plan.warm_up_s
    with peer.Peer(bench.work / name, firms=plan.traffic.firms, fsync=bench.asked.fsync) as running:
        if bench.asked.worker:
            running.start_worker()
        before, now = warmed_up(replace(plan, port=running.port, requests_max=int(PEER_RATE_MAX * whole_s)))
        outcome = run_load(now, pids=running.pids)
        promised = before + outcome.accepted() + killed_under_load(outcome, running.kill)
        running.restart_redis()
        held = kept.in_redis(running, plan.traffic.tag, promised)
    figures = outcome.figures()
    figures["server_us"] = sum(figures.get(f"{part}_us", 0.0) for part in ("node", "redis", "worker"))
    return figures, held


def _row(who: str, plan: Plan, figures: dict[str, float], held: kept.Kept) -> dict[str, Cell]:
    return {
        "server": who,
        "firms": plan.traffic.firms,
        "connections": plan.connections,
        "req/s": round(figures["req_s"]),
        "p50 ms": figures["p50_ms"],
        "p99 ms": figures["p99_ms"],
        "p99.9 ms": figures["p999_ms"],
        "max ms": figures["max_ms"],
        "CPU us/req": figures["server_us"],
        "client us/req": figures["client_us"],
        "client CPU": figures["client_cpu_share"],
        "refused": int(figures["refused"]),
        "lost": int(figures["lost"]),
        "on disk": str(held),
    }


def _short(figures: dict[str, float]) -> str:
    return f"{figures['req_s']:,.0f} req/s, p99 {figures['p99_ms']:.1f} ms, {figures['server_us']:.0f} us"


def _ratio(
    firms: int, connections: int, ours: list[dict[str, float]], theirs: list[dict[str, float]]
) -> dict[str, Cell]:
    def ratio(figure: str) -> str:
        return spread([mine[figure] / other[figure] for mine, other in zip(ours, theirs, strict=True) if other[figure]])

    return {
        "firms": firms,
        "connections": connections,
        "req/s": round(statistics.median(each["req_s"] for each in ours)),
        "peer req/s": round(statistics.median(each["req_s"] for each in theirs)),
        "req/s ratio": ratio("req_s"),
        "p99 ms": statistics.median(each["p99_ms"] for each in ours),
        "peer p99 ms": statistics.median(each["p99_ms"] for each in theirs),
        "p99 ratio": ratio("p99_ms"),
        "CPU ratio": ratio("server_us"),
    }
