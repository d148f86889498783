"""The worker: serves firms in turn, a batch each, until nothing is due; then sleeps until woken or until work is due.

Fair share: every round gives each firm with work one batch, starting at another firm each time, so that a firm with
a million waiting messages delays its neighbours by one batch. All SQLite work is on one thread; effects (network) run
on the event loop between transactions. A firm whose file is in trouble waits and costs the others nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from lhwa.bus import jobs as running
from lhwa.bus.drain import Drained, drain_batch
from lhwa.bus.routes import Routes
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant, from_ms, to_ms
from lhwa.domain.jobs import Job, RetryPolicy
from lhwa.domain.keys import TenantKeys
from lhwa.errors import ConflictError, LhwaError
from lhwa.ports.clock import Clock
from lhwa.store.pool import StorePool
from lhwa.store.spool import Spool
from lhwa.store.store import Store
from lhwa.store.transaction import Tx

T = TypeVar("T")

IDLE_S_MAX = 5.0
"""A sleeping worker looks at the clock at least this often: wake-ups are fast, this is the safety net."""


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How much is done at a time."""

    requests_max: int = 128
    elements_max: int = 256
    jobs_max: int = 32
    lease_ms: int = 60_000
    retries: RetryPolicy = field(default_factory=RetryPolicy)


class Observer:
    """What others may want to know about a worker's work; does nothing by itself. Called on the event loop."""

    def drained(self, tenant: TenantId, batch: Drained, *, now: Instant) -> None:
        """A batch of requests was applied."""

    def job_done(self, tenant: TenantId, job: Job, *, outcome: str) -> None:
        """A job ended: `ok`, `failed` (will be tried again), `buried`."""

    def job_broke(self, tenant: TenantId, job: Job, error: Exception) -> None:
        """A try of a job failed, and this is why; `job_done` follows."""

    def trouble(self, tenant: TenantId, error: Exception, *, now: Instant, retry_at: Instant) -> None:
        """A firm's file cannot be used now."""


class Worker:
    """Drains the spool and runs jobs for all active firms.

    Args:
        firms: ids of the firms that are active now; suspended firms' requests wait in the spool.
        keys_of: a firm's tenant keys.
        context: given to effects; holds the ports they need.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        stores: StorePool,
        routes: Routes,
        clock: Clock,
        firms: Callable[[], Iterable[TenantId]],
        keys_of: Callable[[TenantId], TenantKeys],
        context: Any = None,
        limits: WorkerLimits | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._spool = spool
        self._stores = stores
        self._routes = routes
        self._clock = clock
        self._firms = firms
        self._keys_of = keys_of
        self._context = context
        self._limits = limits or WorkerLimits()
        self._observer = observer or Observer()
        self._woken = asyncio.Event()
        self._stopping = False
        self._running = False
        self._turn = 0
        self._jobs_due_ms: dict[TenantId, int | None] = {}
        self._resting_until_ms: dict[TenantId, int] = {}
        self._troubles: dict[TenantId, int] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lhwa-worker")
        self._jitter = random.Random()  # noqa: S311 -- spreads retries, guards nothing
        self.last_served: Instant | None = None

    @property
    def open_stores(self) -> int:
        """How many firms' files are open."""
        return len(self._stores)

    @property
    def is_running(self) -> bool:
        """True between the start of `run` and the request to stop."""
        return self._running and not self._stopping

    def wake(self, tenants: Iterable[TenantId] = ()) -> None:
        """There is new work; for these firms there may be new jobs. Call on the event loop."""
        for tenant in tenants:
            self._jobs_due_ms[tenant] = 0
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop`. The batch in progress is finished first."""
        self._running = True
        await self.sweep()
        while not self._stopping:
            self._woken.clear()
            try:
                busy = await self.serve_round()
            except LhwaError as error:
                # The spool itself is in trouble: nothing is lost there, and nothing can be done but wait.
                self._observer.trouble(TenantId("-"), error, now=self._clock.now(), retry_at=self._clock.now())
                await asyncio.sleep(1.0)
                continue
            if not busy and not self._stopping:
                await self._sleep()

    async def stop(self) -> None:
        """Let the batch in progress end and close the stores."""
        self._stopping = True
        self._woken.set()

    async def close(self) -> None:
        """Close all stores; after `run` has returned."""
        await self._on_thread(self._stores.close)
        self._thread.shutdown()

    async def sweep(self) -> None:
        """Look once into every firm for jobs that wait from before."""
        for tenant in list(self._firms()):
            self._jobs_due_ms.setdefault(tenant, 0)

    async def serve_round(self) -> bool:
        """Give each firm with work one batch; returns False when nothing was due."""
        now_ms = to_ms(self._clock.now())
        active = set(self._firms())
        with_requests = set(await self._on_thread(self._spool.read.waiting_tenants))
        with_jobs = {tenant for tenant, due in self._jobs_due_ms.items() if due is not None and due <= now_ms}
        due = sorted(
            tenant for tenant in (with_requests | with_jobs) & active if self._resting_until_ms.get(tenant, 0) <= now_ms
        )
        self._turn += 1
        first = self._turn % len(due) if due else 0
        for tenant in due[first:] + due[:first]:
            if self._stopping:
                break
            await self._serve(tenant, has_requests=tenant in with_requests, has_jobs=tenant in with_jobs)
        return bool(due)

    async def _serve(self, tenant: TenantId, *, has_requests: bool, has_jobs: bool) -> None:
        try:
            if has_requests:
                batch = await self._on_thread(self._drain, tenant)
                self._observer.drained(tenant, batch, now=self._clock.now())
                has_jobs = has_jobs or bool(batch.outcomes)
            if has_jobs:
                await self._run_jobs(tenant)
        except Exception as error:  # noqa: BLE001 -- one firm's trouble never stops the others
            await self._rest(tenant, error)
        else:
            self._troubles.pop(tenant, None)
            self.last_served = self._clock.now()

    def _drain(self, tenant: TenantId) -> Drained:
        return drain_batch(
            self._spool,
            self._stores.get(tenant),
            self._routes.inbound,
            tenant=tenant,
            keys=partial(self._keys_of, tenant),
            requests_max=self._limits.requests_max,
            elements_max=self._limits.elements_max,
        )

    async def _run_jobs(self, tenant: TenantId) -> None:
        self._jobs_due_ms[tenant] = None
        claimed = await self._on_store(
            tenant, running.claim, lease_ms=self._limits.lease_ms, jobs_max=self._limits.jobs_max
        )
        for job in claimed:
            await self._run_job(tenant, job)
        due = await self._on_store(tenant, _next_run)
        # Somebody may have woken this firm while we looked: then there may be more than we saw.
        woken = self._jobs_due_ms[tenant]
        self._jobs_due_ms[tenant] = due if woken is None else woken

    async def _run_job(self, tenant: TenantId, job: Job) -> None:
        try:
            outcome = await self._outcome_of(tenant, job)
        except ConflictError:
            return  # another worker took it over and ended it
        self._observer.job_done(tenant, job, outcome=outcome)

    async def _outcome_of(self, tenant: TenantId, job: Job) -> str:
        route = self._routes.jobs[job.kind]
        if job.tries > self._limits.retries.tries_max:
            await self._on_store(tenant, running.bury_lost, job, route)
            return "buried"
        try:
            # The pool may close a store while another firm is served: ask for it anew each time.
            if route.handler is not None:
                await self._on_store(tenant, running.run_in_transaction, job, route.handler)
            elif route.effect is not None:
                commit = await route.effect(job.payload, self._context)
                await self._on_store(tenant, running.finish, job, commit)
        except ConflictError:
            raise
        except Exception as error:  # noqa: BLE001 -- a handler may fail in any way; the job is tried again
            self._observer.job_broke(tenant, job, error)
            buried = await self._on_store(
                tenant, running.fail, job, route, error, retries=self._limits.retries, jitter=self._jitter.random()
            )
            return "buried" if buried else "failed"
        return "ok"

    async def _rest(self, tenant: TenantId, error: Exception) -> None:
        """Leave a firm in trouble alone for a while; its requests stay in the spool."""
        failures = self._troubles[tenant] = self._troubles.get(tenant, 0) + 1
        delay_s = self._limits.retries.delay_s(min(failures, 8), jitter=self._jitter.random())
        now_ms = to_ms(self._clock.now())
        self._resting_until_ms[tenant] = now_ms + int(delay_s * 1000)
        self._jobs_due_ms[tenant] = self._resting_until_ms[tenant]
        await self._on_thread(self._stores.drop, tenant)
        self._observer.trouble(tenant, error, now=from_ms(now_ms), retry_at=from_ms(self._resting_until_ms[tenant]))

    async def _sleep(self) -> None:
        now_ms = to_ms(self._clock.now())
        active = set(self._firms())
        # A firm that is suspended or resting is not served now, whatever is due there: waiting for it would spin.
        dues = [
            max(due, self._resting_until_ms.get(tenant, 0))
            for tenant, due in self._jobs_due_ms.items()
            if due is not None and tenant in active
        ]
        wait_s = min([IDLE_S_MAX, *(max(due - now_ms, 1) / 1000 for due in dues)])
        try:
            async with asyncio.timeout(wait_s):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _on_store(self, tenant: TenantId, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        return await self._on_thread(lambda: fn(self._stores.get(tenant), *args, **kwargs))

    async def _on_thread(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(fn, *args, **kwargs))


def _next_run(store: Store) -> int | None:
    return store.read(_next_run_ms)


def _next_run_ms(tx: Tx) -> int | None:
    return tx.jobs.next_run_ms()
