"""`conflict`: what a check of conflicts of interest costs with more and more parties on file."""

from __future__ import annotations

import gc
import hmac
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from lhwa.domain.intake.conflict_check import find_conflicts
from lhwa.domain.intake.name_matching import PartyName, blocking_keys, match, parse
from scripts.benchmarks import conflict_stored
from scripts.benchmarks.conflict_checks import CHECKS, Asked, asked_names, candidates_max, growth
from scripts.benchmarks.load import percentile
from scripts.benchmarks.options import Bench, measured, numbers, parser
from scripts.benchmarks.report import Cell
from scripts.benchmarks.sample_parties import sample_parties

SIZES = [1_000, 10_000, 100_000]
SIZES_QUICK = [1_000, 5_000]
SECRET = b"a secret of the benchmark alone."
HASH_BYTES = 16
ABOUT = """Checks of conflicts of interest in a firm's own files: keys, look-up, opening of the names that share a key,
comparison, record and audit. Half of the names that are checked are on file, in another spelling; half are new. On the
smallest size every check is repeated against all parties without an index: it must find the same. With --memory the
same in a dictionary, without files and keys: what the rules alone cost."""


class BlindIndex:
    """Hashes of keys, each with the parties that have it; nothing but a dictionary."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._parties: defaultdict[bytes, list[str]] = defaultdict(list)
        self.looked_at = 0
        """Parties that were given out so far."""

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
    options.add_argument("--intakes", type=int, default=None, help="that wait for a lawyer (default: 5000)")
    options.add_argument("--memory", action="store_true", help="in a dictionary instead of a firm's files")
    asked = options.parse_args(arguments)
    asked.sizes = sorted(asked.sizes or (SIZES_QUICK if asked.quick else SIZES))
    asked.intakes = asked.intakes or (500 if asked.quick else 5_000)
    if asked.memory:
        return measured("conflict", asked, arguments, _measure)
    return measured("conflict", asked, arguments, conflict_stored.measure)


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the checks of one size cost and found."""

    times_ms: list[float]
    candidates: list[int]
    hits: int
    found: int
    """Parties on file that were found under their misspelt name."""


def _measure(bench: Bench) -> int:
    """Fill an index at each size and check the same number of names in it."""
    table: list[dict[str, Cell]] = []
    wrong = 0
    for size in bench.asked.sizes:
        bench.report.say(f"{size:,} parties")
        names = list(sample_parties(size, seed=bench.asked.seed))
        asked = list(asked_names(names, seed=bench.asked.seed))
        index, fill_s, memory_mib = _filled(names)
        checked = _check(index, asked)
        if size == bench.asked.sizes[0]:
            wrong += _missed(bench, index, names, asked)
        if percentile(list(map(float, checked.candidates)), 99) > candidates_max(size):
            wrong += 1
        table.append(_row(size, checked, index, fill_s=fill_s, memory_mib=memory_mib))
    bench.report.table("conflict: one check and a hundred", table)
    columns = ("parties", "100 checks ms", "candidates p50", "memory MiB")
    bench.report.table("conflict: cost against size", growth(table, columns))
    return 1 if wrong else 0


def _id(number: int) -> str:
    return f"party-{number:06}"


def _filled(names: list[str]) -> tuple[BlindIndex, float, float]:
    """The index, seconds without, and MiB with memory being traced."""
    began_s = time.perf_counter()
    index = _fill(names)
    fill_s = time.perf_counter() - began_s
    del index
    gc.collect()
    tracemalloc.start()
    index = _fill(names)
    memory_mib = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    return index, fill_s, memory_mib


def _fill(names: list[str]) -> BlindIndex:
    index = BlindIndex()
    for number, name in enumerate(names):
        index.add(_id(number), name)
    return index


def _check(index: BlindIndex, asked: list[Asked]) -> _Checked:
    times_ms, candidates, hits, found_again = [], [], 0, 0
    for each in asked:
        before = index.looked_at
        began_ns = time.perf_counter_ns()
        found = find_conflicts(parse(each.name), index)
        times_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
        candidates.append(index.looked_at - before)
        hits += len(found)
        found_again += each.of is not None and any(hit.party_id == _id(each.of) for hit in found)
    return _Checked(sorted(times_ms), sorted(candidates), hits, found_again)


def _missed(bench: Bench, index: BlindIndex, names: list[str], asked: list[Asked]) -> int:
    """How many parties a comparison with every name finds and the index does not."""
    known = [(_id(number), parse(name)) for number, name in enumerate(names)]
    missed = 0
    for name in (parse(each.name) for each in asked):
        found = {hit.party_id for hit in find_conflicts(name, index)}
        missed += len({party_id for party_id, other in known if match(name, other) is not None} - found)
    bench.report.note(f"Against all {len(names):,} parties without an index: {missed} missed.")
    return missed


def _row(size: int, checked: _Checked, index: BlindIndex, *, fill_s: float, memory_mib: float) -> dict[str, Cell]:
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
