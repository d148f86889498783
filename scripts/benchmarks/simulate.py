"""`scripts/bench simulate`: a seed drives gateway, normalizer, bus and clock in one process; any order must end alike.

Each seed makes a plan of requests, rounds of two workers, clock jumps, suspensions and prunings. A plan that breaks a
promise is made as short as it can be and printed: put it into tests/simulation/test_found.py.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from scripts.benchmarks.simulating.checks import simulate
from scripts.benchmarks.simulating.plan import Step, random_plan, shrunk

MEMORY = Path("/dev/shm")


def run(arguments: list[str]) -> int:
    """The subcommand; returns its exit code: 1 when a seed broke a promise."""
    asked = _parser().parse_args(arguments)
    started_s, elements = time.monotonic(), 0
    for seed in range(asked.start, asked.start + asked.seeds):
        plan = random_plan(seed, steps=asked.steps)
        failure = _failure(plan)
        if isinstance(failure, int):
            elements += failure
        else:
            _tell(seed, plan, failure)
            return 1
        if sys.stderr.isatty():
            print(f"\r{seed - asked.start + 1} of {asked.seeds} seeds", end="", file=sys.stderr)
    took_s = time.monotonic() - started_s
    last = asked.start + asked.seeds - 1
    print(f"seeds {asked.start} to {last}: {elements} elements delivered, every order ended alike ({took_s:.0f} s)")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds (default: %(default)s)")
    parser.add_argument("--start", type=int, default=0, help="the first seed (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=30, help="longest plan (default: %(default)s)")
    return parser


def _failure(plan: list[Step]) -> int | Exception:
    """How many elements a sound plan delivered, or what it broke."""
    # In memory when there is such a folder: what a crash does to a disk is the subject of others.
    root = Path(tempfile.mkdtemp(prefix="lhwa-simulate-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        return simulate(root, plan)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the plan that led to it is what counts
        return error
    finally:
        shutil.rmtree(root)


def _tell(seed: int, plan: list[Step], failure: Exception) -> None:
    print(f"seed {seed}: {type(failure).__name__}: {failure}", file=sys.stderr)
    print("making the plan shorter ...", file=sys.stderr)
    small = shrunk(plan, fails=lambda smaller: isinstance(_failure(smaller), Exception))
    last = _failure(small)
    print(f"{type(last).__name__}: {last}\nplan = [", file=sys.stderr)
    for step in small:
        print(f"    {step!r},", file=sys.stderr)
    print("]", file=sys.stderr)
