"""What a person sees of the demo: rows that fill as webhooks pass the stages, then the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lhwa.cli.demo.story import Outcome
from lhwa.cli.demo.trace import Seen
from lhwa.domain.text import safe_text

ROWS_BESIDE_TABLE = 8
"""Lines of the terminal that are not rows of the live table."""
_STYLES = {
    Outcome.MESSAGE: "green",
    Outcome.STATUS: "cyan",
    Outcome.PLATFORM: "blue",
    Outcome.MIXED: "green",
    Outcome.DUPLICATE: "yellow",
    Outcome.DEAD_LETTER: "magenta",
    Outcome.REFUSED: "red",
}
_SAYINGS = {
    Outcome.DUPLICATE: "seen before: nothing changed",
    Outcome.REFUSED: "refused: nothing stored",
    Outcome.DEAD_LETTER: "dead letter, sealed",
    Outcome.MIXED: "split: each firm its own part",
}


class Screen:
    """Writes to one console. On a terminal rows are live; elsewhere each step is one line."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._live: Live | None = None

    def commands(self, title: str, lines: Sequence[str]) -> None:
        """Show command lines as they were typed."""
        self.console.print(Text(title, style="bold"))
        for line in lines:
            self.console.print(Text("  $ ", style="dim") + Text(safe_text(line, newlines=False)), soft_wrap=True)
        self.console.print()

    @contextmanager
    def live(self) -> Iterator[None]:
        """Between here and the end of the block, `show` redraws."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, transient=True, auto_refresh=False) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    def show(self, seen: Sequence[Seen], *, total: int) -> None:
        """Show how far the script is."""
        if self._live is None:
            if seen[-1].outcome is not None or seen[-1].http not in (None, 200):
                self.console.print(_line(len(seen), seen[-1]), soft_wrap=True)
            return
        first = max(len(seen) - max(self.console.height - ROWS_BESIDE_TABLE, 5), 0)
        progress = Text(f" {len(seen)} of {total} webhooks", style="dim")
        self._live.update(Group(_table(seen[first:], first=first), progress), refresh=True)

    def all_rows(self, seen: Sequence[Seen]) -> None:
        """The whole table, once, to stay in the scroll-back."""
        if self.console.is_terminal:
            self.console.print(_table(seen, first=0))

    def verdict(self, checks: Sequence[tuple[str, bool, str]], *, ok: bool) -> None:
        """Show what was checked at the end."""
        grid = Table(box=None, show_header=False, padding=(0, 1))
        for name, held, detail in checks:
            grid.add_row(
                Text("✓" if held else "✗", style="green" if held else "red bold"), Text(name), Text(detail, style="dim")
            )
        title = "Nothing lost, nothing twice" if ok else "Something is missing"
        self.console.print(Panel(grid, title=title, border_style="green" if ok else "red", box=ROUNDED, expand=False))

    def say(self, text: str, *, style: str = "") -> None:
        """One line."""
        self.console.print(Text(safe_text(text), style=style), soft_wrap=True)


def _table(seen: Sequence[Seen], *, first: int) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), header_style="bold", expand=True)
    table.add_column("#", justify="right", style="dim", width=3)
    table.add_column("firm", max_width=15, no_wrap=True)
    table.add_column("webhook", ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column("HTTP", width=4)
    table.add_column("sealed", justify="right", width=7)
    table.add_column("became", ratio=2, no_wrap=True, overflow="ellipsis")
    for number, each in enumerate(seen, start=first + 1):
        table.add_row(str(number), each.step.firm, _what(each), _http(each), _sealed(each), _became(each))
    return table


def _line(number: int, seen: Seen) -> Text:
    parts = [Text(f"{number:>3} "), Text(f"{seen.step.firm:<16}"), _http(seen), Text(f" {_sealed(seen)!s:>8}  ")]
    return Text.assemble(*parts, _became(seen), "  <-  ", _what(seen))


def _what(seen: Seen) -> Text:
    name = safe_text(seen.step.sender, newlines=False)
    return Text.assemble((f"{name}: ", "dim"), safe_text(seen.step.what, newlines=False))


def _http(seen: Seen) -> Text:
    if seen.http is None:
        return Text("…", style="dim")
    return Text(str(seen.http), style="green" if seen.http == 200 else "red")


def _sealed(seen: Seen) -> Text:
    return Text(f"{seen.sealed_bytes} B" if seen.sealed_bytes else "", style="dim")


def _became(seen: Seen) -> Text:
    if seen.outcome is None:
        return Text("…", style="dim")
    text = _SAYINGS.get(seen.outcome) or "; ".join(seen.made)
    mark = "" if seen.ok else "  ✗ expected " + seen.step.outcome.value
    return Text(safe_text(text, newlines=False), style=_STYLES[seen.outcome]) + Text(mark, style="red bold")
