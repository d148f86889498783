"""Broken items in bulk: the first ones each stand alone, all further ones of a request lie together in one letter.

A dead letter costs a row, a seal and an audit record; four megabytes of tiny broken items would make half a million of
them. Nobody reads so many one by one, so from a limit on they are one poison element with all their bytes. Platform
events that say nothing (no word, no id, nobody) count as broken there: a row each would cost as much. Items that are
sound go on as ever, wherever they stand among the broken ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeGuard

import msgspec

from lhwa.domain.elements import Element, MessageElement, PlatformElement, PoisonElement

BROKEN_MAX = 10_000
"""Broken items of one request that each become a letter of their own."""
BROKEN_BYTES_MAX = 32 * 1024 * 1024
"""The same as bytes: items whose own bytes cannot be told apart each carry those of everything around them."""
TOO_MANY = "too_many_broken"

_Broken = PoisonElement | MessageElement | PlatformElement
_encode = msgspec.json.Encoder().encode


def folded(elements: Iterable[Element], *, on_full: Callable[[], None] = lambda: None) -> Iterator[Element]:
    """The same elements; broken ones beyond the limits come last, as one poison element with the bytes of them all.

    Args:
        on_full: called when no further broken item will stand alone. From then on whoever makes the elements may
            hand over a row of broken items as one poison element with the reason `TOO_MANY`.
    """
    alone = held_bytes = 0
    rest: list[_Broken] = []
    for element in elements:
        if not is_broken(element):
            yield element
            continue
        if isinstance(element, PoisonElement):
            held_bytes += len(element.raw)
        if alone < BROKEN_MAX and held_bytes <= BROKEN_BYTES_MAX:
            alone += 1
            if alone == BROKEN_MAX or held_bytes == BROKEN_BYTES_MAX:
                on_full()
            yield element
        else:
            on_full()
            rest.append(element)
    if rest:
        yield rest[0] if len(rest) == 1 and not _is_row(rest[0]) else _together(rest)


def is_broken(element: Element) -> TypeGuard[_Broken]:
    """True for poison, for an event that says nothing, and for a message that no person can be found for.

    Such a message ends among the dead letters as well.
    """
    if isinstance(element, PlatformElement):
        says = element.event or element.party or element.item_id or element.template_id
        return not says and element.severity != "critical"
    return isinstance(element, PoisonElement) or (isinstance(element, MessageElement) and element.party.is_nobody)


def _is_row(element: _Broken) -> bool:
    return isinstance(element, PoisonElement) and element.reason == TOO_MANY


def _raw(element: _Broken) -> bytes:
    if isinstance(element, PoisonElement):
        return element.raw
    return _encode(element.value if isinstance(element, PlatformElement) else element.content)


def _together(rest: list[_Broken]) -> PoisonElement:
    raws = dict.fromkeys(map(_raw, rest))  # several may share the bytes of what is around them: those are needed once
    return PoisonElement(
        position=span_of(rest[0].position, rest[-1].position),
        reason=TOO_MANY,
        raw=b"[" + b",\n".join(raws) + b"]",
    )


def span_of(first: str, last: str) -> str:
    """`messages[10000..499999]` for two places, or two rows of places, in one list; both places otherwise."""
    if first == last:
        return first
    (parent, bracket, start), (other, _, end) = first.rpartition("["), last.rpartition("[")
    if bracket and parent == other:
        return f"{parent}[{start.removesuffix(']').split('..')[0]}..{end.rpartition('..')[2]}"
    return f"{first}..{last}"
