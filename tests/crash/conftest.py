"""The engine is that of `scripts/bench crash`; here it runs for fewer rounds."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

Kill = Callable[..., Counter[str]]


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """On a disk, where a kill can come between a write and its fsync: in memory there is no such moment."""
    with tempfile.TemporaryDirectory(prefix="lhwa-crash-", dir="/var/tmp") as folder:
        yield Path(folder)


LANES = 2
"""Homes at the same time: a round is half waiting."""


@pytest.fixture
def kill(on_disk: Path) -> Kill:
    """Run rounds, each lane in a home of its own; raises at a broken promise, with the seed that led to it."""
    from scripts.benchmarks.crashing.place import Place  # noqa: PLC0415 -- after the path is set
    from scripts.benchmarks.crashing.rounds import CrashRun  # noqa: PLC0415 -- as above

    def run(rounds: int, *, seed: str, moments: Mapping[str, float]) -> Counter[str]:
        seed = os.environ.get("LHWA_CRASH_SEED") or seed

        def run_one(lane: int) -> dict[str, Any]:
            place = Place(on_disk / f"lane-{lane}")
            place.make()
            return CrashRun(place, seed=f"{seed}/{lane}", moments=moments, say=print).run(rounds // LANES)

        with ThreadPoolExecutor(LANES) as lanes:
            return sum(map(_counted, lanes.map(run_one, range(LANES))), Counter())

    return run


def _counted(result: dict[str, Any]) -> Counter[str]:
    """How much of everything a run did; kills also by their moment."""
    kills = {f"kills {moment}": number for moment, number in result["kills"].items()}
    return Counter({name: number for name, number in result.items() if isinstance(number, int)} | kills)
