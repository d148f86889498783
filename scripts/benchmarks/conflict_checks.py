"""What every measurement of conflict checks shares: the names that are checked, and how cost grows with size."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scripts.benchmarks.report import Cell
from scripts.benchmarks.sample_parties import misspelt, sample_parties

CHECKS = 100
CANDIDATES_SHARE_MAX = 0.02
"""A check that must look at more of the parties than this is no check by an index."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A name to check."""

    name: str
    of: int | None = None
    """The number of the party whose name it is, misspelt; None for a new one."""


def asked_names(names: Sequence[str], *, seed: int) -> Iterator[Asked]:
    """Half of them on file in another spelling, half new."""
    chooser = random.Random(seed + 1)
    for new in sample_parties(CHECKS // 2, seed=seed + 2):
        number = chooser.randrange(len(names))
        yield Asked(misspelt(names[number], chooser), number)
        yield Asked(new)


def candidates_max(size: int) -> float:
    """So many of the parties a check may look at, but for the slowest hundredth."""
    return max(CANDIDATES_SHARE_MAX * size, 100)


def growth(table: Sequence[dict[str, Cell]], columns: Sequence[str]) -> list[dict[str, Cell]]:
    """How much more each size costs than the one before; a factor equal to that of the parties is linear."""
    rows: list[dict[str, Cell]] = []
    for before, after in itertools.pairwise(table):
        rows.append(
            {"from": before["parties"], "to": after["parties"]}
            | {
                f"{column} x": float(after[column] or 0) / max(float(before[column] or 0), sys.float_info.epsilon)
                for column in columns
            }
        )
    return rows
