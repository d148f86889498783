"""Whether words that somebody looks for stand in a text, however both are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def words_of(text: str) -> tuple[str, ...]:
    """The words to look for, in any case and width."""
    return tuple(_folded(text).split())


def has_all(words: Iterable[str], *texts: str | None) -> bool:
    """True when each word is a part of one of these texts."""
    folded = [_folded(text) for text in texts if text]
    return all(any(word in text for text in folded) for word in words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
