"""Questions of the line mode: a text, a choice by number or word, a yes. Each says what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lhwa.errors import UsageError
from lhwa.tui.acts import Act, Field
from lhwa.tui.desk import Desk
from lhwa.tui.plain.ears import Ears
from lhwa.tui.plain.voice import Voice

END_OF_TEXT = "."
"""A line of its own that ends a longer text."""
YES = frozenset({"y", "yes", "ya", "iya"})


class GivenUpError(Exception):
    """Somebody left a question without an answer: nothing is done."""


class Questions:
    """Asks one person."""

    def __init__(self, desk: Desk, voice: Voice) -> None:
        self._desk, self._voice = desk, voice

    def line(self, question: str) -> str:
        """One line, without blanks around it. Raises: GivenUpError at the end of the input."""
        answer = self._voice.ask(f"{question}: ")
        if answer is None:
            raise GivenUpError
        return answer.strip()

    def text(self, ears: Ears, title: str) -> str:
        """A longer text. Raises: GivenUpError."""
        self._voice.tell(f"{title}. {ears.says.text_ends}")
        lines: list[str] = []
        while (line := self._voice.ask("> ")) != END_OF_TEXT:
            if line is None:
                raise GivenUpError
            lines.append(line)
        return "\n".join(lines).strip()

    def is_sure(self, ears: Ears, about: str) -> bool:
        """Whether somebody says yes."""
        return self.line(f"{about}. {ears.labels.confirm} {ears.says.yes_or_no}").lower() in YES

    def choice(self, ears: Ears, question: str, words: Sequence[str], names: Sequence[str] = ()) -> int | None:
        """The place of what was chosen by its number, its word or its name; None for nothing.

        Raises: UsageError for something else, where nobody can be asked again.
        """
        while answer := self.line(question):
            found = self._chosen(answer, words, names)
            if found is not None:
                return found
            self._complain(ears.says.choose_one.format(len(words)))
        return None

    @staticmethod
    def _chosen(answer: str, words: Sequence[str], names: Sequence[str]) -> int | None:
        if answer.isascii() and answer.isdecimal():
            place = int(answer[:6]) - 1
            return place if 0 <= place < len(words) else None
        wanted = spoken_word(answer.lower())
        for known in (words, names):
            fits = [number for number, word in enumerate(known) if spoken_word(word.lower()) == wanted]
            if len(fits) == 1:  # two people may have one name
                return fits[0]
        return None

    def _complain(self, sentence: str) -> None:
        if not self._voice.is_person:
            raise UsageError(sentence)
        self._voice.tell(sentence)

    # -- fields of an act ------------------------------------------------------------------------------------------

    def fields(self, ears: Ears, act: Act, given: Mapping[str, str]) -> dict[str, str]:
        """Every field of an act that was not given. Raises: GivenUpError where one that is needed stays empty."""
        values = dict(given)
        for each in act.fields:
            if each.name not in values:
                values[each.name] = self._field(ears, each)
            if each.needed and not values[each.name]:
                raise GivenUpError
        return values

    def _field(self, ears: Ears, each: Field) -> str:
        label = each.label(ears.language)
        if each.hint:
            self._voice.tell(each.hint)
        if each.kind == "long":
            return self.text(ears, label)
        if each.kind == "person":
            people = dict(self._desk.people)
            for number, operator in enumerate(people, start=1):
                self._voice.tell(f"{number}, {ears.person(operator)}, {operator}")
            return self._one_of(ears, each, list(people), list(people.values()))
        if each.choices:
            words = [f"{number} {spoken_word(word)}" for number, word in enumerate(each.choices, start=1)]
            self._voice.tell(", ".join(words))
            return self._one_of(ears, each, each.choices)
        return self.line(label if each.needed else ears.says.optional.format(label))

    def _one_of(self, ears: Ears, each: Field, words: Sequence[str], names: Sequence[str] = ()) -> str:
        asked = f"{each.label(ears.language)}, {ears.says.number_or_word}"
        place = self.choice(ears, asked if each.needed else ears.says.optional.format(asked), words, names)
        return "" if place is None else words[place]


def spoken_word(word: str) -> str:
    """A word of a command without what nobody says."""
    return word.replace("_", " ")
