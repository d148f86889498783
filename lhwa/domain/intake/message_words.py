"""The words of a chat message: where each stands, what it abbreviates, in which sentence and clause it is.

Everything is one pass over the text: the time for a message grows with its length, whatever it holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from lhwa.domain.intake import urgency_words as words_of

TYPO_LETTERS_MIN = 7
"""In words as long as this, one missing letter or two that are swapped are read as meant."""
WORD_CHARS_MAX = 40
_TOKEN = re.compile(r"(?P<word>[^\W_]+)|(?P<end>[.!?;\n]+)|(?P<pause>[,:()]+)")
_REPEATED = re.compile(r"(.)\1{2,}")
_QUOTE_T = re.compile(r"n['\u2019]t\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MessageWord:
    """One word, as it is looked up, and its place in the message."""

    text: str
    start: int
    end: int
    sentence: int
    clause: int


def message_words(text: str, *, vocabulary: frozenset[str]) -> list[MessageWord]:
    """The words of a message in order. A passive in two words (`di tahan`) becomes one where the vocabulary has it.

    Args:
        text: the message.
        vocabulary: the words that matter: typing errors in them are put right.
    """
    meant = _meant(vocabulary)
    found: list[MessageWord] = []
    sentence = clause = 0
    # `wasn't arrested` holds a `not`; the lengths are equal, so that places stay right.
    for token in _TOKEN.finditer(_QUOTE_T.sub(" nt", text)):
        if token["word"] is None:
            after_short = token["end"] == "." and found and found[-1].end == token.start() and _is_short(found[-1])
            clause += 1
            sentence += 1 if token["end"] and not after_short else 0
            continue
        word = _looked_up(token["word"], meant)
        clause += word in words_of.CLAUSE_STARTS
        start = token.start()
        passive = "di" + word if found and found[-1].text in {"di", "d"} else ""
        if passive in vocabulary and found[-1].sentence == sentence:
            word, start = passive, found.pop().start
        found.append(MessageWord(word, start, token.end(), sentence, clause))
    return found


def _is_short(word: MessageWord) -> bool:
    """`Tgl. 3` and `No. 5` end no sentence."""
    return word.text in words_of.DOTTED


def _looked_up(word: str, meant: dict[str, str]) -> str:
    plain = unicodedata.normalize("NFKC", word[:WORD_CHARS_MAX]).casefold()
    plain = _REPEATED.sub(r"\1", plain)
    if len(plain) > 2 and plain[-1] == "2" and plain[:-1].isalpha():
        plain = plain[:-1]  # anak2: anak-anak
    plain = words_of.SHORT_FORMS.get(plain, plain)
    return meant.get(plain, plain)


@lru_cache(maxsize=4)
def _meant(vocabulary: frozenset[str]) -> dict[str, str]:
    """For each typing error in a long word of the vocabulary, the word."""
    long = sorted(word for word in vocabulary if len(word) >= TYPO_LETTERS_MIN)
    return {typo: word for word in long for typo in _typos(word) if typo not in vocabulary}


def _typos(word: str) -> Iterable[str]:
    """The first letter stays: `utusan` is no `putusan`."""
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        yield word[:at] + word[at] + word[at:]
