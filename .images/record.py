"""Play the demo; draw its last screen and one of its intakes as .images/*.svg: `.venv/bin/python .images/record.py`."""

# ruff: noqa: INP001 -- a script beside its picture, not a package

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lhwa.cli.demo import play
from lhwa.cli.demo.screen import Screen
from lhwa.cli.demo.stage import Stage
from lhwa.cli.demo.story import FIRM_A
from lhwa.cli.demo.taking_in import TakenIn, take_in
from lhwa.cli.demo.trace import Seen

WIDTH_COLUMNS = 132
INTAKE_COLUMNS = 110
PICTURE = Path(__file__).with_name("demo.svg")
INTAKE = Path(__file__).with_name("intake.svg")
TITLE = "The demo: each webhook with what it became, and the checks at the end"
# No web font: the reader's browser fetches nothing, and GitHub would not let it. Each run of text has its length in
# the picture, so any monospaced font fits.
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>The demo: each webhook with what it became, and the checks at the end</title>
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
    font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class StillScreen(Screen):
    """Shows only what stays: the whole table and the verdict."""

    def commands(self, title: str, lines: Sequence[str]) -> None:
        """Leave out the commands: they name folders of this machine."""

    def say(self, text: str, *, style: str = "") -> None:
        """Leave out the address of the daemon: it differs each time."""

    @contextmanager
    def live(self) -> Iterator[None]:
        """Draw nothing on the way."""
        yield

    def show(self, seen: Sequence[Seen], *, total: int) -> None:
        """Draw nothing on the way."""


def on_screen(stage: Stage, *words: str) -> str:
    """What a command draws on a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, INTAKE_COLUMNS, 0, 0))
    environ = stage.environ() | {"TERM": "xterm-256color", "COLUMNS": str(INTAKE_COLUMNS)}
    command = [sys.executable, "-m", "lhwa", *words]
    with subprocess.Popen(command, env=environ, stdout=theirs, stderr=theirs):  # noqa: S603 -- our own program
        os.close(theirs)
        drawn = b""
        with suppress(OSError):  # the other end is closed
            while piece := os.read(ours, 65_536):
                drawn += piece
    os.close(ours)
    return drawn.decode().replace("\r\n", "\n")


def draw_intake(screen: Screen, stage: Stage) -> TakenIn:
    """The third act, and a picture of the intake that a lawyer accepted."""
    taken = take_in(screen, stage)
    accepted = next(each for each in stage.ask("intake", "list", "--all", "-t", FIRM_A) if each["state"] == "accepted")
    console = Console(
        record=True, force_terminal=True, color_system="truecolor", width=INTAKE_COLUMNS, file=io.StringIO()
    )
    console.print(Text.from_ansi(on_screen(stage, "intake", "show", accepted["id"], "-t", FIRM_A)))
    drawn = console.export_svg(title=f"lhwa intake show {accepted['id']}", code_format=SVG, unique_id="intake")
    title = "One intake: its answers with the messages they came from, consents, conflicts, and its history"
    INTAKE.write_text(drawn.replace(TITLE, title), encoding="utf-8")
    return taken


def main() -> None:
    """Play once, then draw."""
    vars(play)["take_in"] = draw_intake
    console = Console(
        record=True, force_terminal=True, color_system="truecolor", width=WIDTH_COLUMNS, file=io.StringIO()
    )
    vars(play)["Screen"] = StillScreen
    verdict = play.play(console, once=True)
    if not verdict.ok:
        raise SystemExit("The demo did not end as it should; the picture stays as it was.")
    drawn = console.export_svg(title="scripts/demo", code_format=SVG, unique_id="demo")
    PICTURE.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
