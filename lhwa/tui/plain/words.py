"""What a line that was typed means: a way to go, something to hear, an act, or a whole `lhwa` line."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from lhwa.errors import UsageError
from lhwa.tui.act_table import BY_ID
from lhwa.tui.acts import Line
from lhwa.tui.desk import Desk
from lhwa.tui.plain.acting import Acting, are_numbers
from lhwa.tui.plain.ears import Ears
from lhwa.tui.plain.listing import Listing
from lhwa.tui.plain.news import News
from lhwa.tui.plain.queues import QUEUES
from lhwa.tui.plain.vocabulary import ALIASES, KNOWN, WORDS
from lhwa.tui.plain.voice import Voice

ASKING = ("reply", "template", "do")
OTHER_LANGUAGE = {"en": "id", "id": "en"}


class Words:
    """The words of one person at a prompt."""

    def __init__(self, desk: Desk, voice: Voice, listing: Listing, acting: Acting, news: News) -> None:
        self._desk, self._voice, self._listing, self._acting, self._news = desk, voice, listing, acting, news

    @property
    def _ears(self) -> Ears:
        return self._listing.ears

    def do(self, text: str) -> None:
        """Do what was typed. Raises: LhwaError; GivenUpError when a question stays without an answer."""
        if text.startswith("/"):
            self._say_all(self._listing.filter(text[1:]))
            return
        if text.partition(" ")[0] == "filter":
            self._say_all(self._listing.filter(text.strip()[len("filter") :].strip()))
            return
        try:
            words = shlex.split(text)
        except ValueError:
            raise UsageError("A quote is not closed.", hint="Put what has blanks between two quotes.") from None
        if not words:
            self._voice.tell(self._listing.where())
            return
        name, *rest = (ALIASES.get(words[0], words[0]), *words[1:])
        if name == "lhwa":
            self._acting.run(Line(tuple(rest)))
        elif name in ("reply", "template") and are_numbers(rest) and len(rest) <= 1:
            self._acting.reply(rest, with_template=name == "template")
        elif not self._small(name, rest) and not self._acting.act(name, rest):
            self._line(name, rest)

    @staticmethod
    def asks(text: str) -> bool:
        """Whether the lines after this one may be answers to it."""
        name = next(iter(text.split()), "")
        act = BY_ID.get(name)
        return ALIASES.get(name, name) in ASKING or (act is not None and bool(act.fields or act.confirms))

    def _line(self, name: str, rest: Sequence[str]) -> None:
        """An `lhwa` line; or what is none, and no word of ours either, at least not here."""
        says = self._ears.says
        if name in BY_ID and all(word.startswith("--") or are_numbers([word]) for word in rest[:1]):
            raise UsageError(says.not_here.format(name), hint=says.not_here_hint)
        if not any(line.partition(" ")[0] == name for line in self._desk.known_lines()):
            raise UsageError(says.no_such_word, hint=says.no_such_word_hint)
        self._acting.run(Line((name, *rest)))

    def _small(self, name: str, rest: Sequence[str]) -> bool:
        """Words for going and hearing; False when it is none of them."""
        if rest and name in ("message", "open") and are_numbers(rest):
            self._say_all(self._message(int(rest[0])) if name == "message" else self._listing.open(int(rest[0])))
            return True
        if rest:
            return False
        said = self._going(name)
        said = self._hearing(name) if said is None else said
        if said is None:
            return self._asking(name)
        self._say_all(said)
        return True

    def _going(self, name: str) -> Sequence[str] | None:
        listing = self._listing
        if name in QUEUES:
            return listing.go(name)
        if name.isascii() and name.isdecimal():
            return self._message(int(name)) if listing.conversation else listing.open(int(name))
        match name:
            case "list" | "close":
                return listing.listed()
            case "more":
                return listing.more()
            case "back":
                return listing.back()
            case "next":
                return listing.step(1)
            case "previous":
                return listing.step(-1)
            case "unread":
                return listing.next_unread()
            case "follow":
                return listing.follow()
        return None

    def _hearing(self, name: str) -> Sequence[str] | None:
        listing, ears = self._listing, self._ears
        match name:
            case "messages" | "older" | "newer" | "newest" | "message":
                return self._pages(name)
            case "about":
                return [ears.says.nothing_open] if listing.opened is None else listing.opened.about(ears)
            case "counts":
                return self._news.counted(ears)
            case "where":
                return [listing.where()]
            case "log":
                return self._acting.ran() or [ears.says.no_lines]
            case "help":
                return self._help()
        return None

    def _pages(self, name: str) -> Sequence[str]:
        here, ears = self._listing.conversation, self._ears
        if here is None:
            return [ears.says.nothing_open]
        match name:
            case "older":
                return here.older(ears)
            case "newer":
                return here.newer(ears)
            case "newest":
                return here.newest(ears)
            case "message":
                here.point_at_all()
                return [ears.says.whole_thread]
        return here.page_said(ears)

    def _asking(self, name: str) -> bool:
        match name:
            case "do":
                self._acting.choose()
            case "language":
                self._listing.ears = self._ears.speaking(OTHER_LANGUAGE[self._ears.language])
                self._say_all(self._help())
            case _:
                return False
        return True

    def _message(self, number: int) -> Sequence[str]:
        here = self._listing.conversation
        if here is None:
            raise UsageError(self._ears.says.nothing_open)
        return here.point(number, self._ears)

    def _help(self) -> list[str]:
        ears = self._ears
        acts = [f"{act.id}: {act.label(ears.language)}" for act in self._acting.offer().acts]
        return [
            *(f"{name}: {getattr(ears.labels, name)}" for name in QUEUES),
            *(word.line(ears.language) for word in WORDS),
            ears.says.help_numbers,
            *([ears.says.help_acts, *acts] if acts else []),
            ears.says.help_lines,
        ]

    def known(self) -> Sequence[str]:
        """What can be completed."""
        return (*KNOWN, *(act.id for act in self._acting.offer().acts), *self._desk.known_lines())

    def _say_all(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._voice.say(line)
