"""Item by item: each becomes its elements or one poison element, and never costs a neighbour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec import Struct

from lhwa.domain.elements import Element, MessageElement
from lhwa.errors import PoisonError
from lhwa.normalizer.folding import is_broken
from lhwa.normalizer.platform import platform
from lhwa.normalizer.positions import UNNAMED, at_index, at_key, at_unnamed
from lhwa.normalizer.reading import Broken
from lhwa.normalizer.scope import Scope

Build = Callable[[Scope, str, dict[str, Any]], Element | Iterator[Element]]
"""What makes the element of one item, or, for items that hold items, its elements."""


def each(scope: Scope, position: str, items: Any, build: Build, *, may_be_empty: bool = False) -> Iterator[Element]:
    """The elements of every item of a list. Nothing at all is nothing; what is not a list is poison.

    Args:
        may_be_empty: True where `{}` says nothing and is no item.
    """
    if isinstance(items, list):
        for index, item in enumerate(items):
            if may_be_empty and item == {}:
                continue
            if scope.source.folds:
                yield from _in_bulk(scope, position, items, build, start=index, may_be_empty=may_be_empty)
                return
            yield from one(scope, at_index(position, index), item, build)
    elif items is not None:
        yield scope.source.poison(position, items.reason if isinstance(items, Broken) else "wrong_type")


def one(scope: Scope, position: str, item: Any, build: Build) -> Iterable[Element]:
    """The elements of one item."""
    if not isinstance(item, dict):
        return (scope.source.poison(position, item.reason if isinstance(item, Broken) else "not_an_object"),)
    try:
        built = build(scope, position, item)
    except Exception as error:  # noqa: BLE001 -- a defect of ours must not cost the item's neighbours; the bytes are kept
        return (_poison_for(error, scope, position),)
    return (built,) if isinstance(built, Struct) else _until_it_breaks(scope, position, built)


def _until_it_breaks(scope: Scope, position: str, built: Iterator[Element]) -> Iterator[Element]:
    try:
        yield from built
    except Exception as error:  # noqa: BLE001 -- as in `one`
        yield _poison_for(error, scope, position)


def _poison_for(error: Exception, scope: Scope, position: str) -> Element:
    return scope.source.poison(position, error.reason if isinstance(error, PoisonError) else "internal_error")


def _in_bulk(
    scope: Scope, position: str, items: list[Any], build: Build, *, start: int, may_be_empty: bool
) -> Iterator[Element]:
    """The rest of a list when no further broken item will stand alone: each row of them is one poison element."""
    first = start
    for index in range(start, len(items)):
        item = items[index]
        sound: list[Element] = []
        if item and isinstance(item, dict):
            is_broken_too = _build_into(sound, scope, at_index(position, index), item, build)
        else:
            is_broken_too = not (may_be_empty and item == {})
        if is_broken_too and not sound:
            continue
        if first < index:
            yield scope.source.row(position, first, index - 1)
        yield from sound
        first = index if is_broken_too else index + 1
    if first < len(items):
        yield scope.source.row(position, first, len(items) - 1)


def _build_into(sound: list[Element], scope: Scope, position: str, item: dict[str, Any], build: Build) -> bool:
    """Add an item's elements; True when some or all of it is broken, and so its bytes must be kept."""
    try:
        built = build(scope, position, item)
        if isinstance(built, Struct):
            built = iter((built,))
        sound.extend(built)  # what came before a failure stays
    except Exception:  # noqa: BLE001 -- as in `one`; in bulk nobody reads the reasons
        return True
    if len(sound) == 1 and is_broken(sound[0]) and not isinstance(sound[0], MessageElement):
        sound.clear()
        return True
    return False


def whole(scope: Scope, position: str, value: dict[str, Any], *, field: str | None = None) -> Iterator[Element]:
    """A value that is one thing: a platform element, or poison when a part of it cannot be read."""
    damage = scope.source.damage_in(value)
    if damage is None:
        yield platform(scope, position, value, field=field)
    else:
        yield scope.source.poison(position, damage)


def leftovers(
    scope: Scope, position: str, value: dict[str, Any], *, known: AbstractSet[str], field: str | None = None
) -> Iterable[Element]:
    """Objects and lists under keys that we do not know, each kept as one platform element named after its key.

    Single words and numbers beside them are circumstances (a version, a product name), not things.
    """
    return () if value.keys() <= known else _leftovers(scope, position, value, known=known, field=field)


def _leftovers(
    scope: Scope, position: str, value: dict[str, Any], *, known: AbstractSet[str], field: str | None
) -> Iterator[Element]:
    unnamed = 0
    for key, content in value.items():
        if key in known or not content or not isinstance(content, (dict, list, Broken)):
            continue
        place = at_key(position, key)
        if place.endswith(UNNAMED):
            unnamed += 1
            place = at_unnamed(position, unnamed)
        yield from whole(scope, place, {key: content}, field=field or key)
