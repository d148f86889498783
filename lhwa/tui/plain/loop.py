"""The line mode: a prompt, short words, and every answer as lines that can be read aloud."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lhwa.domain.text import safe_text
from lhwa.errors import LhwaError, UsageError
from lhwa.services.inbox.counts import count_queues
from lhwa.tui.act_table import offered
from lhwa.tui.acts import Act, Field, Line, Offer
from lhwa.tui.desk import Desk
from lhwa.tui.letter import Letter
from lhwa.tui.paint.office import Eyes
from lhwa.tui.plain.listing import INBOX, PAGE, Listing

QUEUES = (INBOX, "review", "approvals", "outbox", "alerts")
END_OF_TEXT = "."
"""A line of its own that ends a longer text."""


class Voice(NamedTuple):
    """How the line mode hears and speaks."""

    ask: Callable[[str], str | None]
    """Shows a question and returns the answer; None at the end of the input."""
    say: Callable[[str], None]
    """Says one line."""


class PlainInbox:
    """One person at a prompt."""

    def __init__(self, desk: Desk, eyes: Eyes, voice: Voice, *, language: str) -> None:
        self._desk, self._voice, self._language = desk, voice, language
        self._listing = Listing(desk, eyes.at(desk.now_ms))
        self._version = -1

    def run(self) -> None:
        """Until `quit` or the end of the input."""
        self._say_all([f"lhwa: {self._desk.firm}", *self._counted()])
        self._say_all(self._listing.list_queue(INBOX))
        while (text := self._voice.ask(f"{self._listing.queue}> ")) is not None:
            if text.strip() in ("quit", "q", "exit"):
                return
            try:
                self._say_all(self._heard(text))
            except LhwaError as error:
                self._say_all([f"error: {error.message}", *([f"hint: {error.hint}"] if error.hint else [])])
            self._tell_news()

    # -- words -----------------------------------------------------------------------------------------------------

    def _heard(self, text: str) -> Sequence[str]:
        if text.startswith("/"):
            return self._listing.filter(text[1:])
        try:
            words = shlex.split(text)
        except ValueError:
            raise UsageError("A quote is not closed.") from None
        if not words:
            return self._listing.listed() if self._listing.line is None else []
        name, *rest = words
        if name.isdecimal() and not rest:
            return self._numbered(self._listing.choose, int(name))
        if name in ("message", "m") and rest and rest[0].isdecimal():
            return self._numbered(self._listing.point, int(rest[0]))
        if name in QUEUES and not rest:
            return self._listing.list_queue(name)
        return self._small(name, rest) or self._act(name, words)

    def _small(self, name: str, rest: Sequence[str]) -> Sequence[str]:
        listing = self._listing
        listing.eyes = listing.eyes.at(self._desk.now_ms)
        match name:
            case "help" | "?":
                return self._help()
            case "list":
                return listing.listed()
            case "next":
                listing.start += PAGE
                return listing.listed()
            case "back":
                listing.start = max(listing.start - PAGE, 0)
                return listing.listed()
            case "older":
                return listing.older()
            case "about":
                return listing.about()
            case "follow":
                return listing.follow()
            case "filter":
                return listing.filter(" ".join(rest))
            case "counts":
                return self._counted()
            case "reply":
                return self._reply()
        return ()

    def _numbered(self, choose: Callable[[int], list[str]], number: int) -> list[str]:
        try:
            return choose(number)
        except IndexError:
            raise UsageError("There is nothing with this number.", hint="`list` shows what there is.") from None

    def _help(self) -> list[str]:
        offer = self._offer()
        acts = [f"{act.id}: {act.label(self._language)}" for act in offer.acts]
        return [
            f"{', '.join(QUEUES)}: list a queue",
            "list, next, back: pages of it. A number opens what has it; message NUMBER points at a message.",
            "older: what was written before. about: the client, consent, intake, costs. follow: the conversation.",
            "/WORDS: filter. reply: write to the client. counts. quit.",
            *acts,
            "Any lhwa line works too, such as: outbox list",
        ]

    # -- acts ------------------------------------------------------------------------------------------------------

    def _offer(self) -> Offer:
        return offered(self._listing.subjects(), self._desk.may)

    def _act(self, name: str, words: Sequence[str]) -> Sequence[str]:
        offer = self._offer()
        act = offer.find(name)
        if act is None or words[0] == "lhwa":
            return self._run(Line(tuple(words[1:] if words[0] == "lhwa" else words)))
        if len(words) > 1:
            return [said for subject in offer.subjects for said in self._run(self._with(act.line(subject, {}), words))]
        values = self._ask_fields(act)
        if values is None:
            return [self._listing.eyes.labels.cancel]
        return [said for subject in offer.subjects for said in self._run(act.line(subject, values))]

    @staticmethod
    def _with(line: Line, words: Sequence[str]) -> Line:
        return Line((*line.words, *words[1:]), line.typed)

    def _ask_fields(self, act: Act) -> Mapping[str, str] | None:
        """Every field in turn; an empty answer to one that is needed gives the act up."""
        values: dict[str, str] = {}
        for each in act.fields:
            answer = self._ask_field(each)
            if not answer and each.needed:
                return None
            values[each.name] = answer
        labels = self._listing.eyes.labels
        if act.confirms and (self._voice.ask(f"{act.label(self._language)}. {labels.confirm} yes/no: ") or "") != "yes":
            return None
        return values

    def _ask_field(self, each: Field) -> str:
        choices = f" ({', '.join(each.choices)})" if each.choices else ""
        people = f" ({', '.join(self._desk.people)})" if each.kind == "person" else ""
        if each.hint:
            self._voice.say(each.hint)
        if each.kind == "long":
            return self._ask_text(each.label(self._language))
        answer = self._voice.ask(f"{each.label(self._language)}{choices}{people}: ")
        return (answer or "").strip()

    def _ask_text(self, label: str) -> str:
        self._voice.say(f"{label}. {END_OF_TEXT} alone on a line ends it.")
        lines: list[str] = []
        while (line := self._voice.ask("")) is not None and line.strip() != END_OF_TEXT:
            lines.append(line)
        return "\n".join(lines).strip()

    def _reply(self) -> Sequence[str]:
        line = self._listing.line
        if line is None or line.contact_id is None:
            raise UsageError("No conversation is open.", hint="A number opens one.")
        labels = self._listing.eyes.labels
        text = self._ask_text(labels.write_to.format(line.contact or line.id))
        if not text:
            return [labels.cancel]
        letter = Letter(thread=line.id, contact=line.contact_id, number=line.phone_number_id, text=text)
        if self._listing.entry is not None and self._listing.entry.kind == "client":
            letter = letter.answering(self._listing.entry.id)
        return self._run(letter.line())

    def _run(self, line: Line) -> list[str]:
        told = self._desk.run_line(line.words, typed=line.typed)
        if self._listing.line is not None:
            self._listing.look(self._listing.line.id)
        return [line.shown(), *told.out.splitlines(), *told.err.splitlines()]

    # -- news ------------------------------------------------------------------------------------------------------

    def _tell_news(self) -> None:
        """Say after each answer what has come in meanwhile."""
        version = self._desk.store.data_version()
        if self._version not in (-1, version):
            self._say_all(self._counted())
        self._version = version

    def _counted(self) -> list[str]:
        counts, labels = self._desk.read(count_queues), self._listing.eyes.labels
        pairs = (
            (labels.inbox, counts.inbox_unread),
            (labels.review, counts.review),
            (labels.approvals, counts.approvals),
            (labels.outbox, counts.in_doubt + counts.failed + counts.scheduled),
            (labels.alerts, counts.alerts),
        )
        lines = [", ".join(f"{name} {count}" for name, count in pairs)]
        return lines if self._desk.is_serving() else [labels.daemon_down, *lines]

    def _say_all(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._voice.say(safe_text(line, newlines=False))
