"""Draw the inbox of a sample firm as .images/inbox*.svg: `.venv/bin/python .images/record_inbox.py`.

The firm's clock stands still and its ids are the same each time: a second run changes nothing.
"""

# ruff: noqa: INP001 -- a script beside its pictures, not a package

from __future__ import annotations

import asyncio
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.console import Console

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent)]  # for the sample home of the tests

import inbox_scene  # noqa: E402 -- after the path is right
from record import SVG, TITLE  # noqa: E402 -- as above

from lhwa.daemon import lock  # noqa: E402 -- as above
from lhwa.tui.app import InboxApp  # noqa: E402 -- as above
from tests.tui import place as places  # noqa: E402 -- as above
from tests.tui.place import LAWYER, Place, build_place, main_of, open_inbox, settle, type_text  # noqa: E402 -- as above

LARGE, MIDDLE, SMALL = (150, 40), (120, 22), (80, 24)


class Painter:
    """Somebody at the inbox who draws what they see."""

    def __init__(self, app: InboxApp, pilot: Any) -> None:
        self._app, self._pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            await self._pilot.press(key)
            await settle(self._pilot)

    async def write(self, text: str) -> None:
        """Type a text."""
        await type_text(self._pilot, text)
        await settle(self._pilot)

    async def opens(self, thread: str) -> None:
        """Open a conversation."""
        main_of(self._app).threads.open_by_id(thread)
        await settle(self._pilot)

    async def draw(self, name: str, title: str) -> None:
        """The screen as a picture."""
        self._app.clear_notifications()
        await self._pilot.pause(0.3)
        await settle(self._pilot)
        width, height = self._app.size
        console = Console(
            record=True,
            force_terminal=True,
            color_system="truecolor",
            width=width,
            height=height,
            file=io.StringIO(),
            legacy_windows=False,
        )
        painted = self._app.screen._compositor.render_update(full=True, simplify=True)  # noqa: SLF001 -- as textual's own pictures are made
        console.print(painted)
        drawn = console.export_svg(title="lhwa inbox", code_format=SVG, unique_id=name)
        (HERE / f"{name}.svg").write_text(drawn.replace(TITLE, title), encoding="utf-8")


async def draw_all(place: Place) -> None:
    """Every picture, each in an inbox of its own."""
    ids = place.ids
    async with open_inbox(place, LAWYER, size=LARGE) as (app, pilot):
        painter = Painter(app, pilot)
        await painter.opens(ids["Dewi Contoh"])
        await painter.draw("inbox", "The inbox: conversations, the open thread, and what is known of the client")
    async with open_inbox(place, LAWYER, size=MIDDLE) as (app, pilot):
        painter = Painter(app, pilot)
        await painter.press("2", "enter")
        await painter.draw("inbox-review", "Intake review: an intake with its answers, and a hit in the conflict check")
        await painter.press("3", "j", "j", "enter")
        await painter.draw("inbox-approvals", "Approvals: what staff wrote waits for a second person")
        await painter.press("1", "G", "enter", "r")
        await painter.write("Sudah bisa diambil, Pak.")
        await painter.draw(
            "inbox-closed-window", "The composer says that the window is closed, before anything is sent"
        )
    async with open_inbox(place, LAWYER, size=SMALL) as (app, pilot):
        painter = Painter(app, pilot)
        await painter.opens(ids["Dewi Contoh"])
        await painter.draw("inbox-small", "The inbox in a terminal of 80 by 24")


def main() -> None:
    """Fill a home, and draw."""
    os.environ.pop("NO_COLOR", None)
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(places, "fill", inbox_scene.fill),
        patch.object(lock, "running_daemon", lambda _file: True),  # a day with the daemon
    ):
        asyncio.run(draw_all(build_place(Path(folder) / "home")))


if __name__ == "__main__":
    main()
