"""What the parser says of a wrong command line, in plain words, and without the secrets that people paste there."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"lhwa_[A-Za-z0-9_-]{8,}")
_LIKE_A_SECRET = re.compile(r"(?=[^\s/]*[0-9])(?=[^\s/]*[A-Za-z])(?<![^\s'\"=(])[A-Za-z0-9_+=.|-]{28,}")
"""Letters and digits, longer than any id of ours: an app secret, an access token, a key."""
_CUT_SHORT = re.compile(r"input_value=[^\n]*")
"""The validator quotes the two ends of a long value."""
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
    """The same text without anything that looks like a secret."""
    return _LIKE_A_SECRET.sub(HIDDEN, hide_tokens(_CUT_SHORT.sub(HIDDEN, text)))


def hint_for_secrets(words: Sequence[str], message: str) -> str:
    """What to do about a secret among the words of a command line; empty when there is none.

    Args:
        message: the error, after hiding.
    """
    if any(_TOKEN.search(word) for word in words):
        return _HINT_FOR_OURS
    return _HINT_FOR_OTHERS if HIDDEN in message else ""
