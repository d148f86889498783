"""`lhwa inbox --web` in a real browser: from the link at the terminal to a reply in the outbox."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import STOP_S_MAX, eventually
from tests.journeys.outbound_place import written_ago
from tests.tui.web.chromium import PROGRAM, Page, chromium_page

NAME = "Contoh"
QUESTION = "Kapan sidang berikutnya?"
REPLY = "Hari Kamis pukul 10."
WATCH = """
window.drawn = "";
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  window.drawn += text;
  return fillText.call(this, text, ...rest);
};
window.heard = "";
const decoder = new TextDecoder();
const WebSocketOfPage = window.WebSocket;
window.WebSocket = class extends WebSocketOfPage {
  constructor(...words) {
    super(...words);
    this.addEventListener("message", async (event) => {
      const data = event.data instanceof Blob ? await event.data.arrayBuffer() : event.data;
      window.heard += typeof data === "string" ? data : decoder.decode(data);
    });
  }
};
"""
"""The terminal draws each sign once, and copies it from then on; what it was told to draw is kept whole."""


@contextmanager
def served(place: Any) -> Iterator[str]:
    """The inbox, served at a terminal of its own; its login link."""
    keyboard, terminal = pty.openpty()
    words = [sys.executable, "-m", "lhwa", "-t", "firma", "inbox", "--web", "--port", "0"]
    program = subprocess.Popen(words, env=place.environ(), stdin=terminal, stderr=subprocess.PIPE, text=True)
    os.close(terminal)
    assert program.stderr is not None
    try:
        link = next((line.split()[-1] for line in program.stderr if "#" in line), "")
        assert link, "it ended without a link"
        yield link
        program.send_signal(signal.SIGINT)
        assert program.wait(STOP_S_MAX) == 0
    finally:
        program.kill()
        program.wait()
        program.stderr.close()
        os.close(keyboard)


async def shows(page: Page, text: str) -> None:
    """Wait until the inbox has painted a text."""
    await page.until(f"window.heard.includes({text!r})")


@pytest.mark.skipif(not PROGRAM.exists(), reason=f"There is no Chromium at {PROGRAM}: no browser to test in.")
async def test_a_reply_is_written_in_a_browser(place: Any, tmp_path: Path) -> None:
    daemon = place.serve()
    assert daemon.post(written_ago(place.text(QUESTION), timedelta(0))) == 200
    daemon.settle()
    daemon.stop()
    with served(place) as link:
        async with chromium_page(tmp_path / "browser", before_each_page=WATCH) as page:
            await page.do("Page.navigate", url=link)
            await shows(page, NAME)
            await page.until("document.activeElement.className === 'xterm-helper-textarea'")
            await page.until("window.drawn.length > 100")
            await press(page, "Enter", "\r")
            await shows(page, QUESTION)
            await page.press("r")
            await shows(page, f"To {NAME}")
            await page.do("Input.insertText", text=REPLY)
            await shows(page, "May leave now")
            await press(page, "s", "\x13", modifiers=2)
            await asyncio.to_thread(eventually, lambda: texts(place) == [REPLY], what="the reply is in the outbox")
            assert page.complaints == []
    [row] = place.data("outbox", "list")
    assert row["state"] == "queued"


async def press(page: Page, key: str, text: str, *, modifiers: int = 0) -> None:
    """Press and release a key that writes no character of its own."""
    code = {"Enter": 13, "s": 83}[key]
    facts = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
    await page.do("Input.dispatchKeyEvent", type="keyDown", text=text if not modifiers else "", **facts)
    await page.do("Input.dispatchKeyEvent", type="keyUp", **facts)


def texts(place: Any) -> list[str]:
    """What stands in the outbox."""
    rows = place.data("outbox", "list")
    return [place.data("outbox", "show", row["id"])["text"] for row in rows]
