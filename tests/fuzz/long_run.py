"""The long mode: every strategy against every law, round after round, until the time is over or Ctrl-C.

Each round has a seed of its own, made from the first; a failing input is made small, saved, and the rounds go on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.houses import FAMILIES, WIRES, House, house
from tests.fuzz.wires import Wire

ROUND_EXAMPLES = 100
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)


@dataclass
class Tally:
    """What one run did."""

    folder: Path
    until_s: float
    examples: int = 0
    failures: set[str] = field(default_factory=set)

    def save(self, name: str, given_: bytes | Wire, error: BaseException) -> None:
        """Keep a failing input, one for each way to fail."""
        why = f"{name}: {type(error).__name__}: {error}"[:200]
        if why in self.failures:
            return
        self.failures.add(why)
        self.folder.mkdir(parents=True, exist_ok=True)
        data = given_ if isinstance(given_, bytes) else json.dumps([piece.hex() for piece in given_.pieces]).encode()
        suffix = "body" if isinstance(given_, bytes) else "wire.json"
        path = self.folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.{suffix}"
        path.write_bytes(data)
        print(f"FAILED {why}\n  saved {path}", flush=True)


class _TimeIsOverError(BaseException):
    """Ends a round in the middle."""


def main() -> int:
    """Run; 1 when something failed, 130 after Ctrl-C without a failure."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long (default 5)")
    parser.add_argument("--seed", type=int, default=None, help="where to begin (default: any)")
    parser.add_argument("--into", type=Path, default=Path("fuzz-failures"), help="where failing inputs are saved")
    wanted = parser.parse_args()
    first = random.randrange(2**32) if wanted.seed is None else wanted.seed
    print(f"seed {first}, {wanted.minutes:g} minutes", flush=True)
    tally = Tally(wanted.into / str(first), time.monotonic() + wanted.minutes * 60)
    # A shell starts background jobs with SIGINT ignored; then nobody could stop this one cleanly.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    began_s, code = time.monotonic(), 0
    try:
        _rounds(tally, random.Random(first))
    except KeyboardInterrupt:
        code = 130
    took_s = max(time.monotonic() - began_s, 0.001)
    print(f"seed {first}: {tally.examples} examples in {took_s:.0f} s, {tally.examples / took_s:.0f}/s", flush=True)
    if tally.failures:
        print(f"{len(tally.failures)} failures, saved in {tally.folder}", flush=True)
        return 1
    return code


def _rounds(tally: Tally, seeds: random.Random) -> None:
    number = 0
    while time.monotonic() < tally.until_s:
        number += 1
        with house() as opened:
            for name, strategy, law in _matches(opened):
                _one(tally, name, strategy, law, seeds.randrange(2**32))
            opened.gate.is_well()
        print(f"round {number}: {tally.examples} examples, {len(tally.failures)} failures", flush=True)


def _matches(opened: House) -> list[tuple[str, st.SearchStrategy[Any], Callable[[Any], Any]]]:
    bodies: list[tuple[str, st.SearchStrategy[Any], Callable[[Any], Any]]] = [
        (f"{law}-{family}", strategy, hold)
        for law, hold in opened.laws.items()
        for family, strategy in FAMILIES.items()
    ]
    return bodies + [(f"wire-{family}", strategy, opened.wire) for family, strategy in WIRES.items()]


def _one(tally: Tally, name: str, strategy: st.SearchStrategy[Any], law: Callable[[Any], Any], start: int) -> None:
    """One law against one family. Hypothesis makes a failing input small; the last one that failed is the smallest."""
    failed: list[tuple[Any, Exception]] = []

    @seed(start)
    @settings(
        max_examples=ROUND_EXAMPLES,
        database=None,
        deadline=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def hold(given_: Any) -> None:
        if time.monotonic() > tally.until_s and not failed:
            raise _TimeIsOverError
        tally.examples += 1
        try:
            law(given_)
        except Exception as error:
            failed.append((given_, error))
            raise

    try:
        hold()
    except _TimeIsOverError:
        return
    except Exception as error:
        if not failed:
            raise
        smallest = {str(why): (given_, why) for given_, why in failed}
        for given_, why in smallest.values():
            tally.save(name, given_, why)
        del error


if __name__ == "__main__":
    sys.exit(main())
