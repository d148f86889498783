"""`conflict`: what a check of conflicts of interest costs with more and more parties on file."""

from __future__ import annotations

import gc
import hmac
import itertools
import random
import sys
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from lhwa.domain.intake.conflict_check import PartyIndex, find_conflicts
from lhwa.domain.intake.name_matching import PartyName, blocking_keys, match, parse
from scripts.benchmarks.load import percentile
from scripts.benchmarks.options import Bench, measured, numbers, parser
from scripts.benchmarks.report import Cell
from scripts.benchmarks.sample_parties import misspelt, sample_parties

SIZES = [1_000, 10_000, 100_000]
SIZES_QUICK = [1_000, 5_000]
CHECKS = 100
SECRET = b"a secret of the benchmark alone."
HASH_BYTES = 16
CANDIDATES_SHARE_MAX = 0.02
"""A check that must look at more of the parties than this is no check by an index."""
ABOUT = """A firm's parties in a blind index: HMACs of their keys, and their names beside it as texts that are parsed
anew for each comparison, as those out of a sealed file would be. Half of the names that are checked are on file, in
another spelling; half are new. On the smallest size every check is repeated against all parties without an index: it
must find the same."""


class MeasuredIndex(PartyIndex, Protocol):
    """What an index needs to be measured: in memory here; the store's own can stand in its place."""

    looked_at: int
    """Parties that were given out so far."""

    def add(self, party_id: str, name: str) -> None:
        """Keep one party."""

    def keys_count(self) -> int:
        """Keys of all parties."""


class BlindIndex:
    """Hashes of keys, each with the parties that have it; nothing but a dictionary."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._parties: defaultdict[bytes, list[str]] = defaultdict(list)
        self.looked_at = 0

    def add(self, party_id: str, name: str) -> None:
        self._names[party_id] = name
        for key in blocking_keys(parse(name)):
            self._parties[_blind(key)].append(party_id)

    def sharing(self, keys: frozenset[str]) -> Iterable[tuple[str, PartyName]]:
        found = {party_id for key in keys for party_id in self._parties.get(_blind(key), ())}
        self.looked_at += len(found)
        return ((party_id, parse(self._names[party_id])) for party_id in found)

    def keys_count(self) -> int:
        return sum(map(len, self._parties.values()))


def _blind(key: str) -> bytes:
    return hmac.digest(SECRET, b"party|" + key.encode("utf-8", "surrogatepass"), "sha256")[:HASH_BYTES]


def run(arguments: list[str]) -> int:
    """Measure; 1 when the index misses a party, or makes a check look at too many."""
    options = parser("conflict", ABOUT)
    options.add_argument("--sizes", type=numbers, default=None, help="parties (default: 1000,10000,100000)")
    asked = options.parse_args(arguments)
    asked.sizes = sorted(asked.sizes or (SIZES_QUICK if asked.quick else SIZES))
    return measured("conflict", asked, arguments, lambda bench: measure(bench, BlindIndex))


@dataclass(frozen=True, slots=True)
class Asked:
    """A name to check."""

    name: str
    party_id: str | None = None
    """Of the party whose name it is, misspelt; None for a new one."""


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the checks of one size cost and found."""

    times_ms: list[float]
    candidates: list[int]
    hits: int
    found: int
    """Parties on file that were found under their misspelt name."""


def measure(bench: Bench, new_index: Callable[[], MeasuredIndex]) -> int:
    """Fill an index at each size and check the same number of names in it."""
    table: list[dict[str, Cell]] = []
    wrong = 0
    for size in bench.asked.sizes:
        bench.report.say(f"{size:,} parties")
        names = list(sample_parties(size, seed=bench.asked.seed))
        asked = list(_asked(names, seed=bench.asked.seed))
        index, fill_s, memory_mib = _filled(names, new_index)
        checked = _check(index, asked)
        if size == bench.asked.sizes[0]:
            wrong += _missed(bench, index, names, asked)
        if percentile(list(map(float, checked.candidates)), 99) > max(CANDIDATES_SHARE_MAX * size, 100):
            wrong += 1
        table.append(_row(size, checked, index, fill_s=fill_s, memory_mib=memory_mib))
    bench.report.table("conflict: one check and a hundred", table)
    bench.report.table("conflict: cost against size", _growth(table))
    return 1 if wrong else 0


def _asked(names: list[str], *, seed: int) -> Iterator[Asked]:
    chooser = random.Random(seed + 1)
    for new in sample_parties(CHECKS // 2, seed=seed + 2):
        number = chooser.randrange(len(names))
        yield Asked(misspelt(names[number], chooser), _id(number))
        yield Asked(new)


def _id(number: int) -> str:
    return f"party-{number:06}"


def _filled(names: list[str], new_index: Callable[[], MeasuredIndex]) -> tuple[MeasuredIndex, float, float]:
    """The index, seconds without, and MiB with memory being traced."""
    began_s = time.perf_counter()
    index = _fill(names, new_index)
    fill_s = time.perf_counter() - began_s
    del index
    gc.collect()
    tracemalloc.start()
    index = _fill(names, new_index)
    memory_mib = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    return index, fill_s, memory_mib


def _fill(names: list[str], new_index: Callable[[], MeasuredIndex]) -> MeasuredIndex:
    index = new_index()
    for number, name in enumerate(names):
        index.add(_id(number), name)
    return index


def _check(index: MeasuredIndex, asked: list[Asked]) -> _Checked:
    times_ms, candidates, hits, found_again = [], [], 0, 0
    for each in asked:
        before = index.looked_at
        began_ns = time.perf_counter_ns()
        found = find_conflicts(parse(each.name), index)
        times_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
        candidates.append(index.looked_at - before)
        hits += len(found)
        found_again += any(hit.party_id == each.party_id for hit in found)
    return _Checked(sorted(times_ms), sorted(candidates), hits, found_again)


def _missed(bench: Bench, index: MeasuredIndex, names: list[str], asked: list[Asked]) -> int:
    """How many parties a comparison with every name finds and the index does not."""
    known = [(_id(number), parse(name)) for number, name in enumerate(names)]
    missed = 0
    for name in (parse(each.name) for each in asked):
        found = {hit.party_id for hit in find_conflicts(name, index)}
        missed += len({party_id for party_id, other in known if match(name, other) is not None} - found)
    bench.report.note(f"Against all {len(names):,} parties without an index: {missed} missed.")
    return missed


def _row(size: int, checked: _Checked, index: MeasuredIndex, *, fill_s: float, memory_mib: float) -> dict[str, Cell]:
    candidates = list(map(float, checked.candidates))
    return {
        "parties": size,
        "check p50 ms": percentile(checked.times_ms, 50),
        "check p99 ms": percentile(checked.times_ms, 99),
        "100 checks ms": sum(checked.times_ms),
        "candidates p50": percentile(candidates, 50),
        "candidates p99": percentile(candidates, 99),
        "candidates max": max(checked.candidates),
        "hits": checked.hits,
        f"found of {CHECKS // 2}": checked.found,
        "keys a party": index.keys_count() / size,
        "fill us a party": fill_s / size * 1e6,
        "memory MiB": memory_mib,
    }


def _growth(table: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
    """How much more each size costs than the one before; a factor equal to that of the parties is linear."""
    rows: list[dict[str, Cell]] = []
    for before, after in itertools.pairwise(table):
        rows.append(
            {"from": before["parties"], "to": after["parties"]}
            | {
                f"{column} x": float(after[column] or 0) / max(float(before[column] or 0), sys.float_info.epsilon)
                for column in ("parties", "100 checks ms", "candidates p50", "memory MiB")
            }
        )
    return rows
