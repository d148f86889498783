"""What the normalizer owes any bytes: an answer, every item in exactly one element, the same answer each time.

Each law takes the body alone, so that a stored body can be held against all of them.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from lhwa.domain.elements import ELEMENT_DECODER, ELEMENT_ENCODER, Element, PoisonElement
from lhwa.normalizer.folding import BROKEN_MAX, TOO_MANY
from lhwa.normalizer.normalize import normalize
from tests.fuzz.canaries import TOKEN, is_aside, planted
from tests.fuzz.trees import UNREADABLE, Members, Tree, is_sound, read, write

LISTS = frozenset(
    {"messages", "statuses", "errors", "calls", "user_preferences", "user_actions", "state_sync", "message_echoes"}
)
"""Lists of which each item is one element, whatever it is."""


class LawError(AssertionError):
    """A law of the product does not hold."""


def hold(body: bytes) -> list[Element]:
    """Every law about one body. Raises: LawError, or whatever the normalizer raised."""
    elements = normalize(body)
    tree = read(body)
    _is_determined(body, elements)
    _survives_storage(elements)
    _has_a_place_each(elements)
    if body.strip() and not elements and _says_something(tree):
        raise LawError("a body that says something gave nothing")
    if tree != UNREADABLE:
        _keeps_every_canary(tree, elements)
    if tree != UNREADABLE and is_sound(tree):
        _keeps_every_item(tree, elements)
        _says_the_same_written_anew(tree, elements)
    return elements


def _is_determined(body: bytes, elements: list[Element]) -> None:
    if normalize(body) != elements:
        raise LawError("the same bytes gave other elements")


def _survives_storage(elements: list[Element]) -> None:
    for element in elements:
        if ELEMENT_DECODER.decode(ELEMENT_ENCODER.encode(element)) != element:
            raise LawError(f"the element at {element.position} is another one after it was stored")


def _has_a_place_each(elements: list[Element]) -> None:
    twice = [place for place, count in Counter(element.position for element in elements).items() if count > 1]
    if twice:
        raise LawError(f"several elements are at {twice[0]}")


def _says_something(tree: Tree) -> bool:
    """False for what has no items: an empty object, or entries that are empty."""
    if not isinstance(tree, Members):
        return True
    entries = [inner for key, inner in tree if key == "entry"]
    return any(isinstance(inner, list) and any(item not in ([], None) for item in inner) for inner in entries) and any(
        planted(tree)
    )


def _keeps_every_canary(tree: Tree, elements: list[Element]) -> None:
    """In a sound body a marked object is in one element; in a damaged one in at least one."""
    found = Counter(token for element in elements for token in set(TOKEN.findall(_content(element))))
    sound = is_sound(tree)
    for token, path in planted(tree).items():
        if is_aside(path):
            continue
        if not found[token]:
            raise LawError(f"what lay at {path} is in no element")
        if sound and found[token] > 1:
            raise LawError(f"what lay at {path} is in {found[token]} elements")


def _content(element: Element) -> str:
    if isinstance(element, PoisonElement):
        return element.raw.decode("utf-8", "replace")
    return ELEMENT_ENCODER.encode(element).decode()


def _keeps_every_item(tree: Tree, elements: list[Element]) -> None:
    """Every item of a list of items has one element of its own, at its place."""
    at = Counter(element.position for element in elements)
    if any(isinstance(element, PoisonElement) and element.reason == TOO_MANY for element in elements):
        if len(elements) < BROKEN_MAX:
            raise LawError("broken items were folded before there were many")
        return
    for place in _items(tree):
        if at[place] != 1:
            raise LawError(f"{at[place]} elements for the item at {place}")


def _items(tree: Tree) -> list[str]:
    body = _as_dict(tree)
    if body.get("object") != "whatsapp_business_account":
        return []
    found = []
    for at, entry in enumerate(_as_list(body.get("entry"))):
        for nth, change in enumerate(_as_list(_as_dict(entry).get("changes"))):
            facts = _as_dict(change)
            value = _as_dict(facts.get("value"))
            if facts.get("field") != "messages":
                continue
            place = f"entry[{at}].changes[{nth}].value"
            found += [f"{place}.{key}[{i}]" for key in LISTS for i in range(len(_as_list(value.get(key))))]
    return found


def _as_dict(tree: Tree) -> dict[str, Any]:
    return dict(tree) if isinstance(tree, Members) else {}


def _as_list(tree: Tree) -> list[Any]:
    return tree if isinstance(tree, list) and not isinstance(tree, Members) else []


def _says_the_same_written_anew(tree: Tree, elements: list[Element]) -> None:
    again = normalize(write(tree, spaces=" "))
    if [_without_spelling(element) for element in again] != [_without_spelling(element) for element in elements]:
        raise LawError("the same JSON in another spelling gave other elements")


def _without_spelling(element: Element) -> Any:
    if not isinstance(element, PoisonElement):
        return element
    return element.position, element.reason, json.loads(element.raw)
