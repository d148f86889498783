"""How the line mode hears and speaks, and the watch over how long nobody has typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from lhwa.domain.text import safe_text

Known = Callable[[], Sequence[str]]
"""What can be completed, looked up when somebody asks for it."""


class Voice(Protocol):
    """A person at a terminal, or a script in a pipe. Every `ask` shows its question beside the content, not in it.

    Ctrl-C is a KeyboardInterrupt out of any question.
    """

    is_person: bool
    """Somebody can be asked again."""

    def command(self, prompt: str, known: Known) -> str | None:
        """A line that can be completed from `known` and is remembered; None at the end of the input."""

    def ask(self, question: str) -> str | None:
        """An answer, which is not remembered; None at the end of the input."""

    def ask_hidden(self, question: str) -> str | None:
        """A secret, which is not shown while it is typed; None at the end of the input."""

    def say(self, line: str) -> None:
        """Content: one line, on stdout."""

    def tell(self, line: str) -> None:
        """Talk: what was done, what is wrong, what to do; on stderr."""

    def forget(self) -> None:
        """Let go of the lines that are remembered."""


class IdleError(Exception):
    """Somebody typed again after so long a time that it may be somebody else. What they typed is thrown away."""


class Watched:
    """A voice that makes every line safe for a terminal, whoever wrote it, and behind which the inbox locks.

    Args:
        idle_s: so long nobody may type.
        monotonic_s: seconds of a clock that never goes back.
    """

    def __init__(self, voice: Voice, *, idle_s: float, monotonic_s: Callable[[], float]) -> None:
        self._voice, self._idle_s, self._monotonic_s = voice, idle_s, monotonic_s
        self._touched_s = monotonic_s()
        self.is_person = voice.is_person

    def _heard(self, answer: str | None) -> str | None:
        was_s, self._touched_s = self._touched_s, self._monotonic_s()
        if answer is not None and self._touched_s - was_s >= self._idle_s:
            raise IdleError
        return answer

    def command(self, prompt: str, known: Known) -> str | None:
        """As the voice. Raises: IdleError."""
        return self._heard(self._voice.command(_safe(prompt), known))

    def ask(self, question: str) -> str | None:
        """As the voice. Raises: IdleError."""
        return self._heard(self._voice.ask(_safe(question)))

    def ask_hidden(self, question: str) -> str | None:
        """As the voice; whoever proves who they are is not idle."""
        answer = self._voice.ask_hidden(_safe(question))
        self._touched_s = self._monotonic_s()
        return answer

    def say(self, line: str) -> None:
        """As the voice."""
        self._voice.say(_safe(line))

    def tell(self, line: str) -> None:
        """As the voice."""
        self._voice.tell(_safe(line))

    def forget(self) -> None:
        """As the voice."""
        self._voice.forget()


def _safe(line: str) -> str:
    return safe_text(line, newlines=False)
