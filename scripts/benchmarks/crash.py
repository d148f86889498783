"""`scripts/bench crash`: kill the daemon under load again and again, and look for what was lost or done twice.

The first broken promise ends the run with exit code 1; the home is kept then, and its path is printed. SIGKILL leaves
what the kernel has in its buffers, so a missing fsync cannot be seen here.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from scripts.benchmarks.crashing.place import Place, Violation
from scripts.benchmarks.crashing.rounds import FULL_EVERY, CrashRun


def run(arguments: list[str]) -> int:
    """The subcommand; returns its exit code."""
    asked = _parser().parse_args(arguments)
    seed = asked.seed or secrets.token_hex(4)
    root = Path(asked.home) if asked.home else Path(tempfile.mkdtemp(prefix="lhwa-crash-"))
    place = Place(root.absolute())
    place.make()
    crash_run = CrashRun(place, seed=seed, say=_say)
    try:
        result = crash_run.run(asked.rounds, full_every=asked.full_every)
    except Violation as violation:
        print(json.dumps({"ok": False, "violation": str(violation), **crash_run.totals.as_data(crash_run.journal)}))
        _say(f"BROKEN PROMISE: {violation}")
        _say(f"The home is kept in {root}. To try again: scripts/bench crash --seed {seed} --rounds {asked.rounds}")
        return 1
    print(json.dumps({"ok": True, **result}))
    if not asked.home:
        shutil.rmtree(root)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000, help="how often the daemon is killed (default: 1000)")
    parser.add_argument("--seed", help="what is sent and when the kill comes; drawn and printed when left out")
    parser.add_argument("--home", help="make the home in this new folder, and keep it")
    parser.add_argument("--full-every", type=int, default=FULL_EVERY, help="rounds between full checks (default: 10)")
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
