"""The engine is that of `scripts/bench crash`; here it runs for fewer rounds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

Kill = Callable[..., dict[str, Any]]


@pytest.fixture
def kill(tmp_path: Path) -> Kill:
    """Run rounds in a home of its own; raises at the first broken promise, with the seed that led to it."""
    from scripts.benchmarks.crashing.place import Place  # noqa: PLC0415 -- after the path is set
    from scripts.benchmarks.crashing.rounds import CrashRun  # noqa: PLC0415 -- as above

    def run(rounds: int, *, seed: str, moments: Mapping[str, float]) -> dict[str, Any]:
        place = Place(tmp_path / "crash")
        place.make()
        seed = os.environ.get("LHWA_CRASH_SEED") or seed
        return CrashRun(place, seed=seed, moments=moments, say=print).run(rounds)

    return run
