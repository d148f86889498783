"""The options that all benchmarks share, and the frame in which each one runs."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmarks import children
from scripts.benchmarks.report import Report


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of one benchmark: what was asked, where to work, where to tell."""

    asked: argparse.Namespace
    work: Path
    report: Report


def parser(name: str, about: str) -> argparse.ArgumentParser:
    """A parser with the shared options."""
    made = argparse.ArgumentParser(prog=f"scripts/bench {name}", description=about)
    made.add_argument("--quick", action="store_true", help="a short run: to see that it works, not to quote")
    made.add_argument(
        "--out", type=Path, default=Path("bench-results"), help="folder for the JSON (default: %(default)s)"
    )
    made.add_argument("--work", type=Path, default=None, help="folder on the disk to measure (default: the system's)")
    made.add_argument("--seed", type=int, default=1, help="of the sample texts (default: %(default)s)")
    return made


def numbers(text: str) -> list[int]:
    """`1,50` as numbers, each at least 1."""
    try:
        found = [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers such as 16,64,256") from None
    if not found or min(found) < 1:
        raise argparse.ArgumentTypeError("each number is at least 1")
    return found


def measured(name: str, asked: argparse.Namespace, arguments: list[str], measure: Callable[[Bench], int]) -> int:
    """Measure in a folder that is removed afterwards; 3 when something has to be installed first."""
    with children.told_to_stop(), _work_folder(asked.work) as work:
        report = Report(name, out=asked.out, arguments=arguments, seed=asked.seed, work=work)
        try:
            status = measure(Bench(asked, work, report))
        except children.Missing as missing:
            print(f"error: {missing}", file=sys.stderr)
            return 3
        report.write()
        return status


@contextmanager
def _work_folder(parent: Path | None) -> Iterator[Path]:
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lhwa-bench-", dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
