"""The bytes of the places in a body, found by walking down to them.

A place that was not opened (see `slicing`) has the bytes of the nearest one around it.
"""

from __future__ import annotations

import re

import msgspec

from lhwa.normalizer.positions import is_unnamed
from lhwa.normalizer.slicing import Piece, is_opened

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]+)\]|\[\?[0-9]*\]")
_NUMBER = re.compile(r"\[[0-9]+\]")
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_Part = bytes | msgspec.Raw | Piece


class Places:
    """The places of one body, each looked for only when asked for, and its bytes in memory once."""

    def __init__(self, body: bytes, root: Piece | None) -> None:
        """Args:
        root: of a body that is sliced; None for a sound one, whose parts msgspec finds.
        """
        self._body = body
        self._root: _Part = body if root is None else root
        self._parts: dict[str, dict[str, _Part] | list[_Part] | None] = {}
        self._bytes: dict[str, bytes] = {}

    def around(self, position: str) -> bytes:
        """The bytes of a position or of the nearest one around it."""
        at, part = self._nearest(position)
        found = self._bytes.get(at)
        if found is None:
            found = self._bytes[at] = self._raw(part)
        return found

    def row(self, position: str, first: int, last: int) -> bytes:
        """The bytes of neighbours in a list and the commas between; of what is around, where it was not opened."""
        at, part = self._nearest(position)
        parts = self._opened(at, part) if at == position else None
        if not isinstance(parts, list):
            return self.around(position)
        start, end = parts[first], parts[last]
        if isinstance(start, Piece) and isinstance(end, Piece):
            return self._body[start.start : end.end]
        return b",".join(parts[first : last + 1])  # type: ignore[arg-type]  # Raw has the buffer of its bytes

    def _nearest(self, position: str) -> tuple[str, _Part]:
        at, part = "", self._root
        for step in _STEP.finditer(position):
            parts = None if is_unnamed(step[0]) else self._opened(at, part)
            if isinstance(parts, dict) and step[1] in parts:
                part = parts[step[1]]
            elif isinstance(parts, list) and step[2] is not None:
                part = parts[int(step[2])]
            else:
                break
            at = position[: step.end()]
        return at, part

    def _opened(self, at: str, part: _Part) -> dict[str, _Part] | list[_Part] | None:
        if at not in self._parts:
            self._parts[at] = _inside(part, _NUMBER.sub("[]", at))
        return self._parts[at]

    def _raw(self, part: _Part) -> bytes:
        return self._body[part.start : part.end] if isinstance(part, Piece) else bytes(part)


def _inside(part: _Part, shape: str) -> dict[str, _Part] | list[_Part] | None:
    if isinstance(part, Piece):
        if part.pieces is None:
            return None
        return list(part.pieces) if part.keys is None else dict(zip(part.keys, part.pieces, strict=True))
    raw = bytes(part)
    if not raw.startswith((b"{", b"[")) or not is_opened(shape, raw[:1]):
        return None
    return dict(_OBJECT.decode(raw)) if raw.startswith(b"{") else list(_ARRAY.decode(raw))
