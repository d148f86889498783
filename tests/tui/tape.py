"""What the inbox would write to a terminal, and what in it is not its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from textual.drivers.headless_driver import HeadlessDriver

from tests.tui.hostile import active

OWN = re.compile(
    r"\x1b\[[0-9;]*m"  # colours
    r"|\x1b\[[0-9]+;[0-9]+H"  # where to write
    r"|\x1b\[\?2026[hl]"  # begins and ends an update
    r"|\x1b\]22;[a-z-]+\x07"  # how the mouse looks
)
CLIPBOARD = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


class Tape:
    """Everything that was written, in one text."""

    def __init__(self) -> None:
        self.written: list[str] = []

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.written)

    @property
    def copied(self) -> list[str]:
        """What was put on the clipboard, each in base64."""
        return CLIPBOARD.findall(self.text)

    def strange(self) -> list[str]:
        """What a terminal would act on, and is neither a colour, nor a place, nor somebody's copy."""
        rest = CLIPBOARD.sub("", OWN.sub("", self.text))
        rest.encode("utf-8")  # half a sign would end the thread that writes
        acting = active(rest) - {"\n"}
        return [rest[place : place + 40] for place, each in enumerate(rest) if each in acting][:20]


@contextmanager
def taped() -> Iterator[Tape]:
    """For the block, an inbox under a pilot paints as it does in a terminal."""
    tape = Tape()

    def write(_driver: HeadlessDriver, data: str) -> None:
        tape.written.append(data)

    with patch.object(HeadlessDriver, "is_headless", False), patch.object(HeadlessDriver, "write", write):
        yield tape
