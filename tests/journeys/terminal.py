"""A real terminal: tmux with a server of its own, in which a program runs and a test types and reads."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

import pytest

from tests.journeys.conftest import eventually

TMUX = shutil.which("tmux")
COLUMNS, LINES = 140, 42
needs_tmux = pytest.mark.skipif(TMUX is None, reason="There is no tmux on this machine: no real terminal to test in.")
_started = 0


class Terminal:
    """`lhwa WORDS` in a terminal of so many columns and lines; it stays for reading after the program has ended."""

    def __init__(self, environ: Mapping[str, str], *words: str, columns: int = COLUMNS, lines: int = LINES) -> None:
        global _started  # noqa: PLW0603 -- each terminal has a socket of its own, whatever the process runs
        _started += 1
        self._socket = f"lhwa-test-{os.getpid()}-{_started}"
        self._environ = {**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._do(
            *("set-option", "-g", "remain-on-exit", "on", ";", "set-option", "-s", "escape-time", "0", ";"),
            *("new-session", "-d", "-x", str(columns), "-y", str(lines), "--", sys.executable, "-m", "lhwa", *words),
        )

    def _do(self, *words: str) -> str:
        assert TMUX is not None
        argv = [TMUX, "-L", self._socket, "-f", "/dev/null", *words]
        done = subprocess.run(argv, env=self._environ, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def _fact(self, name: str) -> str:
        return self._do("display-message", "-p", f"#{{{name}}}").strip()

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self._fact("pane_pid"))

    @property
    def screen(self) -> str:
        """What is to be seen, without the blanks at the ends of its lines."""
        return "\n".join(line.rstrip() for line in self._do("capture-pane", "-p").split("\n"))

    def press(self, *keys: str) -> None:
        """Press keys, named as tmux names them: `Enter`, `Escape`, `C-s`, `j`."""
        self._do("send-keys", *keys)

    def write(self, text: str) -> None:
        """Type a text."""
        self._do("send-keys", "-l", text)

    def resize(self, *, columns: int, lines: int) -> None:
        """Another size, as when somebody pulls at the window."""
        self._do("resize-window", "-x", str(columns), "-y", str(lines))

    def until(self, pattern: str, *, without: str = "") -> str:
        """Wait until the screen shows something, and something else no longer; returns the screen."""

        def look() -> str:
            screen = self.screen
            return screen if re.search(pattern, screen) and not (without and re.search(without, screen)) else ""

        try:
            return eventually(look, what=pattern)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen}") from None

    def kill(self) -> None:
        """SIGKILL, as a power cut or an out-of-memory killer does."""
        os.kill(self.pid, signal.SIGKILL)
        self.exit_status()

    def exit_status(self) -> int:
        """Wait until the program has ended; its exit code, or -1 when a signal ended it."""
        return int(eventually(self._ended, what="its end"))

    def _ended(self) -> str:
        # Now and then tmux misses that a child has ended, until another one does.
        self._do("run-shell", "true")
        return self._fact("pane_dead_status") or (self._fact("pane_dead_signal") and "-1")

    def close(self) -> None:
        """End the terminal and all that runs in it."""
        with suppress(AssertionError):
            self._do("kill-server")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()
