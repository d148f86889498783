"""Conflict checks in a firm's own files, as a person asks for them: with and without keys and pages in memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lhwa.domain.intake.choices import ConflictDecision
from lhwa.domain.intake.name_matching import match
from lhwa.domain.intake.name_views import blocking_keys
from lhwa.domain.intake.party_names import parse
from lhwa.services.intake.conflicts import Check, check_conflicts, decide_conflicts
from lhwa.services.intake.reviewing import accept
from lhwa.services.intake.views import list_intakes
from lhwa.services.intake.waiting import pending_intakes
from scripts.benchmarks.conflict_checks import CHECKS, Asked, asked_names, candidates_max, growth
from scripts.benchmarks.conflict_firm import LAWYER, PARTIES_OF_INTAKE, Named, SampleFirm
from scripts.benchmarks.load import percentile
from scripts.benchmarks.options import Bench
from scripts.benchmarks.report import Cell
from scripts.benchmarks.sample_parties import sample_parties

CPU_MS_MAX = 1_000.0
"""A check that takes longer, in a process that has just begun, is no check that people wait for."""
ACCEPTED = 50
TITLES = {False: f"one key for {PARTIES_OF_INTAKE} parties", True: "one key for all parties"}


@dataclass(slots=True)
class Timed:
    """How long each run of something took."""

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def run(self, what: Callable[[], object]) -> None:
        """Run it once."""
        began_s, cpu_s = time.perf_counter(), time.process_time()
        what()
        self.cpu_ms.append((time.process_time() - cpu_s) * 1e3)
        self.wall_ms.append((time.perf_counter() - began_s) * 1e3)

    def cells(self, name: str) -> dict[str, Cell]:
        """Its figures as columns."""
        wall_ms, cpu_ms = sorted(self.wall_ms), sorted(self.cpu_ms)
        return {
            f"{name} p50 ms": percentile(wall_ms, 50),
            f"{name} p99 ms": percentile(wall_ms, 99),
            f"{name} CPU p50": percentile(cpu_ms, 50),
            f"{name} CPU p99": percentile(cpu_ms, 99),
        }


def measure(bench: Bench) -> int:
    """Check the same number of names in a firm of each size; then look at a long queue. 1 when something is wrong."""
    wrong = 0
    for is_one_client, title in TITLES.items():
        times: list[dict[str, Cell]] = []
        sizes: list[dict[str, Cell]] = []
        for size in bench.asked.sizes:
            bench.report.say(f"{size:,} parties, {title}")
            time_row, size_row, wrong_here = _at_size(bench, size, is_one_client=is_one_client)
            wrong += wrong_here
            times.append(time_row)
            sizes.append(size_row)
        bench.report.table(f"conflict: one check in the firm's files, {title}", times)
        bench.report.table(f"conflict: what it looks at, {title}", sizes)
        columns = (
            "parties",
            "100 checks CPU ms",
            "check CPU p99",
            "new process CPU p99",
            "candidates p50",
            "files MiB",
        )
        merged = [one | other for one, other in zip(times, sizes, strict=True)]
        bench.report.table(f"conflict: cost against size, {title}", growth(merged, columns))
    bench.report.note(
        "ms: by the clock, with the commit; CPU: ms of CPU, which other work on the machine leaves alone."
    )
    bench.report.note("new process: nothing in memory, each key read and unwrapped; opening the files is not counted.")
    bench.report.table("conflict: a queue of intakes", [_queue(bench, bench.asked.intakes)])
    return 1 if wrong else 0


def _at_size(bench: Bench, size: int, *, is_one_client: bool) -> tuple[dict[str, Cell], dict[str, Cell], int]:
    names = list(sample_parties(size, seed=bench.asked.seed))
    asked = list(asked_names(names, seed=bench.asked.seed))
    firm = SampleFirm(bench.work / f"{size}-{int(is_one_client)}" / "firm")
    filling = Timed()
    filling.run(lambda: firm.fill(list(map(_named, names)), is_one_client=is_one_client))
    intakes = firm.queue([_named(each.name) for each in asked])
    candidates = sorted(float(firm.candidates(each.name, intake)) for each, intake in zip(asked, intakes, strict=True))
    warm, cold = Timed(), Timed()
    checks: list[Check] = []
    for intake in intakes:
        warm.run(lambda intake=intake: checks.append(firm.check(intake)))  # type: ignore[misc]  # of a loop
    for intake in intakes:
        firm.forget()
        cold.run(lambda intake=intake: firm.check(intake))  # type: ignore[misc]  # of a loop
    found = [_names_found(check) for check in checks]
    wrong = percentile(candidates, 99) > candidates_max(size) or max(cold.cpu_ms) > CPU_MS_MAX
    if size == bench.asked.sizes[0]:
        wrong |= _missed(bench, names, asked, found) > 0
    time_row: dict[str, Cell] = {"parties": size, **warm.cells("check"), **cold.cells("new process")}
    size_row: dict[str, Cell] = {
        "parties": size,
        "100 checks CPU ms": sum(warm.cpu_ms),
        "candidates p50": percentile(candidates, 50),
        "candidates p99": percentile(candidates, 99),
        "hits": sum(len(check.hits) for check in checks),
        f"found of {CHECKS // 2}": sum(
            each.of is not None and names[each.of] in hits for each, hits in zip(asked, found, strict=True)
        ),
        "fill CPU us a party": filling.cpu_ms[0] / size * 1e3,
        "files MiB": firm.file_mib(),
    }
    return time_row, size_row, int(wrong)


def _named(name: str) -> Named:
    return name, blocking_keys(parse(name))


def _names_found(check: Check) -> set[str]:
    return {hit.other_name for hit in check.hits}


def _missed(bench: Bench, names: list[str], asked: list[Asked], found: list[set[str]]) -> int:
    """How many names a comparison with every name of the firm finds and a check does not."""
    known = [(name, parse(name)) for name in names]
    missed = 0
    for each, hits in zip(asked, found, strict=True):
        wanted = parse(each.name)
        missed += len({name for name, other in known if match(wanted, other) is not None} - hits)
    bench.report.note(f"Against all {len(names):,} parties without an index: {missed} missed.")
    return missed


def _queue(bench: Bench, size: int) -> dict[str, Cell]:
    """What people do where so many intakes wait."""
    firm = SampleFirm(bench.work / "queue" / "firm")
    intakes = firm.queue([_named(name) for name in sample_parties(size, seed=bench.asked.seed + 3)])
    store = firm.store
    listing, everything, pending, accepting = Timed(), Timed(), Timed(), Timed()
    listing.run(lambda: store.write(list_intakes, LAWYER, everything=False, rows_max=100))
    everything.run(lambda: store.write(list_intakes, LAWYER, everything=True, rows_max=size))
    pending.run(lambda: store.read(pending_intakes, LAWYER))
    for intake in intakes[:ACCEPTED]:
        accepting.run(lambda intake=intake: _accept(firm, intake))  # type: ignore[misc]  # of a loop
    firm.close()
    return {
        "intakes": size,
        "list 100 CPU ms": listing.cpu_ms[0],
        "list all CPU ms": everything.cpu_ms[0],
        "pending CPU ms": pending.cpu_ms[0],
        **accepting.cells("accept"),
    }


def _accept(firm: SampleFirm, intake: str) -> None:
    """As `lhwa intake accept` does it, with a lawyer's decision where there are hits."""
    if firm.store.write(check_conflicts, LAWYER, intake).hits:
        firm.store.write(decide_conflicts, LAWYER, intake, ConflictDecision.WAIVED, reason="a sample")
    firm.store.write(accept, LAWYER, intake, reason="a sample")
