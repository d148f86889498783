"""`lhwa inbox --plain` as a process of its own: behind a pipe, and at a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.tui.place import LAWYER, OWNER, Place

ANSWER_S = 20.0
SETTLED_S = 0.1
WORDS = [sys.executable, "-m", "lhwa", "-t", "firma", "inbox", "--plain"]


def environ(place: Place, operator: str) -> dict[str, str]:
    """Of somebody's shell: nothing of the machine's own user."""
    user = str(place.root.parent / "user")
    ours = {"LHWA_HOME": str(place.root), "HOME": user, "XDG_CONFIG_HOME": user, "TERM": "dumb", "PYTHONUTF8": "1"}
    token = {} if operator == OWNER else {"LHWA_TOKEN": place.tokens[operator]}
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        **ours,
        **token,
    }


def piped(place: Place, *lines: bytes, operator: str = LAWYER) -> subprocess.CompletedProcess[bytes]:
    typed = b"".join(line + b"\n" for line in lines)
    return subprocess.run(
        WORDS, input=typed, env=environ(place, operator), capture_output=True, timeout=60, check=False
    )


def test_in_a_pipe_content_is_on_stdout_and_everything_else_on_stderr(place: Place) -> None:
    done = piped(place, b"review", b"inbox", b'/from:"Contoh Terbuka"', b"1", b"seen", b"where")
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == 0, err
    assert ">" not in out
    assert "Done." not in out
    assert out.splitlines()[-1] == "inbox, Contoh Terbuka"
    assert "Mark as read, Contoh Terbuka. Done." in err
    assert "review> " in err
    assert all(line.isprintable() for line in out.splitlines())


def test_a_line_that_failed_is_the_exit_code_of_a_pipe(place: Place) -> None:
    done = piped(place, b"nonsense", b"where")
    assert done.returncode == 1
    assert b"error: This word is not known." in done.stderr
    assert done.stdout.endswith(b"\ninbox\n")


def test_a_line_that_is_no_text_fails_alone(place: Place) -> None:
    done = piped(place, b"\xff\xfe", b"where")
    assert done.returncode == 1
    assert b"error: What was typed is no UTF-8 text." in done.stderr
    assert done.stdout.endswith(b"\ninbox\n")


class Terminal:
    """Both ends of a terminal at which the inbox runs."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self._descriptor, self.process = descriptor, process
        self.shown = ""
        self._from = 0

    def waits_for(self, pattern: str) -> str:
        """What was shown since the last time, up to this."""
        until = time.monotonic() + ANSWER_S
        while (found := re.search(pattern, self.shown[self._from :])) is None:
            assert time.monotonic() < until, self.shown
            if select.select([self._descriptor], [], [], 0.1)[0]:
                try:
                    self.shown += os.read(self._descriptor, 65_536).decode().replace("\r\n", "\n")
                except OSError:  # the other end is closed
                    assert re.search(pattern, self.shown[self._from :]), self.shown
        begin, self._from = self._from, self._from + found.end()
        return self.shown[begin : self._from]

    def interrupts(self) -> None:
        """Press Ctrl-C. Python does not notice one that comes between the prompt and the wait for a key."""
        until = time.monotonic() + ANSWER_S
        status = Path(f"/proc/{self.process.pid}/status")
        while status.exists() and "State:\tS" not in status.read_text():
            assert time.monotonic() < until
        time.sleep(SETTLED_S)
        os.killpg(self.process.pid, signal.SIGINT)

    def types(self, text: str) -> None:
        os.write(self._descriptor, text.encode())


@contextmanager
def terminal(place: Place, operator: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        WORDS,
        env=environ(place, operator),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(ours)


def test_at_a_terminal_words_are_completed_remembered_and_left(place: Place) -> None:
    with terminal(place, OWNER) as at:
        at.waits_for("inbox> ")
        at.types("rev\t\n")
        assert "rev" in at.waits_for("review> ")
        at.types("whe\t\n")
        at.waits_for("\nreview\n")
        at.waits_for("review> ")
        at.types("\x1b[A\n")  # the line before
        at.waits_for("\nreview\n")
        at.waits_for("review> ")
        at.types("\x04")
        assert at.process.wait(ANSWER_S) == 0


def test_at_a_terminal_ctrl_c_gives_a_question_up_and_twice_leaves(place: Place) -> None:
    with terminal(place, OWNER) as at:
        at.waits_for("inbox> ")
        at.types('/from:"Contoh Terbuka"\n1\nnote\n')
        at.waits_for("ends the text.")
        at.waits_for("> $")
        at.interrupts()
        at.waits_for("Given up, nothing was done.")
        at.waits_for("Contoh Terbuka> ")
        at.interrupts()
        at.waits_for("quit or Ctrl-D leaves")
        at.waits_for("Contoh Terbuka> ")
        at.interrupts()
        assert at.process.wait(ANSWER_S) == 0
