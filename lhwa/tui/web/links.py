"""The login link: a word that opens the door once.

Invariants: the word itself is kept nowhere, only its SHA-256; it has 256 bits; there is one link at a time.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from lhwa.tui.web.moments import Moment

WORD_BYTES = 32


def digest(word: str) -> bytes:
    """What is kept of a word. It was drawn at random, so that nothing slower is needed."""
    return hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()


class Links:
    """The link that works now, if there is one."""

    def __init__(self, *, valid_s: float) -> None:
        self._valid_s = valid_s
        self._current: tuple[bytes, Moment] | None = None

    def issue(self, now: Moment) -> str:
        """A new word; the one before it opens nothing from now on."""
        word = secrets.token_urlsafe(WORD_BYTES)
        self._current = (digest(word), now)
        return word

    def use(self, word: str, now: Moment) -> bool:
        """True for the word of the current link, the first time and in time. A wrong word uses up nothing."""
        if self._current is None:
            return False
        wanted, issued = self._current
        if issued.elapsed_s(now) > self._valid_s:
            self._current = None
            return False
        if not hmac.compare_digest(digest(word), wanted):
            return False
        self._current = None
        return True
