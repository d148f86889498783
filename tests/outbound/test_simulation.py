"""Whatever goes wrong between the firm, Meta and the clock: nothing is sent twice or lost, no window is broken.

`LHWA_OUTBOUND_SEEDS=2000` plays more seeds; `python -m scripts.benchmarks.outbound_simulation --seeds 2000` does so on
all cores. A failing seed names the command that plays it again.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from scripts.benchmarks.outbound_simulation.play import play, weather_of

SEEDS = int(os.environ.get("LHWA_OUTBOUND_SEEDS", "100"))
AT_ONCE = 10


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_the_laws_of_sending_hold_in_every_world(first: int) -> None:
    played = [play(seed) for seed in range(first, min(first + AT_ONCE, SEEDS))]
    assert sum(each.accepted for each in played) > 0


def test_a_seed_always_plays_the_same() -> None:
    assert play(3, steps=90) == play(3, steps=90)
    assert weather_of(3) == weather_of(3)
    assert weather_of(3) != weather_of(4)
