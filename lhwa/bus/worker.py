"""The worker: serves firms in turn, a batch each, until nothing is due; then sleeps until woken or until work is due.

Fair share: every round gives each firm with work one batch, starting at another firm each time, so that a firm with
a million waiting messages, in many requests or in one, delays its neighbours by one batch. All SQLite work is on one
thread; effects (network) run on the event loop between transactions. A firm whose file is in trouble waits and costs
the others nothing.

Invariants: waiting is measured by the clock that never runs backwards, so a clock that is set back delays nobody; an
observer or a handler that fails in any way costs its own event or job, never the worker.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from lhwa.bus import jobs as running
from lhwa.bus.agenda import AT_ONCE, AT_ONCE_MAX, Agenda
from lhwa.bus.observer import Observer, tell
from lhwa.bus.routes import Commit, Effect, Routes
from lhwa.bus.serving import Served, Serving, Turn, WorkerLimits
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.jobs import Job
from lhwa.domain.keys import TenantKeys
from lhwa.errors import ConflictError, LhwaError, UnavailableError
from lhwa.ports.clock import Clock
from lhwa.store.pool import StorePool
from lhwa.store.spool import Spool

T = TypeVar("T")

ELEMENTS_MIN = 64
"""A batch is never smaller than this for the sake of fairness: below it, the commit costs more than what it commits."""
IDLE_S_MAX = 5.0
"""A sleeping worker looks at the clock at least this often: wake-ups are fast, this is the safety net."""
ROUND_S_MIN = 0.002
LOOK_EVERY_ROUNDS = 16
"""Under a load without any pause, one firm that nothing speaks for is looked into after so many rounds."""
LOOK_PAUSE_S = 0.02
SPOOL_WAIT_S = 1.0
DETACHED_END_S = 2.0
"""When the worker stops: a request to another server may still be answered in this time."""


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
        firms: Callable[[], Collection[TenantId]],
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
        self._context = context
        self._limits = limits or WorkerLimits()
        self._observer = observer or Observer()
        self._woken = asyncio.Event()
        self._stopping = False
        self._running = False
        self._turn = 0
        self._serving = Serving(
            spool=spool, stores=stores, inbound=routes.inbound, keys_of=keys_of, limits=self._limits
        )
        self._agenda = Agenda()
        self._is_untidy = False
        self._detached: set[asyncio.Task[None]] = set()
        self._round_began_s = AT_ONCE
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
        self._agenda.wake(tenants)
        self._woken.set()

    async def run(self) -> None:
        """Work until `stop`. The batch in progress is finished first."""
        self._running = True
        await self.sweep()
        while not self._stopping:
            await self._let_some_come_together()
            self._woken.clear()
            try:
                busy = await self.serve_round()
            except LhwaError as error:
                # The spool itself is in trouble: nothing is lost there, and nothing can be done but wait.
                self._tell_trouble(TenantId("-"), error, wait_s=SPOOL_WAIT_S)
                await asyncio.sleep(SPOOL_WAIT_S)
                continue
            if busy:
                if self._turn % LOOK_EVERY_ROUNDS == 0:
                    await self._look_at_one()
            elif not self._stopping and not await self._do_what_can_wait():
                await self._sleep()
        await self._end_detached()

    async def stop(self) -> None:
        """Let the batch in progress end and close the stores."""
        self._stopping = True
        self._woken.set()

    async def close(self) -> None:
        """Close all stores; after `run` has returned."""
        await self._on_thread(self._stores.close)
        self._thread.shutdown()

    async def sweep(self) -> None:
        """Look once into every firm for jobs that wait from before, or that another process put unnoticed.

        Of very many firms only those with requests in the spool are looked into at once: jobs come from requests.
        """
        firms, likely = self._firms(), []
        if len(firms) > AT_ONCE_MAX:
            with suppress(LhwaError):  # a spool in trouble tells nothing; then they are looked into one after the other
                likely = await self._on_thread(self._spool.read.tenants)
        self._agenda.look_round(firms, likely=likely)
        self._woken.set()

    async def _let_some_come_together(self) -> None:
        """A short pause between rounds: under load it makes batches larger, and a single message hardly notices."""
        began_s, now_s = self._round_began_s, self._clock.monotonic_s()
        if now_s < began_s + ROUND_S_MIN:
            await asyncio.sleep(began_s + ROUND_S_MIN - now_s)
            now_s = self._clock.monotonic_s()
        self._round_began_s = now_s

    async def _do_what_can_wait(self) -> bool:
        """One thing at a time, so that a message that comes meanwhile waits for one at most; False when all is done."""
        if self._is_untidy:
            self._is_untidy = await self._on_thread(self._stores.tidy_one)
            return True
        if not await self._look_at_one():
            return False
        # Ten thousand files are opened one after the other then: not at the cost of those who write to us now.
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_PAUSE_S):
                await self._woken.wait()
        return True

    async def _look_at_one(self) -> bool:
        """Look into one firm that nothing speaks for, and let go of its files again; False when there is none left."""
        tenant = self._agenda.next_to_look()
        if tenant is None:
            return False
        if tenant in self._firms() and not self._agenda.is_resting(tenant, self._clock.monotonic_s()):
            was_open = tenant in self._stores
            await self._serve([Turn(tenant, requests_max=0, has_jobs=True)])
            if not was_open:
                await self._on_thread(self._stores.drop, tenant)
        return True

    async def serve_round(self) -> bool:
        """Give each firm with work one batch; returns False when nothing was due."""
        now_s = self._clock.monotonic_s()
        with_requests = set(await self._on_thread(self._spool.read.waiting_tenants))
        due = self._agenda.due(with_requests, self._firms(), now_s)
        with_jobs = {tenant for tenant in due if self._agenda.is_due(tenant, now_s)}
        self._turn += 1
        first = self._turn % len(due) if due else 0
        share = max(self._limits.elements_max // max(len(due), 1), min(ELEMENTS_MIN, self._limits.elements_max))
        await self._serve(
            [
                Turn(tenant, requests_max=share if tenant in with_requests else 0, has_jobs=tenant in with_jobs)
                for tenant in due[first:] + due[:first]
            ]
        )
        return bool(due)

    async def _serve(self, turns: Sequence[Turn]) -> None:
        """Give some firms their turn. Raises: LhwaError when the spool cannot be told what was applied."""
        if not turns:
            return
        for turn in turns:
            if turn.has_jobs:
                self._agenda.begin(turn.tenant)
        self._is_untidy = True
        # One hand-over to the storage thread for all of it: each costs as much as applying a message.
        served, spool_error = await self._on_thread(self._serving.serve, turns, is_stopping=lambda: self._stopping)
        for turn, outcome in zip(turns, served, strict=False):
            if isinstance(outcome, Exception):
                await self._rest(turn.tenant, outcome)
                continue
            try:
                self._tell_served(turn.tenant, outcome)
                if outcome.claimed:
                    await self._run_jobs(turn.tenant, outcome.claimed)
                elif outcome.next_run_in_ms is not None:
                    self._note_next_run(turn.tenant, outcome.next_run_in_ms)
            except Exception as error:  # noqa: BLE001 -- one firm's trouble never stops the others
                await self._rest(turn.tenant, error)
            else:
                self._agenda.served(turn.tenant)
                self.last_served = self._clock.now()
        if spool_error is not None:
            raise spool_error

    def _tell_served(self, tenant: TenantId, served: Served) -> None:
        if served.lost:
            tell(self._observer.recovered, tenant, requests=served.lost)
        if served.batch is not None:
            tell(self._observer.drained, tenant, served.batch, now=self._clock.now())

    async def _run_jobs(self, tenant: TenantId, claimed: Sequence[Job]) -> None:
        self._agenda.begin(tenant)
        for place, job in enumerate(claimed):
            if self._routes.jobs[job.kind].is_detached:
                task = asyncio.create_task(self._run_detached(tenant, job), name=f"lhwa-{job.kind.value}")
                self._detached.add(task)
                task.add_done_callback(self._detached.discard)
                continue
            try:
                await self._run_job(tenant, job)
            except BaseException:
                # The firm's file is in trouble: the jobs behind this one were not tried.
                with suppress(LhwaError):
                    await self._on_store(tenant, running.release, claimed[place + 1 :])
                raise
        lease_ms, retries = self._limits.lease_ms, self._limits.retries
        wait_ms = await self._on_store(tenant, running.next_run_in_ms, lease_ms=lease_ms, retries=retries)
        if wait_ms is not None:
            self._note_next_run(tenant, wait_ms)

    def _note_next_run(self, tenant: TenantId, wait_ms: int) -> None:
        # Somebody may have woken this firm while we looked: then there may be more than we saw.
        self._agenda.note(tenant, self._clock.monotonic_s() + wait_ms / 1000)

    async def _run_detached(self, tenant: TenantId, job: Job) -> None:
        """Run a job beside all other work; the firm is looked at again when it has ended."""
        try:
            await self._run_job(tenant, job)
        except Exception as error:  # noqa: BLE001 -- one firm's trouble never stops the others
            await self._rest(tenant, error)
        finally:
            self.wake([tenant])

    async def _end_detached(self) -> None:
        """Let what waits for others come to its end, but not for long."""
        if self._detached:
            _done, late = await asyncio.wait(self._detached, timeout=DETACHED_END_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run_job(self, tenant: TenantId, job: Job) -> None:
        try:
            outcome = await self._outcome_of(tenant, job)
        except ConflictError:
            return  # another worker took it over and ended it
        tell(self._observer.job_done, tenant, job, outcome=outcome)

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
                commit = await self._effect(route.effect, job)
                if route.again is not None:
                    await self._on_store(tenant, running.finish_or_again, job, route.again, self._context)
                else:
                    await self._on_store(tenant, running.finish, job, commit)
        except ConflictError:
            raise
        except Exception as error:  # noqa: BLE001 -- a handler may fail in any way; the job is tried again
            tell(self._observer.job_broke, tenant, job, error)
            buried = await self._on_store(
                tenant, running.fail, job, route, error, retries=self._limits.retries, jitter=self._jitter.random()
            )
            return "buried" if buried else "failed"
        return "ok"

    async def _effect(self, effect: Effect, job: Job) -> Commit | None:
        """Do slow work for as long as the job is ours.

        Raises: what the effect raises, but UnavailableError for what the worker would take for its own.
        """
        try:
            async with asyncio.timeout(self._limits.lease_ms / 1000):
                return await effect(job.payload, self._context)
        except ConflictError as error:
            # Not the one that says that another worker ended the job.
            raise UnavailableError("An effect met a conflict.") from error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise UnavailableError("An effect was cancelled from inside.") from error

    async def _rest(self, tenant: TenantId, error: Exception) -> None:
        """Leave a firm in trouble alone for a while; its requests stay in the spool."""
        failures = self._agenda.failed(tenant)
        delay_s = self._limits.retries.delay_s(min(failures, 8), jitter=self._jitter.random())
        self._agenda.rest(tenant, self._clock.monotonic_s() + delay_s)
        self._tell_trouble(tenant, error, wait_s=delay_s)
        try:
            await self._on_thread(self._serving.let_go, tenant)
        except Exception as failure:  # noqa: BLE001 -- the store is out of the pool; its files are opened anew next time
            self._tell_trouble(tenant, failure, wait_s=delay_s)

    def _tell_trouble(self, tenant: TenantId, error: Exception, *, wait_s: float) -> None:
        now = self._clock.now()
        tell(self._observer.trouble, tenant, error, now=now, retry_at=now + timedelta(seconds=wait_s))

    async def _sleep(self) -> None:
        wait_s = self._agenda.wait_s(self._firms(), self._clock.monotonic_s(), most_s=IDLE_S_MAX)
        try:
            async with asyncio.timeout(wait_s):
                await self._woken.wait()
        except TimeoutError:
            return

    async def write(self, tenant: TenantId, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """Run one transaction in a firm's file for an effect. Raises what `Store.write` raises."""
        return await self._on_store(tenant, lambda store: store.write(fn, *args, **kwargs))

    async def visit(self, tenant: TenantId, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """As `write`, for what has nothing to do with a message: a firm's files that nobody had open are let go of."""

        def once() -> T:
            was_open = tenant in self._stores
            try:
                return self._stores.get(tenant).write(fn, *args, **kwargs)
            finally:
                if not was_open:
                    self._stores.drop(tenant)

        return await self._on_thread(once)

    async def _on_store(self, tenant: TenantId, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        return await self._on_thread(lambda: fn(self._stores.get(tenant), *args, **kwargs))

    async def _on_thread(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(fn, *args, **kwargs))
