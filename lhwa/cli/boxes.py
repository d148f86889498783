"""A table in a box, for a terminal: as wide as the terminal allows. Whoever calls it pays for rich."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lhwa.cli.columns import fitted

Rows = Sequence[Sequence[str]]


def boxed(
    headings: Sequence[str], rows: Rows, brief: Rows, *, order: Sequence[int], has_colour: bool
) -> tuple[str, list[str]]:
    """The table as text, and the headings of the columns that it has no room for.

    Args:
        brief: the rows in their shorter form, for a terminal that is too narrow for the full one.
        order: the columns to show by their importance, the most important one first.
    """
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, no_color=not has_colour)
    shown = rows
    layout = fitted(headings, rows, width=console.width, order=order)
    if len(layout.shown) < len(order):
        shown = brief
        layout = fitted(headings, brief, width=console.width, order=order)
    table = Table(box=ROUNDED, header_style="bold")
    for place, width in zip(layout.shown, layout.widths, strict=True):
        table.add_column(Text(headings[place]), overflow="fold", width=width)
    for row in shown:
        table.add_row(*(Text(row[place]) for place in layout.shown))
    with console.capture() as captured:
        console.print(table)
    return captured.get(), [headings[place] for place in sorted(order) if place not in layout.shown]
