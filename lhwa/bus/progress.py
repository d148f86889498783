"""How far long requests have come, for as long as a firm's file stays open.

Invariants: what is remembered belongs to one open store: after trouble, or once the file was closed, a request begins
anew, because the file may be another one by then; keys make the repetition harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from lhwa.domain.ids import TenantId
from lhwa.store.spool_rows import SpoolRow
from lhwa.store.store import Store

LONG_BODY_BYTES = 64 * 1024
"""From here on a body is too dear to be normalised again for every slice."""
LONG_AT_ONCE = 4
"""Long bodies whose elements are in memory, one for each firm. Measured: 60 MB for a body of 3 MB."""

_Version = tuple[str, int]


@dataclass(slots=True)
class Course:
    """The requests under way in one open store."""

    applied: dict[_Version, int] = field(default_factory=dict)
    held: _Version | None = None
    elements: Sequence[Any] = ()

    def let_go(self) -> None:
        self.held, self.elements = None, ()


class Progress:
    """What is under way in all open stores. For one thread."""

    def __init__(self) -> None:
        self._courses: WeakKeyDictionary[Store, Course] = WeakKeyDictionary()

    def begin(self, store: Store, waiting: Sequence[SpoolRow]) -> Course:
        """Forget what does not wait any more, or was sent through again, before a batch of these."""
        course = self._courses.setdefault(store, Course())
        if not course.applied and course.held is None:
            return course
        versions = {_version(row) for row in waiting}
        course.applied = {version: applied for version, applied in course.applied.items() if version in versions}
        if course.held not in versions:
            course.let_go()
        return course

    def elements_of(
        self, course: Course, row: SpoolRow, read: Callable[[SpoolRow], Sequence[Any]]
    ) -> tuple[Sequence[Any], int] | None:
        """The elements of a request and how many of them are applied; None while others must come to their end first.

        Args:
            course: of the batch, as `begin` gave it.
            read: opens the request and normalises it.
        """
        if row.body_bytes < LONG_BODY_BYTES and not course.applied:
            return read(row), 0
        version = _version(row)
        applied = course.applied.get(version, 0)
        if course.held == version:
            return course.elements, applied
        if row.body_bytes < LONG_BODY_BYTES:
            return read(row), applied
        if course.held is not None or sum(each.held is not None for each in self._courses.values()) >= LONG_AT_ONCE:
            return None
        course.elements = read(row)
        course.held = version
        return course.elements, applied

    def advance(self, store: Store, row: SpoolRow, *, applied: int) -> None:
        """A slice was committed, and it was not the last one."""
        self._courses[store].applied[_version(row)] = applied

    def forget_firm(self, tenant: TenantId) -> None:
        """The firm's file is in trouble: what was applied to it may be gone."""
        for store in [store for store in self._courses if store.tenant == tenant]:
            del self._courses[store]

    def release(self, *, unless: Collection[TenantId]) -> None:
        """Let go of the elements of firms that are not served now; how far they came stays known."""
        for store, course in self._courses.items():
            if store.tenant not in unless:
                course.let_go()


def _version(row: SpoolRow) -> _Version:
    # Not by its number in the spool: the numbers of pruned rows are given again.
    return row.event_id, row.generation
