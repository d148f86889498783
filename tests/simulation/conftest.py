"""The engine is that of `scripts/bench simulate`; here it plays shorter plans."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

MEMORY = Path("/dev/shm")


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Iterable[Any]], int]:
    """Play a plan in a folder of its own and check everything; how many elements it delivered."""
    from scripts.benchmarks.simulating.checks import simulate  # noqa: PLC0415 -- after the path is set

    def run(plan: Iterable[Any]) -> int:
        # In memory when there is such a folder: what a crash does to a disk is the subject of other tests.
        root = Path(tempfile.mkdtemp(prefix="lhwa-", dir=MEMORY if MEMORY.is_dir() else tmp_path))
        try:
            return simulate(root, plan)
        finally:
            # Hypothesis plays many plans within one test.
            shutil.rmtree(root)

    return run
