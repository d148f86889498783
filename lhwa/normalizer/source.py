"""One body: what it says, and the bytes of each part of it.

A body that reads as a whole is read once. Only a damaged one is sliced and read part by part.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from lhwa.domain.elements import PoisonElement
from lhwa.normalizer.folding import TOO_MANY, span_of
from lhwa.normalizer.places import Places
from lhwa.normalizer.positions import at_index
from lhwa.normalizer.reading import Broken, read, without_lone_surrogates
from lhwa.normalizer.slicing import WHITE_SPACE, MalformedError, Piece, rebuilt, slice_body


class Source:
    """A body and its tree. `tree` holds `Broken` where a part could not be read."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.folds = False
        """True when no further broken item will stand alone, so that rows of them are better."""
        self.tree: Any = read(body)
        self.damage = self.tree.reason if isinstance(self.tree, Broken) else ""
        """Why it does not read as a whole; empty when it does."""
        if self.is_damaged and self._root is not None:
            self.tree = rebuilt(body, self._root)

    @property
    def is_damaged(self) -> bool:
        """True when it does not read as a whole."""
        return bool(self.damage)

    def fold_early(self) -> None:
        """From now on broken items that stand side by side may come as one row."""
        self.folds = True

    def poison(self, position: str, reason: str) -> PoisonElement:
        """The poison element of one position, with its own bytes."""
        return PoisonElement(position=position, reason=reason, raw=self._places.around(position))

    def row(self, position: str, first: int, last: int) -> PoisonElement:
        """The poison element of neighbours in a list, with the bytes of them all."""
        place = span_of(at_index(position, first), at_index(position, last))
        return PoisonElement(position=place, reason=TOO_MANY, raw=self._places.row(position, first, last))

    def damage_in(self, value: Any) -> str | None:
        """The reason of the first part of a value that could not be read; None when all of it could."""
        return _damage_in(value) if self.is_damaged else None

    @cached_property
    def _root(self) -> Piece | None:
        try:
            return slice_body(self.body)
        except MalformedError:
            return None

    @cached_property
    def _places(self) -> Places:
        is_repaired = not self.is_damaged and without_lone_surrogates(self.body) != self.body
        if self.is_damaged or is_repaired:
            return Places(self.body, self._root or Piece(start=0, end=len(self.body)))
        return Places(self.body if not isinstance(self.tree, dict) else self.body.strip(WHITE_SPACE), None)


def _damage_in(value: Any) -> str | None:
    if isinstance(value, Broken):
        return value.reason
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((reason for member in members if (reason := _damage_in(member))), None)
