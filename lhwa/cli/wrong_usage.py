"""What the parser says of a wrong command line, in plain words, and without the secrets that people paste there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lhwa.domain.phones import mask_e164

_TOKEN = re.compile(r"lhwa_[A-Za-z0-9_-]{8,}")
_WORD = re.compile(r"/?[^\s/]+")
_LONG_RUN = re.compile(r"(?<![^\s'\"=(])[A-Za-z0-9_+=.|-]{28,}")
"""Longer than any id of ours; with a letter and a digit in it or behind it: an app secret, an access token, a key."""
_LETTER, _DIGIT = re.compile(r"[A-Za-z]"), re.compile(r"[0-9]")
_CUT_SHORT = re.compile(r"input_value=[^\n]*")
"""The validator quotes the two ends of a long value."""
_TELEPHONE = re.compile(r"(?<!\d)\+?\d{9,14}(?!\d)", re.ASCII)
"""Meta's ids of numbers, which are no secret, have 15 digits and more."""
_WAMID = re.compile(r"(?<=wamid\.)[A-Za-z0-9+/=_-]+")
"""Meta's id of a message holds the sender's number in base64."""
HIDDEN = "(hidden)"
_HINT_FOR_OURS = (
    "A token is asked for, or read from stdin; never type it here. This one is in the shell's history now: end it with "
    "`lhwa token revoke` (ids: `lhwa token list`) and have a new one issued."
)
_HINT_FOR_OTHERS = (
    "A secret is asked for, or read from stdin; never type it here. If this was one, it is in the shell's history now: "
    "replace it."
)
_WORDINGS: tuple[tuple[str, str], ...] = (
    # what the parser and its validator say -> what people read
    (r"Value error, ", ""),
    (r"Input should be a valid integer.*", "it has to be a whole number."),
    (r"Input should be less than or equal to (\S+)", r"it can be at most \1."),
    (r"Input should be greater than or equal to (\S+)", r"it has to be at least \1."),
    (r"Input should be", "it has to be"),
    (r"^Got unexpected extra argument\(s\) \((.*)\)$", r"This is too much on the command line: \1"),
)


def in_plain_words(message: str) -> str:
    """A message of the parser as lhwa says it."""
    for said, meant in _WORDINGS:
        message = re.sub(said, meant, message, flags=re.DOTALL)
    return message


def hide_tokens(text: str) -> str:
    """The same text without lhwa's own tokens, which are easy to tell."""
    return _TOKEN.sub(HIDDEN, text)


def hide_secrets(text: str) -> str:
    """The same text without anything that looks like a secret. Takes time in proportion to the text, whatever it is."""
    return _WORD.sub(_hide_in_word, hide_tokens(_CUT_SHORT.sub(HIDDEN, text)))


def mask_numbers(text: str, words: Sequence[str]) -> str:
    """The same text without the telephone numbers that somebody typed: stderr ends up in logs of cron and CI."""
    text = _WAMID.sub("…", text)
    for number in {found for word in words for found in _TELEPHONE.findall(word)}:
        text = text.replace(number, mask_e164(number))
    return text


def _hide_in_word(word: re.Match[str]) -> str:
    text = word[0]
    # Looked up once for the word: a look ahead from each place would take the square of its length.
    end = min(_last(_LETTER, text), _last(_DIGIT, text))
    return _LONG_RUN.sub(lambda run: HIDDEN if run.start() <= end else run[0], text)


def _last(kind: re.Pattern[str], text: str) -> int:
    return max((found.start() for found in kind.finditer(text)), default=-1)


def hint_for_secrets(words: Sequence[str], message: str) -> str:
    """What to do about a secret among the words of a command line; empty when there is none.

    Args:
        message: the error, after hiding.
    """
    if any(_TOKEN.search(word) for word in words):
        return _HINT_FOR_OURS
    return _HINT_FOR_OTHERS if HIDDEN in message else ""
