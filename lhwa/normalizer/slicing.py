"""Where the parts of a body lie: one pass over the bytes, whatever their depth.

Only used for bodies that are damaged, and to give a poison element its own bytes. It opens the envelope (entries,
changes, values and the lists in them) and skips over everything else by counting brackets, so that an item with ten
thousand brackets costs no stack.

Invariants: never decodes content; every piece is still read strictly by `reading.read` before anybody believes it.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from lhwa.normalizer.positions import at_index, at_key
from lhwa.normalizer.reading import Broken, read

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},:]', re.DOTALL)
_CLOSERS = {b"{": b"}", b"[": b"]"}
_SPACE = b" \t\r\n"
_VALUES = ("entry[].changes[].value", "entry[].value")
_OPENED = {"", "entry", "entry[]", "entry[].changes", "entry[].changes[]", *_VALUES} | {
    f"{value}.history{inner}" for value in _VALUES for inner in ("", "[]", "[].threads", "[].threads[]")
}
"""Shapes (positions without their numbers) of the arrays and objects whose members we want one by one."""
_PARENTS_OF_LISTS = (*_VALUES, "entry[].changes[]")
"""Every list right inside these is opened; a change without `value` is its own value."""
_OPENED_LISTS = {f"{value}.history[].threads[].messages" for value in _VALUES}


class Piece(msgspec.Struct):
    """One value inside a body and, where it was opened, the pieces in it."""

    start: int
    end: int
    position: str
    keys: list[str] | None = None
    """The keys of an opened object, in order, duplicates included."""
    pieces: list[Piece] | None = None
    """None when the value was skipped over."""


class MalformedError(ValueError):
    """The brackets or quotes do not match: nothing about this body can be trusted."""


def slice_body(body: bytes) -> Piece:
    """The pieces of a body.

    Raises: MalformedError when its brackets or quotes do not match, or when it is not an object.
    """
    scan = _Scan(body)
    if scan.take() != b"{":
        raise MalformedError
    root = Piece(start=scan.start, end=0, position="")
    scan.open(root, opener=b"{", shape="")
    root.end = scan.end
    if body[: root.start].strip(_SPACE) or body[root.end :].strip(_SPACE):
        raise MalformedError
    return root


class _Scan:
    def __init__(self, body: bytes) -> None:
        self.body = body
        self._tokens = _TOKEN.finditer(body)
        self.start = 0
        self.end = 0

    def take(self) -> bytes:
        """The next bracket, comma, colon or whole string."""
        match = next(self._tokens, None)
        if match is None or (token := match[0]) == b'"':
            raise MalformedError
        self.start, self.end = match.span()
        return token

    def open(self, into: Piece, *, opener: bytes, shape: str) -> None:
        """Fill in the members of a container whose opening bracket was just taken."""
        if opener == b"{":
            self._open_object(into, shape)
        else:
            self._open_list(into, shape)

    def _open_object(self, into: Piece, shape: str) -> None:
        into.keys, into.pieces = [], []
        token = self.take()
        while token != b"}" or into.keys:
            key = read(token) if token.startswith(b'"') else None
            if not isinstance(key, str) or self.take() != b":":
                raise MalformedError
            into.keys.append(key)
            piece, token = self._value(at_key(into.position, key), at_key(shape, key))
            into.pieces.append(piece)
            if token == b"}":
                return
            if token != b",":
                raise MalformedError
            token = self.take()

    def _open_list(self, into: Piece, shape: str) -> None:
        into.pieces = []
        token = b","
        while token == b",":
            piece, token = self._value(at_index(into.position, len(into.pieces)), f"{shape}[]")
            into.pieces.append(piece)
        if token != b"]":
            raise MalformedError
        if len(into.pieces) == 1 and into.pieces[0].start == into.pieces[0].end:
            into.pieces = []

    def _value(self, position: str, shape: str) -> tuple[Piece, bytes]:
        """One value and the comma or bracket that ends it."""
        begin = self.end
        piece = Piece(start=begin, end=begin, position=position)
        token = self.take()
        if token in _CLOSERS:
            bracket_at = self.start
            self._bracketed(piece, opener=token, shape=shape)
            inner = (bracket_at, self.end)
            token = self.take()
        else:
            inner = (0, 0)
            if token.startswith(b'"'):
                token = self.take()
        if token not in (b",", b"}", b"]"):
            raise MalformedError
        piece.start, piece.end = _stripped(self.body, begin, self.start)
        if piece.pieces is not None and inner != (piece.start, piece.end):
            piece.keys = piece.pieces = None  # junk beside the brackets: not one value
        return piece, token

    def _bracketed(self, piece: Piece, *, opener: bytes, shape: str) -> None:
        if _is_opened(shape, opener):
            self.open(piece, opener=opener, shape=shape)
        else:
            self._skip(opener)

    def _skip(self, opener: bytes) -> None:
        expected = [_CLOSERS[opener]]
        while expected:
            token = self.take()
            if token in _CLOSERS:
                expected.append(_CLOSERS[token])
            elif token in (b"}", b"]") and token != expected.pop():
                raise MalformedError


def _is_opened(shape: str, opener: bytes) -> bool:
    if shape in _OPENED:
        return True
    if opener != b"[":
        return False
    parent, _, key = shape.rpartition(".")
    return shape in _OPENED_LISTS or (parent in _PARENTS_OF_LISTS and not key.endswith("[]"))


def _stripped(body: bytes, start: int, end: int) -> tuple[int, int]:
    while start < end and body[start] in _SPACE:
        start += 1
    while end > start and body[end - 1] in _SPACE:
        end -= 1
    return start, end


def rebuilt(body: bytes, piece: Piece) -> Any:
    """The value of a piece, read member by member where it does not read as a whole.

    What cannot be read is a `Broken` in its place. An opened object with a key twice is broken as a whole: no member
    of it can be trusted, the number it belongs to least of all.
    """
    value = read(body[piece.start : piece.end])
    if piece.pieces is None or isinstance(value, (dict, list)):
        return value
    members = [rebuilt(body, inner) for inner in piece.pieces]
    if piece.keys is None:
        return members
    if len(set(piece.keys)) < len(piece.keys):
        return Broken("duplicate_keys")
    return dict(zip(piece.keys, members, strict=True))
