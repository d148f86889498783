"""How rows become columns: aligned text for pipes, and what of a table fits a terminal.

A terminal that is too narrow for all columns gets the most important ones, each wide enough to be read. What people
copy, an id or a number, is never broken; sentences are, between their words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

GAP = "  "
SENTENCE_PLACES = 20
"""So narrow a column of sentences may become; what is shorter stays on one line."""
PATH = "/"
"""In a word of a sentence: a path or an address may be broken."""
COLUMNS_MIN = 2
"""So many columns stay, however narrow the terminal is."""
_NARROW = re.compile(r"[\x20-\x7e•…\u2013\u2014]*")
"""What lhwa itself writes, and most people: one place each."""
_BORDER_PLACES = 3
"""Of each column: a line and a blank on either side; one more line ends the table."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A cell that has a shorter form for where there is little room."""

    full: str
    short: str

    def __str__(self) -> str:
        return self.full


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns are shown, and how wide each is."""

    shown: tuple[int, ...]
    widths: tuple[int, ...]


def utc_moment(text: str) -> Brief:
    """A time as it is stored, in UTC, as a cell: without fractions, and short without year and seconds."""
    full = text[:19].replace("T", " ")
    return Brief(full, full[5:16])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with columns that stand below each other; wide characters take two places."""
    widths = [max(map(places, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        padded = [cell + " " * (width - places(cell)) for cell, width in zip(row, widths, strict=True)]
        lines.append(GAP.join(padded).rstrip())
    return lines


def places(text: str) -> int:
    """How many places a text takes on a terminal."""
    if _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 -- most tables hold nothing that is wide

    return cell_len(text)


def fitted(headings: Sequence[str], rows: Sequence[Sequence[str]], *, width: int, order: Sequence[int]) -> Layout:
    """What of a table fits.

    Args:
        width: of the terminal, in places.
        order: the columns by their importance, the most important one first.
    """
    columns = list(zip(*rows, strict=True))
    least = [_least(heading, cells) for heading, cells in zip(headings, columns, strict=True)]
    most = [max(places(heading), *map(places, cells)) for heading, cells in zip(headings, columns, strict=True)]
    shown = list(order[:COLUMNS_MIN])
    for column in order[COLUMNS_MIN:]:
        if sum(least[each] for each in (*shown, column)) <= _room(width, len(shown) + 1):
            shown.append(column)
    shown.sort()
    widths = _shared([least[each] for each in shown], [most[each] for each in shown], _room(width, len(shown)))
    return Layout(tuple(shown), tuple(widths))


def _room(width: int, columns: int) -> int:
    """What the borders leave for so many columns."""
    return width - _BORDER_PLACES * columns - 1


def _least(heading: str, cells: Sequence[str]) -> int:
    """How wide a column has to be so that it can be read."""
    widest = max(map(places, cells))
    if widest > SENTENCE_PLACES and any(" " in cell for cell in cells):
        words = [places(word) for cell in cells for word in cell.split(" ") if PATH not in word]
        widest = max([SENTENCE_PLACES, *words])
    return max([widest, *map(places, heading.split(" "))])


def _shared(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """The widths of columns: each gets what it needs, then what is left goes to those that want more."""
    widths = list(least)
    while sum(widths) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    while (spare := room - sum(widths)) > 0:
        hungry = [place for place, width in enumerate(widths) if width < most[place]]
        if not hungry:
            break
        for place in hungry[:spare]:
            widths[place] += min(most[place] - widths[place], max(spare // len(hungry), 1))
    return widths
