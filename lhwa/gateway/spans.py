"""JSON by its members: the raw bytes of an object's members and an array's items, whatever lies inside them.

msgspec finds them at the speed of C, but it recurses, so a body nested thousands deep ends in RecursionError, and it
refuses half a surrogate pair anywhere in a text. One such item must not take its neighbours along. So a body is made
`legible` once, in one pass: what msgspec cannot read is replaced by a short text that stands for it, and put back into
the parts that are cut out.

Invariants: linear in the bytes, whatever their shape; the bytes that come back are those that went in. Of what is
nested too deep only strings and brackets are checked: it is one value, and whoever reads it refuses it anyway.
Source: RFC 8259.
"""

from __future__ import annotations

import hashlib
import re

import msgspec

DEPTH_MAX = 200
"""Deepest nesting that msgspec is trusted with: far below the limit at which it gives up."""
OPENED_DEPTH = 8
"""Containers inside this many others are never opened, so they can be replaced as a whole."""
_MARKS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{][\[{ \t\n\r]*+|[\]}][\]} \t\n\r]*+|"', re.DOTALL)
"""A whole string, a run of opening brackets, a run of closing ones, or a string without an end."""
_SPACE = b" \t\n\r"
_CLOSERS = bytes.maketrans(b"[{", b"]}")
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{]|[\]}]|:', re.DOTALL)
_HALVES = re.compile(
    rb"\\u([dD][89abAB][0-9a-fA-F]{2})(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
"""Every escape of a string from left to right, pairs as one: so a half that is matched alone stands alone."""
_ANY = msgspec.json.Decoder(msgspec.Raw)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


class NotJsonError(ValueError):
    """These bytes are not JSON."""


class Legible:
    """A body that msgspec reads, and the way back to its own bytes."""

    def __init__(self, body: bytes) -> None:
        """Raises: NotJsonError."""
        self._held: list[bytes] = []
        self._mark = b""
        self.raw = body
        try:
            _ANY.decode(body)
        except (msgspec.DecodeError, RecursionError):
            self._mark = hashlib.sha256(body).hexdigest()[:32].encode()  # no body holds a digest of itself
            self.raw = self._without_depth(self._without_halves(body))
            try:
                _ANY.decode(self.raw)
            except (msgspec.DecodeError, RecursionError):
                raise NotJsonError from None

    def restored(self, raw: bytes) -> bytes:
        """Bytes made of parts of `raw`, as they were in the body."""
        if not self._mark:
            return raw
        raw = re.sub(rb'"%b:([0-9]+)"' % self._mark, lambda match: self._held[int(match[1])], raw)
        return re.sub(rb"%b([0-9a-fA-F]{4})" % self._mark, rb"\\u\1", raw)

    def _without_halves(self, body: bytes) -> bytes:
        if b"\\ud" not in body and b"\\uD" not in body:
            return body
        mark = self._mark
        return _HALVES.sub(lambda match: mark + half if (half := match[1] or match[2]) else match[0], body)

    def _without_depth(self, body: bytes) -> bytes:
        kept, done = [], 0
        for start, end in _deep_values(body):
            kept += [body[done:start], b'"%b:%d"' % (self._mark, len(self._held))]
            self._held.append(body[start:end])
            done = end
        return b"".join([*kept, body[done:]])


def members(raw: bytes) -> dict[str, bytes] | None:
    """The members of an object of a legible body by name, the last of equal names; None when it is something else.

    Raises: NotJsonError.
    """
    if not raw.lstrip(_SPACE).startswith(b"{"):
        return None  # without the price of an exception: there may be a million of them
    try:
        return {name: bytes(value) for name, value in _OBJECT.decode(raw).items()}
    except (msgspec.DecodeError, RecursionError):
        raise NotJsonError from None


def is_ambiguous(raw: bytes, found: dict[str, bytes], *names: str) -> bool:
    """True when an object has one of these members twice, so that two readers could take two values for it.

    Args:
        raw: the object.
        found: its members, of which `members` keeps the last of equal names.
    """
    if raw.count(b":") < 2:
        return False
    quotes = raw.count(b'"') - 2 * len(found) - sum(value.count(b'"') for value in found.values())
    if not quotes:
        return False  # every quote is accounted for: no member is hidden behind another
    keys = _keys(raw)
    return any(keys.count(name) > 1 for name in names)


def items(raw: bytes) -> list[bytes] | None:
    """The items of an array of a legible body; None when it is something else. Raises: NotJsonError."""
    if not raw.lstrip(_SPACE).startswith(b"["):
        return None
    try:
        return list(map(bytes, _ARRAY.decode(raw)))
    except (msgspec.DecodeError, RecursionError):
        raise NotJsonError from None


def text(raw: bytes | None) -> str | None:
    """What a string or an integer says; None for anything else."""
    try:
        value = msgspec.json.decode(raw or b"null", type=str | int | None)
    except (msgspec.DecodeError, RecursionError):
        return None
    try:
        return None if value is None else str(value)
    except ValueError:  # an integer with thousands of digits
        return None


def _keys(raw: bytes) -> list[str | None]:
    """The names of an object's own members, in order."""
    depth, last, found = 0, b"", list[str | None]()
    for match in _TOKENS.finditer(raw):
        token = match[0]
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and token == b":":
            found.append(text(last))
        else:
            last = token
    return found


def _deep_values(body: bytes) -> list[tuple[int, int]]:
    """Where the containers are that are never opened and nested too deep. Raises: NotJsonError.

    Brackets are taken in runs: a thousand of them cost as much as one.
    """
    found: list[tuple[int, int]] = []
    stack = bytearray()
    start = deepest = 0
    for match in _MARKS.finditer(body):
        run = match[0]
        if run[0] == ord('"'):
            if len(run) == 1:
                raise NotJsonError
            continue
        brackets = run.translate(None, _SPACE)
        before, count = len(stack), len(brackets)
        if brackets[0] in b"[{":
            stack += brackets
            if before <= OPENED_DEPTH < len(stack):
                start = match.start() + _place(run, OPENED_DEPTH - before)
                deepest = 0
            deepest = max(deepest, len(stack))
            continue
        if count > before or stack[before - count :][::-1].translate(_CLOSERS) != brackets:
            raise NotJsonError
        del stack[before - count :]
        if before > OPENED_DEPTH >= len(stack) and deepest > DEPTH_MAX:
            found.append((start, match.start() + _place(run, before - OPENED_DEPTH - 1) + 1))
    return found


def _place(run: bytes, number: int) -> int:
    """The place of a bracket in a run that has white space between them."""
    at = -1
    for _ in range(number + 1):
        at += 1
        while run[at] in _SPACE:
            at += 1
    return at
