"""JSON by its brackets: the raw bytes of an object's members and an array's items, at any depth.

msgspec does this fast but recurses, so a body nested thousands deep ends in RecursionError, and it refuses a lone
surrogate in a string that it must decode. One such item must not take its neighbours along; here a plain loop
walks the tokens and checks the whole grammar.

Source: RFC 8259.
"""

from __future__ import annotations

import re

import msgspec

_TOKEN = re.compile(
    rb'[ \t\n\r]*+(?:([{}\[\]:,])|("[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+")'
    rb"|((?:-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null)(?![0-9A-Za-z.+-])))"
)
_SPACE = re.compile(rb"[ \t\n\r]*+")
_CLOSES = {ord("}"): ord("{"), ord("]"): ord("[")}
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


class NotJsonError(ValueError):
    """These bytes are not JSON."""


def members(raw: bytes) -> dict[str, bytes] | None:
    """The members of an object by name, the last of equal names; None when it is something else.

    Raises: NotJsonError.
    """
    try:
        return {name: bytes(value) for name, value in _OBJECT.decode(raw).items()}
    except (msgspec.DecodeError, RecursionError):
        if _opens(raw) == ord("{"):
            return _members_slowly(raw)
        _check(raw)
        return None


def items(raw: bytes) -> list[bytes] | None:
    """The items of an array; None when it is something else. Raises: NotJsonError."""
    try:
        return [bytes(item) for item in _ARRAY.decode(raw)]
    except (msgspec.DecodeError, RecursionError):
        if _opens(raw) == ord("["):
            return _items_slowly(raw)
        _check(raw)
        return None


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


def _check(raw: bytes) -> None:
    if _SPACE.fullmatch(raw, _end_of_value(raw, 0)) is None:
        raise NotJsonError


def _opens(raw: bytes) -> int:
    start = _space_end(raw, 0)
    return raw[start] if start < len(raw) else 0


def _members_slowly(raw: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    _check(raw)
    at = _space_end(raw, 0) + 1
    while raw[(at := _space_end(raw, at))] != ord("}"):
        if raw[at] == ord(","):
            at = _space_end(raw, at + 1)
        name_end = _end_of_value(raw, at)
        name = _name(raw[at:name_end])
        at = _space_end(raw, _space_end(raw, name_end) + 1)
        end = _end_of_value(raw, at)
        found[name] = raw[at:end]
        at = end
    return found


def _items_slowly(raw: bytes) -> list[bytes]:
    found: list[bytes] = []
    _check(raw)
    at = _space_end(raw, 0) + 1
    while raw[(at := _space_end(raw, at))] != ord("]"):
        if raw[at] == ord(","):
            at = _space_end(raw, at + 1)
        end = _end_of_value(raw, at)
        found.append(raw[at:end])
        at = end
    return found


def _name(raw: bytes) -> str:
    try:
        return msgspec.json.decode(raw, type=str)
    except msgspec.DecodeError:  # a lone surrogate: no name that we look for
        return raw.decode("utf-8", "replace")


def _space_end(raw: bytes, at: int) -> int:
    match = _SPACE.match(raw, at)
    return at if match is None else match.end()


def _end_of_value(raw: bytes, at: int) -> int:
    """Where the value that starts here ends, having checked its grammar."""
    stack = bytearray()
    # What may come next: v a value, f the first item or a close, k a key, o the first key or a close, s a colon,
    # n a comma or a close.
    expect = "v"
    while True:
        match = _TOKEN.match(raw, at)
        if match is None:
            raise NotJsonError
        at = match.end()
        mark, string, scalar = match.groups()
        expect = _next(
            expect, mark[0] if mark else 0, stack, is_string=string is not None, is_scalar=scalar is not None
        )
        if expect == "n" and not stack:
            return at


def _next(expect: str, mark: int, stack: bytearray, *, is_string: bool, is_scalar: bool) -> str:
    if expect in "vf" and (is_string or is_scalar):
        return "n"
    if expect in "ko" and is_string:
        return "s"
    if expect in "vf" and mark in (ord("{"), ord("[")):
        stack.append(mark)
        return "o" if mark == ord("{") else "f"
    if expect == "s" and mark == ord(":"):
        return "v"
    if expect == "n" and mark == ord(","):
        return "k" if stack[-1] == ord("{") else "v"
    if mark in _CLOSES and expect in "nof" and stack and stack[-1] == _CLOSES[mark]:
        stack.pop()
        return "n"
    raise NotJsonError
