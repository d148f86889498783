"""The agenda: what Meta does by itself at a later time, such as the review of a template."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from lhwa.domain.instants import Instant

Act = Callable[[Instant], None]
"""Something to do, told the time for which it was planned."""


class Agenda:
    """Acts in the order of their times; equal times in the order in which they were planned."""

    def __init__(self) -> None:
        self._acts: list[tuple[Instant, int, Act]] = []
        self._count = 0

    def plan(self, act: Act, *, at: Instant) -> None:
        """Do this then."""
        self._count += 1
        heapq.heappush(self._acts, (at, self._count, act))

    def next_at(self) -> Instant | None:
        """When the next act is due."""
        return self._acts[0][0] if self._acts else None

    def run(self, *, now: Instant) -> None:
        """Do all that is due."""
        while self._acts and self._acts[0][0] <= now:
            at, _, act = heapq.heappop(self._acts)
            act(at)
