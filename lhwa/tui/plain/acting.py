"""Acts and `lhwa` lines of the line mode: what may be done, what it asks for, and what became of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import takewhile

from lhwa.errors import UsageError
from lhwa.tui.act_table import ACTS, offered
from lhwa.tui.acts import Act, Line, Offer, Subject
from lhwa.tui.desk import Desk
from lhwa.tui.plain.asking import GivenUpError, Questions, spoken_word
from lhwa.tui.plain.composing import Composing
from lhwa.tui.plain.ears import facts
from lhwa.tui.plain.listing import Listing
from lhwa.tui.plain.presence import Presence
from lhwa.tui.plain.spoken import subject_said
from lhwa.tui.plain.voice import Voice

LINES_MAX = 200
DIGITS_MAX = 6


class Acting:
    """Does what one person asks for."""

    def __init__(self, desk: Desk, voice: Voice, listing: Listing, *, presence: Presence) -> None:
        self._desk, self._voice, self._listing, self._presence = desk, voice, listing, presence
        self._questions = Questions(desk, voice)
        self._ran: deque[str] = deque(maxlen=LINES_MAX)
        self.failures = 0
        """Lines that did not do all that was asked for."""

    def offer(self, numbers: Sequence[int] = ()) -> Offer:
        """What can be done to what is open, or to what has these numbers."""
        return offered(self._listing.subjects(numbers), self._desk.may)

    # -- acts ------------------------------------------------------------------------------------------------------

    def act(self, name: str, words: Sequence[str]) -> bool:
        """Do an act, `NAME [NUMBER ...] [--FIELD VALUE ...]`; False when there is none of this name here."""
        leading = list(takewhile(lambda word: are_numbers([word]), words))
        if not any(act.id == name for act in ACTS):
            return False
        offer = self.offer([int(word) for word in leading])
        act = next((each for each in offer.acts if each.id == name), None)
        if act is None:
            return False
        self._do(act, offer.subjects, words[len(leading) :])
        return True

    def choose(self) -> None:
        """Read the acts with numbers, and do the one that is chosen."""
        ears, offer = self._listing.ears, self.offer()
        if not offer.acts:
            self._voice.tell(ears.says.no_acts)
            return
        for number, act in enumerate(offer.acts, start=1):
            self._voice.say(f"{number}, {act.id}, {act.label(ears.language)}")
        chosen = self._questions.choice(ears, ears.says.which_act, [act.id for act in offer.acts])
        if chosen is not None:
            self._do(offer.acts[chosen], offer.subjects, ())

    def _do(self, act: Act, subjects: Sequence[Subject], words: Sequence[str]) -> None:
        ears = self._listing.ears
        if act.looks_first and any(each.seen is None for each in subjects):
            raise UsageError(ears.labels.look_first, hint=ears.says.not_here_hint)
        label, names = act.label(ears.language), ", ".join(subject_said(each, ears) for each in subjects)
        given, rest = _given(act, words)
        if any(each.name not in given for each in act.fields):
            self._voice.tell(f"{label}, {names}.")
        values = self._questions.fields(ears, act, given)
        said = (spoken_word(values[each.name]).rstrip(".") for each in act.fields if each.kind != "long")
        if act.confirms and not self._questions.is_sure(ears, facts(label, names, *said)):
            raise GivenUpError
        is_done = False
        for subject in subjects:
            line = act.line(subject, values)
            about = f"{label}, {subject_said(subject, ears)}"
            is_done = self.run(Line((*line.words, *rest), line.typed), about=about) or is_done
        opened = self._listing.opened
        if opened is not None and opened.look_again() and is_done:
            self._voice.tell(ears.says.changed)

    # -- letters ---------------------------------------------------------------------------------------------------

    def reply(self, numbers: Sequence[str], *, with_template: bool) -> None:
        """Write to the client of the open conversation, maybe as an answer to one message."""
        conversation, ears = self._listing.conversation, self._listing.ears
        if conversation is None:
            raise UsageError(ears.says.nothing_open)
        answering = conversation.entry(int(numbers[0])) if numbers else conversation.entry_meant
        conversation.look_again()
        composing = Composing(self._desk, self._voice, ears, conversation, presence=self._presence)
        letter = composing.write(answering=answering, with_template=with_template)
        if letter is not None:
            name = conversation.name(ears)
            self.run(letter.line(), about=ears.says.sent.format(ears.labels.sends, name))
            conversation.look_again()

    # -- lines -----------------------------------------------------------------------------------------------------

    def run(self, line: Line, *, about: str = "") -> bool:
        """Run a line and say what it answered. Returns whether all of it happened.

        Args:
            about: what it does in words; an act confirms itself with it.
        """
        told = self._desk.run_line(line.words, typed=line.typed)
        self._ran.append(line.shown())
        self.failures += not told.is_done
        for each in told.out.splitlines():
            self._voice.say(each.rstrip())
        answer = [each for each in told.err.splitlines() if each.strip()]
        labels = self._listing.ears.labels
        if about:
            first = f"{about}. {labels.done if told.is_done else f'{labels.refused}.'}"
            answer = [first, *answer]
        for each in answer:
            self._voice.tell(each)
        return told.is_done

    def ran(self) -> Sequence[str]:
        """The lines that ran, oldest first. What a client reads is never in one."""
        return tuple(self._ran)

    def forget(self) -> None:
        """Let go of the lines that ran."""
        self._ran.clear()


def _given(act: Act, words: Sequence[str]) -> tuple[Mapping[str, str], Sequence[str]]:
    """Values of fields that were typed behind an act, as `--reason TEXT` or `--reason=TEXT`, and the other words."""
    names = {each.name for each in act.fields}
    given: dict[str, str] = {}
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in names:
            rest.append(word)
        elif equals:
            given[name] = value
        else:
            given[name] = next(waiting, "")
    return given, rest


def are_numbers(words: Sequence[str]) -> bool:
    """Whether all of these are numbers that a list may have."""
    return all(word.isascii() and word.isdecimal() and len(word) <= DIGITS_MAX for word in words)
