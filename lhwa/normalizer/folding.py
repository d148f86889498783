"""Broken items in bulk: the first ones each stand alone, all further ones of a request lie together in one letter.

A dead letter costs a row, a seal and an audit record; four megabytes of tiny broken items would make half a million of
them. Nobody reads so many one by one, so from a limit on they are one poison element with all their bytes. Items that
are sound go on as ever, wherever they stand among the broken ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeGuard

import msgspec

from lhwa.domain.elements import Element, MessageElement, PoisonElement

BROKEN_MAX = 10_000
"""Broken items of one request that each become a letter of their own."""
BROKEN_BYTES_MAX = 32 * 1024 * 1024
"""The same as bytes: items whose own bytes cannot be told apart each carry those of everything around them."""
TOO_MANY = "too_many_broken"

_encode = msgspec.json.Encoder().encode


def folded(elements: Iterable[Element]) -> Iterator[Element]:
    """The same elements; broken ones beyond the limits come last, as one poison element with the bytes of them all."""
    alone = held_bytes = 0
    rest: list[PoisonElement | MessageElement] = []
    for element in elements:
        if not _is_broken(element):
            yield element
            continue
        if isinstance(element, PoisonElement):
            held_bytes += len(element.raw)
        if alone < BROKEN_MAX and held_bytes <= BROKEN_BYTES_MAX:
            alone += 1
            yield element
        else:
            rest.append(element)
    if rest:
        yield rest[0] if len(rest) == 1 else _together(rest)


def _is_broken(element: Element) -> TypeGuard[PoisonElement | MessageElement]:
    """True for poison, and for a message that no person can be found for: it ends among the dead letters as well."""
    return isinstance(element, PoisonElement) or (isinstance(element, MessageElement) and element.party.is_nobody)


def _together(rest: list[PoisonElement | MessageElement]) -> PoisonElement:
    # Several may share the bytes of what is around them: those are needed once.
    raws = dict.fromkeys(one.raw if isinstance(one, PoisonElement) else _encode(one.content) for one in rest)
    return PoisonElement(
        position=_range(rest[0].position, rest[-1].position),
        reason=TOO_MANY,
        raw=b"[" + b",\n".join(raws) + b"]",
    )


def _range(first: str, last: str) -> str:
    """`messages[10000..499999]` for two places in one list; both places otherwise."""
    (parent, bracket, start), (other, _, end) = first.rpartition("["), last.rpartition("[")
    if bracket and parent == other:
        return f"{parent}[{start.removesuffix(']')}..{end}"
    return f"{first}..{last}"
