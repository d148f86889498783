"""The shape of nearly every webhook: one POST that came whole, in one piece, and that no two servers read differently.

Such a request is read here at once, without a parser's callback for each of its headers. Whatever is not surely of
this shape (in pieces, chunked, pipelined, `Expect`, `Connection`, an unusual byte, a repeated header) is left to the
HTTP parser from its first byte on.

A sender writes the same head each time, but for the signature and the length. So a head that was read once is kept as
a mould, and the next request is compared with it byte for byte.

Invariants: what is read here, the parser would read the same way; nothing is refused here.
Source: RFC 9112 §2-6, the strict subset of it.
"""

from __future__ import annotations

import re

import msgspec

from lhwa.gateway import signature, sources

MOULDS_MAX = 8
"""A few senders, and two or three lengths of the length."""
_HEAD = re.compile(
    rb"POST /webhooks/whatsapp(?:/([A-Za-z0-9_-]{1,64}))? HTTP/1\.1"
    rb"((?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e]*){1,64})\r\n\r\n"
)
"""Linear: no line has two readings. Possessive quantifiers would say so; Python before 3.11.5 gets them wrong here."""
_COUNTING = re.compile(
    rb"\r\n(host|content-length|content-encoding|transfer-encoding|connection|proxy-connection|keep-alive|upgrade"
    rb"|expect|te|trailer|x-forwarded-for|x-hub-signature-256):[\t ]*([^\r]*)",
    re.IGNORECASE,
)
"""The headers that decide anything, wherever they stand."""
_LENGTH = re.compile(rb"[1-9][0-9]{0,8}")


class PlainPost(msgspec.Struct, gc=False):
    """One webhook POST."""

    app_name: str | None
    claimed: bytes
    """64 bytes that should be the hex digits of the signature; whoever compares them finds out."""
    forwarded: list[bytes]
    body: bytes


class _Mould(msgspec.Struct, frozen=True, gc=False):
    """A head that was read, cut where the signature and the length stand."""

    app_name: str | None
    forwarded: list[bytes]
    start: bytes
    middle: bytes
    end: bytes
    cuts: tuple[int, int, int, int, int]
    """Where the first value, the middle, the second value and the end of the head begin, and where the body does."""
    is_length_first: bool


class PlainPosts:
    """Reads the plain posts of one listener, whose senders' heads it remembers.

    Args:
        head_bytes_max: longer heads are left to the parser, and so are longer bodies.
    """

    def __init__(self, *, head_bytes_max: int, body_bytes_max: int) -> None:
        self._head_bytes_max = head_bytes_max
        self._body_bytes_max = body_bytes_max
        self._moulds: list[_Mould] = []

    def read(self, data: bytes) -> PlainPost | None:
        """The one request that these bytes are; None when they are anything else, or not surely only that."""
        for mould in self._moulds:
            first, middle, second, end, body = mould.cuts
            if data[:first] == mould.start and data[middle:second] == mould.middle and data[end:body] == mould.end:
                break
        else:
            return self._read_anew(data)
        one, other = data[first:middle], data[second:end]
        length, claimed = (one, other) if mould.is_length_first else (other, one)
        size = len(data) - body
        if length != b"%d" % size or size > self._body_bytes_max:
            return None
        return PlainPost(mould.app_name, claimed, mould.forwarded, data[body:])

    def _read_anew(self, data: bytes) -> PlainPost | None:
        head = _HEAD.match(data, 0, self._head_bytes_max)
        if head is None:
            return None
        found = _deciding(head)
        if found is None:
            return None
        length_at, signature_at, forwarded = found
        size = len(data) - head.end()
        if data[slice(*length_at)] != b"%d" % size or size > self._body_bytes_max:
            return None
        app_name = head[1]
        mould = _mould(data, app_name.decode() if app_name else None, length_at, signature_at, forwarded, head.end())
        self._moulds = [mould, *self._moulds][:MOULDS_MAX]
        return PlainPost(mould.app_name, data[slice(*signature_at)], forwarded, data[head.end() :])


def _deciding(head: re.Match[bytes]) -> tuple[tuple[int, int], tuple[int, int], list[bytes]] | None:
    """Where the length and the digits of the signature stand, and by whom it was forwarded."""
    hosts = 0
    length_at = signature_at = None
    forwarded: list[bytes] = []
    at = head.start(2)
    for header in _COUNTING.finditer(head[2]):
        place = at + header.start(2), at + header.end(2)
        match header[1].lower():
            case b"host":
                hosts += 1
            case b"content-length" if length_at is None and _LENGTH.fullmatch(header[2]):
                length_at = place
            case signature.HEADER if signature_at is None and signature.claimed([header[2]]):
                signature_at = place[1] - signature.DIGITS, place[1]
            case sources.HEADER:
                forwarded.append(header[2].rstrip(b"\t "))
            case _:
                return None
    return (length_at, signature_at, forwarded) if hosts == 1 and length_at and signature_at else None


def _mould(
    data: bytes,
    app_name: str | None,
    length_at: tuple[int, int],
    signature_at: tuple[int, int],
    forwarded: list[bytes],
    body: int,
) -> _Mould:
    (first, middle), (second, end) = sorted((length_at, signature_at))
    return _Mould(
        app_name,
        forwarded,
        start=data[:first],
        middle=data[middle:second],
        end=data[end:body],
        cuts=(first, middle, second, end, body),
        is_length_first=first == length_at[0],
    )
