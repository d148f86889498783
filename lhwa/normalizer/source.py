"""One body: what it says, and the bytes of each part of it.

A body that reads as a whole is read once. Only a damaged one is sliced and read part by part; only a poison element
makes a sound body be sliced, to find its bytes.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from lhwa.domain.elements import PoisonElement
from lhwa.normalizer.positions import UNNAMED
from lhwa.normalizer.reading import Broken, read
from lhwa.normalizer.slicing import MalformedError, Piece, rebuilt, slice_body


class Source:
    """A body and its tree. `tree` holds `Broken` where a part could not be read."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self._shared: dict[tuple[int, int], bytes] = {}
        self.tree: Any = read(body)
        self.is_damaged = isinstance(self.tree, Broken)
        if self.is_damaged and self._root is not None:
            self.tree = rebuilt(body, self._root)

    def poison(self, position: str, reason: str) -> PoisonElement:
        """The poison element of one position, with its own bytes."""
        return PoisonElement(position=position, reason=reason, raw=self._bytes_of(self._span_around(position)))

    def _bytes_of(self, span: tuple[int, int]) -> bytes:
        """A part of the body; one object for all that share it, as broken items in a place that is not opened do."""
        found = self._shared.get(span)
        if found is None:
            found = self._shared[span] = self.body[slice(*span)]
        return found

    def _span_around(self, position: str) -> tuple[int, int]:
        """The bytes of a position or, where it was not opened, of the nearest one around it."""
        while position and position not in self._spans:
            position = position[: max(position.rfind("."), position.rfind("["), 0)]
        return self._spans.get(position, (0, len(self.body)))

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
    def _spans(self) -> dict[str, tuple[int, int]]:
        spans: dict[str, tuple[int, int]] = {}
        waiting = [self._root] if self._root is not None else []
        while waiting:
            piece = waiting.pop()
            if UNNAMED not in piece.position:  # its key is a part of what must be kept: of the bytes around
                spans.setdefault(piece.position, (piece.start, piece.end))
            waiting += piece.pieces or []
        return spans


def _damage_in(value: Any) -> str | None:
    if isinstance(value, Broken):
        return value.reason
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((reason for member in members if (reason := _damage_in(member))), None)
