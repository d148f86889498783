"""What the worker does on its storage thread: one turn for each firm of a round, and word of all of it to the spool.

Invariants: one firm's trouble is its own outcome; the spool hears of nothing before it is committed in its firm's file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from weakref import WeakKeyDictionary

from lhwa.bus import jobs as running
from lhwa.bus.drain import Drained, drain_batch, settle
from lhwa.bus.progress import Progress
from lhwa.bus.recovery import requeue_lost, require_own_schema
from lhwa.bus.routes import Inbound
from lhwa.domain.ids import TenantId
from lhwa.domain.jobs import Job, RetryPolicy
from lhwa.domain.keys import TenantKeys
from lhwa.errors import LhwaError
from lhwa.store.pool import StorePool
from lhwa.store.spool import Spool
from lhwa.store.store import Store


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How much is done at a time."""

    elements_max: int = 1_024
    """In all batches of one round together; each firm gets its share of them."""
    jobs_max: int = 32
    lease_ms: int = 60_000
    retries: RetryPolicy = field(default_factory=RetryPolicy)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one firm gets in a round."""

    tenant: TenantId
    requests_max: int
    has_jobs: bool


@dataclass(slots=True)
class Served:
    """What was done for one firm."""

    lost: int = 0
    batch: Drained | None = None
    claimed: Sequence[Job] = ()
    next_run_in_ms: int | None = None


class Serving:
    """The firms' files as one worker serves them. For its storage thread alone.

    Args:
        keys_of: a firm's tenant keys.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        stores: StorePool,
        inbound: Inbound,
        keys_of: Callable[[TenantId], TenantKeys],
        limits: WorkerLimits,
    ) -> None:
        self._spool = spool
        self._stores = stores
        self._inbound = inbound
        self._keys_of = keys_of
        self._limits = limits
        self._progress = Progress()
        self._looked_into: WeakKeyDictionary[Store, int] = WeakKeyDictionary()

    def serve(
        self, turns: Sequence[Turn], *, is_stopping: Callable[[], bool]
    ) -> tuple[list[Served | Exception], LhwaError | None]:
        """Give each firm its turn, until the worker is told to stop.

        Returns: an outcome for each turn that was given, and why the spool could not be told of them, if it could not.
        """
        self._progress.release(unless={turn.tenant for turn in turns})
        outcomes: list[Served | Exception] = []
        for turn in turns:
            if is_stopping():
                break
            try:
                outcomes.append(self._serve_one(turn))
            except Exception as error:  # noqa: BLE001 -- one firm's trouble never stops the others
                outcomes.append(error)
        try:
            settle(self._spool, [each.batch for each in outcomes if isinstance(each, Served) and each.batch])
        except LhwaError as error:
            return outcomes, error
        return outcomes, None

    def let_go(self, tenant: TenantId) -> None:
        """A firm's file is in trouble: open it anew the next time."""
        self._progress.forget_firm(tenant)
        self._stores.drop(tenant)

    def _serve_one(self, turn: Turn) -> Served:
        """Look into a file that was just opened, apply a batch, claim jobs."""
        store = self._stores.get(turn.tenant)
        served, may_have_jobs = Served(), turn.has_jobs
        version = store.data_version()
        if self._looked_into.get(store) != version:
            # Newly opened, or somebody else wrote to it: a person's command, or a restore into the open file.
            may_have_jobs = True
            require_own_schema(store)
            served.lost = requeue_lost(self._spool, store)
            self._looked_into[store] = version
        if turn.requests_max or served.lost:
            served.batch = self._apply(store, turn.requests_max or self._limits.elements_max)
        if may_have_jobs or (served.batch is not None and served.batch.has_put_jobs):
            self._claim(store, served)
        return served

    def _apply(self, store: Store, most: int) -> Drained:
        # A request has one element as a rule, so both limits are the same.
        return drain_batch(
            self._spool,
            store,
            self._inbound,
            keys=partial(self._keys_of, store.tenant),
            requests_max=most,
            elements_max=most,
            progress=self._progress,
        )

    def _claim(self, store: Store, served: Served) -> None:
        lease_ms, retries = self._limits.lease_ms, self._limits.retries
        served.next_run_in_ms = running.next_run_in_ms(store, lease_ms=lease_ms, retries=retries)
        if served.next_run_in_ms == 0:
            jobs_max = self._limits.jobs_max
            served.claimed = running.claim(store, lease_ms=lease_ms, jobs_max=jobs_max, retries=retries)
