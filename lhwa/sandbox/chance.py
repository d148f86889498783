"""Chance: everything random in the sandbox, from one seeded generator: what goes wrong, how long it takes, and ids."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import TypeVar

_T = TypeVar("_T")
_WAMID_BYTES = 36
_TRACE_BYTES = 15


class Chance:
    """Draws in the order of the calls, so that a seed and a course of calls always give the same."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def hits(self, probability: float) -> bool:
        """True with this probability. What cannot happen draws nothing."""
        return probability > 0 and self._random.random() < probability

    def between(self, least_s: float, most_s: float) -> timedelta:
        """A time span, to the millisecond."""
        return timedelta(milliseconds=round(self._random.uniform(least_s, most_s) * 1000))

    def pick(self, choices: Sequence[_T]) -> _T:
        """One of several."""
        return choices[self._random.randrange(len(choices))]

    def wamid(self) -> str:
        """A new message id."""
        return "wamid." + base64.b64encode(self._random.randbytes(_WAMID_BYTES)).decode()

    def trace_id(self) -> str:
        """A new `fbtrace_id`."""
        return "A" + base64.urlsafe_b64encode(self._random.randbytes(_TRACE_BYTES)).decode()

    def digits(self, count: int = 16) -> str:
        """A new numeric id of so many digits."""
        return str(self._random.randrange(10 ** (count - 1), 10**count))

    def key(self) -> str:
        """32 hex digits that nobody can guess."""
        return self._random.randbytes(16).hex()
