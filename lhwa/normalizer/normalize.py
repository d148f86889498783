"""`normalize`: the raw bytes of one webhook request to its elements.

Invariants: never raises, for any bytes; every item of every list becomes exactly one element, or one poison element
with its own bytes (in bulk: a part of one poison element, see `folding`); the same bytes always give the same elements.
"""

from __future__ import annotations

from lhwa.domain.elements import Element
from lhwa.normalizer.envelope import elements_of
from lhwa.normalizer.folding import folded
from lhwa.normalizer.source import Source


def normalize(body: bytes) -> list[Element]:
    """What a webhook request says, item by item.

    A body that is not JSON is one poison element at position `""`; a webhook of another product is one platform
    element with field `object:<name>`; an empty entry says nothing.
    """
    source = Source(body)
    found = list(folded(elements_of(source), on_full=source.fold_early))
    if not found and source.is_damaged:
        # Its parts say nothing, and what lies between them nobody has read: all of it is kept.
        return [source.poison("", source.damage)]
    return found
