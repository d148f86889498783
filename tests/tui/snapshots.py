"""Screens as text files in `tests/tui/snapshots`: what stands where, and in which colours.

A file has the lines of the screen, then the styles of each line as letters with the number of cells, then what each
letter means in both themes. `LHWA_SNAPSHOTS=write` before pytest writes them anew; look at the difference before you
commit it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import unified_diff
from itertools import groupby
from pathlib import Path
from string import ascii_letters
from typing import Any, NamedTuple
from unittest.mock import patch

from rich.cells import cell_len
from rich.style import Style
from textual._compositor import Compositor
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from lhwa.tui.app import InboxApp
from lhwa.tui.themes import THEMES
from tests.tui.place import QUIET_S, settle, type_text

FOLDER = Path(__file__).with_suffix("")
SIZES = ((80, 24), (120, 40), (200, 50))
WRITES = os.environ.get("LHWA_SNAPSHOTS") == "write"
DIFFERENCE_LINES_MAX = 60
RETAKES_MAX = 3
"""On a busy machine a line may still be on its way when the first theme is looked at."""
ROUNDS_MAX, ROUND_S = 200, 0.02
LETTERS = (*ascii_letters, *(f"{letter}'" for letter in ascii_letters))


class Look(NamedTuple):
    """A screen in one theme."""

    lines: tuple[str, ...]
    styles: tuple[tuple[str, ...], ...]
    """Of each cell."""


class Album:
    """Snapshots of one run; `differences` are those that are not as their files say."""

    def __init__(self, app: InboxApp, pilot: Pilot[Any]) -> None:
        self._app, self._pilot = app, pilot
        self.differences: list[str] = []

    async def go(self, *keys: str, shows: str) -> None:
        """Press keys, and wait until this is to be read; what is typed as a whole begins with a blank."""
        for key in keys:
            if key.startswith(" "):
                await type_text(self._pilot, key[1:])
            else:
                await self._pilot.press(key)
            await self._still()
        for _ in range(ROUNDS_MAX):
            if shows in self._text():
                return
            await self._pilot.pause(ROUND_S)
            await self._still()
        raise AssertionError(f"{shows!r} is not on the screen:\n{self._text()}")

    def _text(self) -> str:
        return "\n".join(look_of(self._app).lines)

    async def take(self, name: str, *, sizes: Sequence[tuple[int, int]] = SIZES, keeps_toasts: bool = False) -> None:
        """Compare, or write, what is on the screen in all these sizes and in both themes."""
        if not keeps_toasts:
            self._app.clear_notifications()
        themes = sorted(THEMES, key=lambda name: THEMES[name].name != self._app.theme)  # a change of theme is slow
        looks: dict[tuple[int, int], dict[str, Look]] = {size: {} for size in sizes}
        for theme in themes:
            for size in sizes:
                looks[size][theme] = await self._look(theme, size)
        for size, found in looks.items():
            for _ in range(RETAKES_MAX):
                if found["dark"].lines == found["light"].lines:
                    break
                found |= {theme: await self._look(theme, size) for theme in themes}
            self._compare(f"{name}-{size[0]}x{size[1]}", _described(found["dark"], found["light"]))

    async def _look(self, theme: str, size: tuple[int, int]) -> Look:
        self._app.theme = THEMES[theme].name
        await self.resize(*size)
        await self._still()
        return look_of(self._app)

    async def resize(self, width: int, height: int) -> None:
        """Another size of the terminal."""
        await self._pilot.resize_terminal(width, height)
        while any(screen.outer_size != (width, height) for screen in self._app.screen_stack[1:]):
            await self._pilot.pause(QUIET_S)

    async def _still(self) -> None:
        """Nothing blinks, and everything that was begun is done."""
        for each in self._app.screen.query("Input, TextArea"):
            if isinstance(each, (Input, TextArea)):
                each.cursor_blink = False
        await settle(self._pilot, look=False)
        while any(_is_to_do(screen) for screen in self._app.screen_stack[1:]):
            await self._pilot.pause(QUIET_S)
            await settle(self._pilot, look=False)

    def _compare(self, name: str, found: str) -> None:
        file = FOLDER / f"{name}.txt"
        if WRITES:
            FOLDER.mkdir(exist_ok=True)
            file.write_text(found, encoding="utf-8")
            return
        known = file.read_text(encoding="utf-8") if file.exists() else ""
        if found != known:
            lines = unified_diff(known.splitlines(), found.splitlines(), f"{name} before", f"{name} now", "", "", 1, "")
            self.differences.append("\n".join([*lines][:DIFFERENCE_LINES_MAX]))

    def require_same(self) -> None:
        """Fail with everything that looks otherwise than it did."""
        assert not self.differences, "\n\n".join(["", *self.differences, "LHWA_SNAPSHOTS=write writes them anew."])


def _is_to_do(screen: Screen[Any]) -> bool:
    """Textual lays screens out some times a second; until then nobody has a message."""
    return screen._layout_required or screen._scroll_required or bool(screen._dirty_widgets or screen._callbacks)


@contextmanager
def unpainted() -> Iterator[None]:
    """For the block, nothing is painted for the terminal, which there is none of; snapshots paint what they need."""
    with patch.object(Compositor, "render_update", lambda *_, **__: None):
        yield


def look_of(app: InboxApp) -> Look:
    """What is on the screen."""
    lines, styles = [], []
    for strip in app.screen._compositor.render_strips():
        lines.append(strip.text.rstrip())
        cells: list[str] = []
        for text, style, _ in strip:
            cells += [_named(style)] * cell_len(text)
        styles.append(tuple(cells))
    return Look(tuple(lines), tuple(styles))


def _named(style: Style | None) -> str:
    if style is None:
        return "plain"
    colours = [
        "-" if colour is None else colour.triplet.hex if colour.triplet is not None else colour.name
        for colour in (style.color, style.bgcolor)
    ]
    marks = [name for name in ("bold", "dim", "italic", "underline", "reverse") if getattr(style, name)]
    return " ".join([colours[0], "on", colours[1], *marks])


def _described(dark: Look, light: Look) -> str:
    assert dark.lines == light.lines, "the themes differ in more than colours"
    letters: dict[tuple[str, str], str] = {}
    runs = ["".join(_runs(*pair, letters)) for pair in zip(dark.styles, light.styles, strict=True)]
    width = max(len(one) for one, _ in letters)
    return "\n".join(
        [
            *dark.lines,
            "",
            *(f"{number:2} {run}" for number, run in enumerate(runs, start=1)),
            "",
            *(f"{letter} = {one:<{width}} | {other}" for (one, other), letter in letters.items()),
            "",
        ]
    )


def _runs(dark: Sequence[str], light: Sequence[str], letters: dict[tuple[str, str], str]) -> Iterator[str]:
    for pair, cells in groupby(zip(dark, light, strict=True)):
        letter = letters.setdefault(pair, LETTERS[len(letters)])
        yield f" {letter}{len(list(cells))}"
