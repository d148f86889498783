"""What somebody is about to send: the words and choices of the composer, the line that sends them, and the same as a
question to the gates. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from lhwa.domain.instants import rfc3339
from lhwa.tui.acts import Line


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is being written."""

    thread: str = ""
    contact: str = ""
    """Its id."""
    number: str = ""
    """The firm's phone number id that the thread is on."""
    text: str = ""
    reply_to: str = ""
    """Our id of the message that it answers."""
    quoted: str = ""
    """Its words, for whoever writes."""
    template: str = ""
    language: str = ""
    values: tuple[tuple[str, str], ...] = ()
    preview: tuple[str, ...] = ()
    path: str = ""
    send_at_ms: int | None = None

    def __repr__(self) -> str:
        return "Letter(…)"

    def with_text(self, text: str) -> Letter:
        """The same with other words."""
        return replace(self, text=text)

    def answering(self, message: str, words: str = "") -> Letter:
        """The same as an answer to one message of the client."""
        return replace(self, reply_to=message, quoted=words)

    def without_template(self) -> Letter:
        """Free text again."""
        return replace(self, template="", language="", values=(), preview=())

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to send."""
        return not (self.text.strip() or self.template or self.path)

    def line(self) -> Line:
        """The `lhwa send` line. What the client reads goes in by stdin, values of a template stand in it."""
        words = ["send", self.contact]
        if self.number:
            words += ["--from", self.number]
        typed = ""
        if self.template:
            words += ["--template", self.template, "--language", self.language]
            for name, value in self.values:
                words += ["--param", f"{name}={value}"]
        else:
            if self.path:
                words += ["--document", self.path]
            if self.text.strip() or not self.path:
                words += ["--text", "-"]
                typed = self.text
        if self.send_at_ms is not None:
            words += ["--at", rfc3339(datetime.fromtimestamp(self.send_at_ms / 1000, UTC))]
        if self.reply_to:
            words += ["--reply-to", self.reply_to]
        return Line(tuple(words), typed)

    def question(self) -> Line:
        """The same line, asking only what the gates say to it."""
        words, typed = self.line()
        return Line(("--json", *words, "--dry-run"), typed)
