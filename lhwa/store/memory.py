"""What a process remembers of the files it has open: dicts with a bound that all of them share.

Every memory may hold a little, so that no firm goes without. Beyond that they borrow from one allowance of the process:
a firm with many thousands of people who write at the same time gets most of it while the others are quiet.
"""

from __future__ import annotations

from typing import Any, TypeVar
from weakref import WeakValueDictionary

K = TypeVar("K")
V = TypeVar("V")

OWN_MAX = 2_048
"""Entries that every memory may hold, whatever the others do."""
SHARED_MAX = 65_536
"""Entries of all memories of a process from which on none grows beyond its own: some 60 MB of keys and identifiers."""
_GROWTH = 2_048


class Memory(dict[K, V]):
    """A dict that is emptied rather than grown beyond its room; it shows nothing of what it holds."""

    __slots__ = ("__weakref__", "_room")

    def __init__(self) -> None:
        super().__init__()
        self._room = OWN_MAX
        _ALL[id(self)] = self

    def keep(self, key: K, value: V) -> V:
        """Remember and return a value."""
        if len(self) >= self._room:
            self._make_room()
        self[key] = value
        return value

    def _make_room(self) -> None:
        if sum(map(len, list(_ALL.values()))) < SHARED_MAX:
            self._room += _GROWTH
        else:
            self.clear()
            self._room = OWN_MAX

    def __repr__(self) -> str:
        return f"Memory({len(self)})"


_ALL: WeakValueDictionary[int, Memory[Any, Any]] = WeakValueDictionary()
