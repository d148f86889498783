"""`python -m scripts.benchmarks.outbound_simulation --seeds 2000`: the sender's long simulation.

Exit status 1 when a seed broke a promise; each of them is printed with how to play it again.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from scripts.benchmarks.outbound_simulation.play import STEPS, Played, play


def main() -> int:
    """Play the seeds that were asked for."""
    parser = argparse.ArgumentParser(prog="outbound_simulation", description="Play seeds of the sender's simulation.")
    parser.add_argument("--seeds", type=int, default=2_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--steps", type=int, default=STEPS, help="at most so many steps in each")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    if chosen.seed is not None:
        sys.stdout.write(f"{play(chosen.seed, steps=chosen.steps)}\n")
        return 0
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    with ProcessPoolExecutor(chosen.processes) as pool:
        results = list(pool.map(partial(_attempt, steps=chosen.steps), seeds, chunksize=10))
    failed = [(seed, found) for seed, found in zip(seeds, results, strict=True) if isinstance(found, str)]
    for seed, why in failed:
        sys.stdout.write(f"seed {seed}: {why}\n")
    played = [found for found in results if isinstance(found, Played)]
    asked, accepted = sum(each.asked for each in played), sum(each.accepted for each in played)
    sys.stdout.write(f"{len(seeds)} seeds, {asked} messages, {accepted} accepted by Meta, {len(failed)} seeds failed\n")
    return 1 if failed else 0


def _attempt(seed: int, *, steps: int) -> Played | str:
    try:
        return play(seed, steps=steps)
    except Exception as error:  # noqa: BLE001 -- a long run goes on and tells of all that broke
        return "".join(traceback.format_exception_only(error)).strip()


if __name__ == "__main__":
    sys.exit(main())
