r"""Strict reading of JSON bytes: a value, or the reason why there is none.

Invariants: never raises, whatever the bytes; what it returns can be written as JSON again.

Duplicate keys are found by counting: decoding keeps one member per key, so the value written again has fewer
members than the bytes. Both counts are colons, which costs a tenth of a parse that calls back into Python for every
object. Strings have as many colons in both spellings, unless one is escaped: then only those outside strings count.

A lone surrogate (`\ud83d` without its other half) is what a sender leaves who cuts a text in the middle of an
emoji. It is no reason to lose a message: it becomes U+FFFD. NUL (`\u0000`) is a character like any other here.
NaN, Infinity and bytes that are not UTF-8 are not JSON.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

DEPTH_MAX = 32
"""Deepest nesting of arrays and objects that we read. Meta's own payloads stay below 15."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_ESCAPED_COLON = rb"\u003"
"""How every escape of a colon begins."""
_NOT_MARKS = bytes(set(range(256)) - set(b":{["))
_NOT_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_AS_SQUARE = bytes.maketrans(b"{}", b"[]")
_ESCAPES = re.compile(
    rb"(?P<lone>"
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\.",
    re.DOTALL,
)
"""Every escape of a string from left to right, pairs as one: so a half that is matched alone stands alone."""


class Broken(msgspec.Struct, frozen=True):
    """The place of a value that could not be read."""

    reason: str


def read(raw: bytes) -> Any:
    """The value of some JSON bytes, or Broken with its reason."""
    try:
        value = _decode(raw)
    except RecursionError:
        return Broken("too_deep")
    except UnicodeDecodeError:
        return Broken("not_utf8")
    except msgspec.ValidationError:
        return Broken("number_out_of_range")
    except msgspec.DecodeError:
        repaired = without_lone_surrogates(raw)
        return Broken("not_json") if repaired == raw else read(repaired)
    marks, again = raw.translate(None, _NOT_MARKS), _encode(value)
    colons = marks.count(b":")
    if len(marks) - colons > DEPTH_MAX and _is_too_deep(_outside_strings(raw)):
        return Broken("too_deep")
    if _ESCAPED_COLON in raw:
        colons, again = _outside_strings(raw).count(b":"), _outside_strings(again)
    if again.count(b":") != colons:
        return Broken("duplicate_keys")
    return value


def without_lone_surrogates(raw: bytes) -> bytes:
    r"""The same bytes, each escaped half of a surrogate pair replaced by `\ufffd`. The length stays."""
    if b"\\ud" not in raw and b"\\uD" not in raw:
        return raw
    return _ESCAPES.sub(lambda match: rb"\ufffd" if match["lone"] else match[0], raw)


def _outside_strings(raw: bytes) -> bytes:
    """Valid JSON without its strings: what is left of `{"a":["b"]}` is `{:[]}`."""
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(raw.split(b'"')[::2])


def _is_too_deep(outside: bytes) -> bool:
    if outside.count(b"{") + outside.count(b"[") <= DEPTH_MAX:
        return False
    brackets = outside.translate(_AS_SQUARE, _NOT_BRACKETS)
    for _ in range(DEPTH_MAX):
        brackets = brackets.replace(b"[]", b"")  # the innermost level of all
    return bool(brackets)
