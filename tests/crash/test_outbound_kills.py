"""SIGKILL of the whole daemon after a message left and before its answer is stored: in doubt, and never sent twice."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.crash.outbound_run import OutboundRun

KILLS = 52
LANES = 2
"""Homes at the same time: a start is mostly waiting for one core."""


@pytest.mark.timeout(300)
def test_what_had_left_is_in_doubt_and_is_never_sent_twice(tmp_path: Path) -> None:
    seed = os.environ.get("LHWA_CRASH_SEED", "outbound")
    runs = [OutboundRun(tmp_path / f"lane-{lane}", seed=f"{seed}/{lane}") for lane in range(LANES)]
    with ThreadPoolExecutor(LANES) as lanes:
        for done in [lanes.submit(run.run, KILLS // LANES) for run in runs]:
            done.result()
    assert sum(run.kills for run in runs) == KILLS
    assert all(len(run.held) >= run.kills for run in runs), "a kill came when nothing was under way"
    assert any(run.meta.answered for run in runs)
