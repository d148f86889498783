"""How the line mode of the inbox hears and speaks: a terminal with editing and completion, or a pipe.

Invariants: content alone is on stdout, wherever that is a file; nothing that was typed is ever written to one.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

from lhwa.cli import diagnostics
from lhwa.cli.output import Output
from lhwa.errors import UsageError
from lhwa.tui.plain.voice import Known

LINE_CHARS_MAX = 65_536
HISTORY_LINES_MAX = 500


class PipeVoice:
    """Lines from a pipe or a file, or from a terminal that cannot edit."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self.is_person = sys.stdin.isatty()

    def command(self, prompt: str, known: Known) -> str | None:  # noqa: ARG002 -- a pipe completes nothing
        """The next line."""
        return self.ask(prompt)

    def ask(self, question: str) -> str | None:
        """The next line. Raises: UsageError for one that is no text."""
        diagnostics.ask(question)
        line = _text(sys.stdin.readline(LINE_CHARS_MAX))
        if not self.is_person:
            diagnostics.tell("")  # nobody's Enter has ended the line
        return line.removesuffix("\n") if line else None

    def ask_hidden(self, question: str) -> str | None:
        """A secret; on a terminal it is not shown."""
        if not self.is_person:
            return self.ask(question)
        from getpass import getpass  # noqa: PLC0415 -- only where somebody types a secret

        try:
            return getpass(question, stream=sys.stderr)
        except EOFError:
            return None

    def say(self, line: str) -> None:
        """Content."""
        self._out.line(line)

    def tell(self, line: str) -> None:
        """Talk."""
        diagnostics.tell(line)

    def forget(self) -> None:
        """A pipe remembers nothing."""


class TerminalVoice(PipeVoice):
    """A terminal with GNU readline: editing everywhere; completion and history for commands alone.

    Answers and letters are no history: the arrow key would show a client's words to whoever sits there next.
    """

    def __init__(self, out: Output, readline: Any) -> None:
        super().__init__(out)
        self._readline = readline
        readline.set_auto_history(False)
        readline.set_history_length(HISTORY_LINES_MAX)
        readline.set_completer_delims("")
        readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")

    def command(self, prompt: str, known: Known) -> str | None:
        """A line that was edited; it is remembered until the inbox ends or is locked."""
        line = self._line(prompt, completer(known))
        if line and line.strip():
            self._readline.add_history(line)
        return line

    def ask(self, question: str) -> str | None:
        """An answer that was edited."""
        return self._line(question, None)

    def _line(self, question: str, complete: Callable[[str, int], str | None] | None) -> str | None:
        # Without one, readline would complete the names of files.
        self._readline.set_completer(complete or (lambda _text, _nth: None))
        try:
            return _text(input(question))
        except EOFError:
            diagnostics.tell("")  # what comes next begins a line
            return None

    def forget(self) -> None:
        """Let go of the lines that are remembered."""
        self._readline.clear_history()


def completer(known: Known) -> Callable[[str, int], str | None]:
    """What readline asks for the nth line that begins with a text."""

    def complete(text: str, nth: int) -> str | None:
        fits = [line for line in dict.fromkeys(known()) if line.startswith(text)]
        return fits[nth] if nth < len(fits) else None

    return complete


def open_voice(out: Output) -> PipeVoice:
    """The voice for the streams of this process."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        # A wrong byte is found by `_text`, and ends its line alone.
        sys.stdin.reconfigure(errors="surrogateescape")
    # readline shows its questions on stdout: where that is no terminal, it holds content alone.
    if sys.stdin.isatty() and sys.stdout.isatty():
        try:
            import readline  # noqa: PLC0415 -- it takes over the terminal
        except ImportError:
            return PipeVoice(out)
        return TerminalVoice(out, readline)
    return PipeVoice(out)


def _text(line: str) -> str:
    try:
        line.encode()
    except UnicodeEncodeError:
        raise UsageError("What was typed is no UTF-8 text.", hint="Set the terminal to UTF-8.") from None
    return line
