"""When each firm is to be served: now, at a time, not before a time, or when nobody else waits.

Times are those of the clock that never runs backwards, so a clock that is set back delays nobody.

Invariant: a firm that nothing is known of costs nothing here: 10,000 idle firms make no list to go through.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

from lhwa.domain.ids import TenantId

AT_ONCE = float("-inf")
"""Due whatever the clock says."""
AT_ONCE_MAX = 100
"""So many firms are looked into at once; of more, only those that something speaks for."""


class Agenda:
    """The agenda of one worker."""

    def __init__(self) -> None:
        self._due_s: dict[TenantId, float] = {}
        self._resting_until_s: dict[TenantId, float] = {}
        self._failures: dict[TenantId, int] = {}
        self._to_look: deque[TenantId] = deque()

    def wake(self, tenants: Iterable[TenantId]) -> None:
        """These firms may have new jobs."""
        for tenant in tenants:
            self._due_s[tenant] = AT_ONCE

    def look_round(self, firms: Collection[TenantId], *, likely: Iterable[TenantId] = ()) -> None:
        """Look once into every firm for jobs that nobody told of: the likely ones now, the rest in quiet moments."""
        self.wake(set(firms if len(firms) <= AT_ONCE_MAX else likely) & set(firms))
        self._to_look = deque(firms if len(firms) > AT_ONCE_MAX else ())

    def next_to_look(self) -> TenantId | None:
        """A firm to look into while nobody waits."""
        return self._to_look.popleft() if self._to_look else None

    def note(self, tenant: TenantId, due_s: float) -> None:
        """The next job of a firm is due then, unless an earlier one is known."""
        known_s = self._due_s.get(tenant)
        self._due_s[tenant] = due_s if known_s is None else min(known_s, due_s)

    def begin(self, tenant: TenantId) -> None:
        """Its jobs are looked at now: what is noted from here on is news."""
        self._due_s.pop(tenant, None)

    def is_due(self, tenant: TenantId, now_s: float) -> bool:
        """True when a job of this firm may be due."""
        due_s = self._due_s.get(tenant)
        return due_s is not None and due_s <= now_s

    def is_resting(self, tenant: TenantId, now_s: float) -> bool:
        """True while a firm in trouble is left alone."""
        return self._resting_until_s.get(tenant, AT_ONCE) > now_s

    def due(self, with_requests: Iterable[TenantId], active: Collection[TenantId], now_s: float) -> list[TenantId]:
        """Active firms with something to do now, sorted."""
        with_jobs = [tenant for tenant, due_s in self._due_s.items() if due_s <= now_s]
        wanted = {*with_requests, *with_jobs}
        return sorted(tenant for tenant in wanted if tenant in active and not self.is_resting(tenant, now_s))

    def wait_s(self, active: Collection[TenantId], now_s: float, *, most_s: float) -> float:
        """How long nothing is due.

        A firm that is suspended or resting is not served now, whatever is due there: waiting for it would spin.
        """
        dues = [
            max(due_s, self._resting_until_s.get(tenant, AT_ONCE))
            for tenant, due_s in self._due_s.items()
            if tenant in active
        ]
        return min([most_s, *(max(due_s - now_s, 0.001) for due_s in dues)])

    def failed(self, tenant: TenantId) -> int:
        """Count a failure; how many there were in a row."""
        self._failures[tenant] = self._failures.get(tenant, 0) + 1
        return self._failures[tenant]

    def rest(self, tenant: TenantId, until_s: float) -> None:
        """Leave a firm alone until then, and look at it then."""
        self._resting_until_s[tenant] = self._due_s[tenant] = until_s

    def served(self, tenant: TenantId) -> None:
        """All went well."""
        self._failures.pop(tenant, None)
        self._resting_until_s.pop(tenant, None)
