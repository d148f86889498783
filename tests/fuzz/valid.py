"""Webhooks as Meta sends them: every kind of the catalogue, alone, batched and mixed between firms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from lhwa.testing.webhooks import KINDS, Scene
from tests.fuzz.canaries import plant
from tests.fuzz.firms import BUSINESS_NUMBERS, CLIENTS
from tests.fuzz.trees import Members, Tree, places, tree_of, write

Draw = Any
TIMES = (
    datetime(2026, 11, 22, 4, 59, tzinfo=UTC),
    datetime(2009, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(9999, 12, 1, tzinfo=UTC),
)
TEXTS = (
    "Selamat siang \U0001f64f",
    "\u0645\u0631\u062d\u0628\u0627 \u202etxt.exe\u2069",
    "e\u0301" * 30 + "\u0336" * 40,
    'kutip "ganda", \\ garis miring, </script>, {"entry":[]}',
    "\x00\x07\x1b[2J\x7f\x85",
    "\ud83d",
    "\udc00\ud83d\ude00\ud83d",
    "\ufeff\uffff\U0010ffff",
    "baris\r\nbaris\u2028baris",
    "kanari kecil",
)
STAMPS = (
    "0",
    "1",
    "1795392000",
    "1795392000123",
    "99999999999999999999",
    "-1",
    "",
    " 1795392000 ",
    "2026-11-22",
    "\u0661",
)
SCENES = st.builds(
    Scene,
    number=st.sampled_from(BUSINESS_NUMBERS),
    client=st.sampled_from(CLIENTS),
    seq=st.integers(0, 40),
    at=st.sampled_from(TIMES),
)


@st.composite
def trees(draw: Draw) -> Tree:
    """One webhook of one kind."""
    tree = tree_of(KINDS[draw(st.sampled_from(sorted(KINDS)))].build(draw(SCENES)))
    if draw(st.integers(0, 2)) == 0:
        _exchange(draw, tree)
    return tree


@st.composite
def merged(draw: Draw, *, most: int = 5) -> Tree:
    """Several webhooks as one: by entries, by changes of an entry, or by items of a value."""
    first, *others = draw(st.lists(trees(), min_size=1, max_size=most))
    for other in others:
        how = draw(st.sampled_from(("entries", "entries", "changes", "items")))
        _merge(first, other, how)
    return first


@st.composite
def bodies(draw: Draw) -> bytes:
    """The bytes of a sound webhook, in any spelling."""
    tree = draw(merged())
    return written(draw, tree)


def written(draw: Draw, tree: Tree) -> bytes:
    """A tree as bytes, often with canaries."""
    if isinstance(tree, Members) and draw(st.integers(0, 3)):
        plant(tree)
    ascii_only = draw(st.integers(0, 3)) > 0 or b"\xed" in write(tree, ascii_only=False)
    return write(
        tree, ascii_only=ascii_only, slashes=draw(st.booleans()), spaces=draw(st.sampled_from(("", " ", "\n\t")))
    )


def _exchange(draw: Draw, tree: Tree) -> None:
    """Another text, another time, or a very long text, where there is a text or a time."""
    texts = [place for place in places(tree) if isinstance(place.value, str)]
    if not texts:
        return
    place = draw(st.sampled_from(texts))
    if place.path[-1] in ("timestamp", "time"):
        place.put(draw(st.sampled_from(STAMPS)))
    elif place.path[-1] in ("body", "caption", "text", "name", "title", "username", "description"):
        text = draw(st.sampled_from(TEXTS) | st.text(max_size=20))
        place.put(text * draw(st.sampled_from((1, 1, 1, 1, 30, 3_000))))


def _merge(first: Tree, other: Tree, how: str) -> None:
    entries, more = _list(first, "entry"), _list(other, "entry")
    if how != "entries" and entries and more:
        changes, inner = _list(entries[0], "changes"), _list(more[0], "changes")
        if changes is not None and inner is not None:
            if how == "items" and changes and inner and _merge_items(changes[0], inner[0]):
                return
            changes += inner
            return
    if entries is not None and more is not None:
        entries += more


def _merge_items(change: Tree, other: Tree) -> bool:
    one, two = _member(change, "value"), _member(other, "value")
    for key in ("messages", "statuses", "message_echoes"):
        items, more = _list(one, key), _list(two, key)
        if items is not None and more is not None:
            items += more
            return True
    return False


def _member(tree: Tree, key: str) -> Tree:
    return next((inner for name, inner in tree if name == key), None) if isinstance(tree, Members) else None


def _list(tree: Tree, key: str) -> list[Any] | None:
    found = _member(tree, key)
    return found if isinstance(found, list) and not isinstance(found, Members) else None
