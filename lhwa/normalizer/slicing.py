"""Where the parts of a body lie: one pass over the bytes, whatever their depth.

Only used for bodies that are damaged, or that had to be repaired and hold poison. It opens the envelope (entries,
changes, values and the lists in them) and skips over everything else by counting brackets, so that an item with ten
thousand brackets costs no stack.

Invariants: never decodes content; every piece is still read strictly by `reading.read` before anybody believes it.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from lhwa.normalizer.positions import at_key
from lhwa.normalizer.reading import Broken, read

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN = re.compile(_STRING + rb'|["\[\]{},:]', re.DOTALL)
_BRACKETS = re.compile(_STRING + rb'|[\[{]++|[\]}]++|"', re.DOTALL)
"""A whole string, a run of opening brackets, or a run of closing ones."""
_CLOSERS = {b"{": b"}", b"[": b"]"}
_CLOSING = bytes.maketrans(b"[{", b"]}")
WHITE_SPACE = b" \t\r\n"
_VALUES = ("entry[].changes[].value", "entry[].value")
_OPENED = {"", "entry", "entry[]", "entry[].changes", "entry[].changes[]", *_VALUES} | {
    f"{value}.history{inner}" for value in _VALUES for inner in ("", "[]", "[].threads", "[].threads[]")
}
"""Shapes (positions without their numbers) of the arrays and objects whose members we want one by one."""
_PARENTS_OF_LISTS = (*_VALUES, "entry[].changes[]")
"""Every list right inside these is opened; a change without `value` is its own value."""
_OPENED_LISTS = {f"{value}.history[].threads[].messages" for value in _VALUES}


def _shallow(depth: int) -> bytes:
    """What matches a container with at most so many others in each other."""
    inner = rb'[^"\[\]{}]++|' + _STRING + (b"|" + _shallow(depth - 1) if depth else b"")
    return rb"\{(?:" + inner + rb")*+\}|\[(?:" + inner + rb")*+\]"


_SIMPLE = _STRING + rb'|[^"\[\]{},: \t\r\n]++|\{[ \t\r\n]*+\}|\[[ \t\r\n]*+\]'
_ITEM = re.compile(rb"[ \t\r\n]*+(" + _SIMPLE + rb")[ \t\r\n]*+([,\]])", re.DOTALL)
"""An item that has nothing to open, and what follows it."""
_CLOSED_ITEM = re.compile(rb"[ \t\r\n]*+(" + _SIMPLE + b"|" + _shallow(2) + rb")[ \t\r\n]*+([,\]])", re.DOTALL)
"""The same where nothing is opened. Both only save time: what they do not match is taken token by token."""
_READ_AT_ONCE = 64


class Piece(msgspec.Struct):
    """One value inside a body and, where it was opened, the pieces in it."""

    start: int
    end: int
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
    root = Piece(start=scan.start, end=0)
    scan.open(root, opener=b"{", shape="")
    root.end = scan.end
    if body[: root.start].strip(WHITE_SPACE) or body[root.end :].strip(WHITE_SPACE):
        raise MalformedError
    return root


class _Scan:
    def __init__(self, body: bytes) -> None:
        self.body = body
        self.start = 0
        self.end = 0
        self._keys: dict[bytes, Any] = {}

    def take(self) -> bytes:
        """The next bracket, comma, colon or whole string."""
        match = _TOKEN.search(self.body, self.end)
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
            if (key := self._keys.get(token)) is None and token.startswith(b'"'):
                key = self._keys[token] = read(token)
            if not isinstance(key, str) or self.take() != b":":
                raise MalformedError
            into.keys.append(key)
            piece, token = self._value(at_key(shape, key))
            into.pieces.append(piece)
            if token == b"}":
                return
            if token != b",":
                raise MalformedError
            token = self.take()

    def _open_list(self, into: Piece, shape: str) -> None:
        into.pieces = []
        token = b","
        inner = f"{shape}[]"
        simple = _ITEM if inner in _OPENED else _CLOSED_ITEM
        while token == b",":
            if (match := simple.match(self.body, self.end)) is not None:
                piece, token, self.end = Piece(*match.span(1)), match[2], match.end()
            else:
                piece, token = self._value(inner)
            into.pieces.append(piece)
        if token != b"]":
            raise MalformedError
        if len(into.pieces) == 1 and into.pieces[0].start == into.pieces[0].end:
            into.pieces = []

    def _value(self, shape: str) -> tuple[Piece, bytes]:
        """One value and the comma or bracket that ends it."""
        begin = self.end
        piece = Piece(start=begin, end=begin)
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
        if is_opened(shape, opener):
            self.open(piece, opener=opener, shape=shape)
        else:
            self._skip(opener)

    def _skip(self, opener: bytes) -> None:
        waiting = bytearray(opener)
        for match in _BRACKETS.finditer(self.body, self.end):
            run = match[0]
            if run[0] in b"[{":
                waiting += run
            elif run[0] == ord('"'):
                if len(run) == 1:
                    raise MalformedError
            else:
                own = run[: len(waiting)]
                if waiting[-len(own) :][::-1].translate(_CLOSING) != own:
                    raise MalformedError
                del waiting[-len(own) :]
                if not waiting:
                    self.start = match.start() + len(own) - 1
                    self.end = self.start + 1
                    return
        raise MalformedError


def is_opened(shape: str, opener: bytes) -> bool:
    """True for an array or object whose members we want one by one.

    Args:
        shape: its position without numbers.
    """
    if shape in _OPENED:
        return True
    if opener != b"[":
        return False
    parent, _, key = shape.rpartition(".")
    return shape in _OPENED_LISTS or (parent in _PARENTS_OF_LISTS and not key.endswith("[]"))


def _stripped(body: bytes, start: int, end: int) -> tuple[int, int]:
    while start < end and body[start] in WHITE_SPACE:
        start += 1
    while end > start and body[end - 1] in WHITE_SPACE:
        end -= 1
    return start, end


def rebuilt(body: bytes, piece: Piece) -> Any:
    """The value of a piece, put together from the pieces in it: only what was not opened is read.

    What cannot be read is a `Broken` in its place. An opened object with a key twice is broken as a whole: no member
    of it can be trusted, the number it belongs to least of all.
    """
    if piece.pieces is None:
        return read(body[piece.start : piece.end])
    if piece.keys is None:
        return [
            value
            for at in range(0, len(piece.pieces), _READ_AT_ONCE)
            for value in _row(body, piece.pieces[at : at + _READ_AT_ONCE])
        ]
    if len(set(piece.keys)) < len(piece.keys):
        return Broken("duplicate_keys")
    return dict(zip(piece.keys, (rebuilt(body, inner) for inner in piece.pieces), strict=True))


def _row(body: bytes, pieces: list[Piece]) -> list[Any]:
    """The values of some neighbours in a list, read at once where all of them are sound."""
    if all(piece.pieces is None for piece in pieces):
        values = read(b"[" + body[pieces[0].start : pieces[-1].end] + b"]")
        if isinstance(values, list) and len(values) == len(pieces):
            return values
    return [rebuilt(body, piece) for piece in pieces]
