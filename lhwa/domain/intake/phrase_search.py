"""Search for many phrases at once in the words of a message.

Each word is looked up once, by the phrases that begin with it: the time grows with the message alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lhwa.domain.intake.message_words import MessageWord

GAP_WORDS_MAX = 3
"""So many words may stand where a phrase has `~`."""
GAP, NUMBER = "~", "#"


@dataclass(frozen=True, slots=True)
class PhraseFound:
    """A phrase in a message: its number, and its first and last word by their index."""

    number: int
    first: int
    last: int


class PhraseSearch:
    """Phrases of which `|` separates alternatives, `~` is up to three words of any kind, and `#` is a number."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        self._by_first: defaultdict[str, list[tuple[tuple[frozenset[str], ...], int]]] = defaultdict(list)
        vocabulary: set[str] = set()
        for phrase, number in phrases:
            elements = tuple(frozenset(element.split("|")) for element in phrase.split())
            for first in elements[0]:
                self._by_first[first].append((elements[1:], number))
            vocabulary.update(*elements)
        self.vocabulary = frozenset(vocabulary - {GAP, NUMBER})

    def find(self, words: Sequence[MessageWord]) -> Iterator[PhraseFound]:
        """Every phrase at every place, within one clause."""
        for at, word in enumerate(words):
            keys = (word.text, NUMBER) if word.text.isdecimal() else (word.text,)
            for key in keys:
                for rest, number in self._by_first.get(key, ()):
                    last = _end(rest, words, at)
                    if last is not None:
                        yield PhraseFound(number, at, last)


def _end(rest: Sequence[frozenset[str]], words: Sequence[MessageWord], at: int) -> int | None:
    """The index of the last word when the rest of a phrase follows the word at an index, in its clause."""
    clause = words[at].clause
    for index, element in enumerate(rest):
        if GAP in element:
            after = rest[index + 1 :]
            last = min(at + GAP_WORDS_MAX, len(words) - 1)
            ends = (_end(after, words, skipped) for skipped in range(at, last + 1) if words[skipped].clause == clause)
            return next((end for end in ends if end is not None), None)
        at += 1
        if at >= len(words) or words[at].clause != clause or not _fits(words[at].text, element):
            return None
    return at


def _fits(word: str, element: frozenset[str]) -> bool:
    return word in element or (NUMBER in element and word.isdecimal())
