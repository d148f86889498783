"""JSON as a tree that can also hold what JSON should not: a key twice, bytes that are no value, keys in odd spellings.

A tree is what `json` would give, except that an object is `Members` (pairs, in order) and that `Raw` stands for bytes
to be written as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Tree = Any
Path = tuple[str | int, ...]
UNREADABLE = "unreadable"


class Members(list[tuple[str, Tree]]):
    """An object, its members in order, a key as often as it comes."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes in the place of a value."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """One value inside a tree, to be read or exchanged."""

    inside: list[Any]
    index: int
    path: Path

    @property
    def value(self) -> Tree:
        found = self.inside[self.index]
        return found[1] if isinstance(self.inside, Members) else found

    def put(self, value: Tree) -> None:
        self.inside[self.index] = (self.inside[self.index][0], value) if isinstance(self.inside, Members) else value

    def rename(self, key: str) -> None:
        if isinstance(self.inside, Members):
            self.inside[self.index] = (key, self.inside[self.index][1])


def tree_of(value: Any) -> Tree:
    """The tree of a plain value."""
    if isinstance(value, dict):
        return Members((key, tree_of(inner)) for key, inner in value.items())
    return [tree_of(inner) for inner in value] if isinstance(value, list) else value


def copy(tree: Tree) -> Tree:
    """The same tree once more."""
    if isinstance(tree, Members):
        return Members((key, copy(inner)) for key, inner in tree)
    return [copy(inner) for inner in tree] if isinstance(tree, list) else tree


def places(tree: Tree, path: Path = ()) -> Iterator[Place]:
    """Every value inside a tree, outer ones first."""
    if isinstance(tree, list):
        for index, inner in enumerate(tree):
            step = inner[0] if isinstance(tree, Members) else index
            place = Place(tree, index, (*path, step))
            yield place
            yield from places(place.value, place.path)


def write(tree: Tree, *, ascii_only: bool = True, slashes: bool = False, spaces: str = "") -> bytes:
    """The bytes of a tree in one of the spellings that senders use."""

    def of(value: Tree) -> bytes:
        if isinstance(value, Raw):
            return value.data
        if isinstance(value, Members):
            return b"{" + joint.join(text(key) + b":" + gap + of(inner) for key, inner in value) + b"}"
        if isinstance(value, list):
            return b"[" + joint.join(of(inner) for inner in value) + b"]"
        return text(value) if isinstance(value, str) else json.dumps(value).encode()

    def text(value: str) -> bytes:
        written = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
        return written.replace(b"/", b"\\/") if slashes else written

    gap = spaces.encode()
    joint = b"," + gap
    return of(tree)


class _NotSoundError(ValueError):
    """A number that no reader may take, such as NaN."""


def read(body: bytes) -> Tree:
    """The tree of JSON bytes by Python's own reader, keys that come twice kept; `UNREADABLE` when it takes them not."""
    try:
        return json.loads(body.decode(), object_pairs_hook=Members, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return UNREADABLE


def _refuse(name: str) -> Any:
    raise _NotSoundError(name)


def is_sound(tree: Tree, *, depth: int = 0, depth_max: int = 32) -> bool:
    """True when everybody reads it alike: no key twice, no number out of range, not nested too deep."""
    if isinstance(tree, list):
        if depth >= depth_max:
            return False
        if isinstance(tree, Members) and len({key for key, _ in tree}) < len(tree):
            return False
        values = (inner for _, inner in tree) if isinstance(tree, Members) else iter(tree)
        return all(is_sound(inner, depth=depth + 1, depth_max=depth_max) for inner in values)
    if isinstance(tree, float):
        return tree - tree == 0
    if isinstance(tree, int) and not isinstance(tree, bool):
        return abs(tree) < 10**300
    return bool(tree != UNREADABLE)
