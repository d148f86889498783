from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lhwa.bus import jobs as running
from lhwa.bus.drain import Drained
from lhwa.bus.observer import Observer
from lhwa.bus.routes import JobRoute
from lhwa.bus.serving import WorkerLimits
from lhwa.bus.worker import Worker
from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.jobs import Job, JobKind, RetryPolicy
from lhwa.errors import ConflictError, StorageError, UnavailableError, VerificationError
from lhwa.routes import ROUTES
from lhwa.store.pool import StorePool
from lhwa.store.transaction import Tx
from lhwa.testing.builders import SENT_AT_MS, platform

QUICK = WorkerLimits(elements_max=8, retries=RetryPolicy(tries_max=3))


@contextlib.asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """The worker runs beside the test."""
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await worker.stop()
        await asyncio.wait_for(running, timeout=10)
        await worker.close()


async def until(condition: Any, *, within_s: float = 3.0) -> float:
    """Seconds until it holds."""
    started_s = time.monotonic()
    while not condition():
        assert time.monotonic() - started_s < within_s, "it never came true"
        await asyncio.sleep(0.005)
    return time.monotonic() - started_s


async def rounds(worker: Worker, *, seconds: float) -> int:
    """How often the worker looks for work in a while."""
    count = 0
    real = worker.serve_round

    async def counted() -> bool:
        nonlocal count
        count += 1
        return await real()

    worker.serve_round = counted  # type: ignore[method-assign]
    async with working(worker):
        await asyncio.sleep(seconds)
    return count


def put_alert(tx: Tx) -> None:
    """Another process puts a job."""
    tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
    tx.jobs.put(JobKind.ALERT_STAFF, alert(), place="p")


def alert() -> bytes:
    return (
        b'{"id":"1","source":"lhwa/firma","type":"AccountAlert","subject":"platform_event:1","time":"","dataschema":"",'
        b'"data":{"field":"account_update","event":"DISABLED","severity":"critical"}}'
    )


# Fair share.


async def test_a_firm_with_a_thousand_requests_delays_another_by_one_batch(town: Any, body: Any) -> None:
    big, small = town.firm("aaa"), town.firm("zzz")
    town.put(big, *(body(str(number)) for number in range(1_000)))
    worker = town.worker(limits=WorkerLimits(elements_max=64))
    await worker.serve_round()
    town.put(small, body("one"))
    seen = len(town.witness.batches)
    await worker.serve_round()
    served = [tenant for tenant, _ in town.witness.batches[seen:]]
    assert sorted(served) == [big, small]
    assert sum(batch.requests for tenant, batch in town.witness.batches if tenant == big) == 128
    while await worker.serve_round():
        pass
    assert (town.count(big), town.count(small)) == (1_000, 1)
    await worker.close()


async def test_a_request_of_three_thousand_messages_delays_another_firm_by_one_part(town: Any, body: Any) -> None:
    large, small = town.firm("aaa"), town.firm("zzz")
    town.put(large, body(*(str(number) for number in range(3_000))))
    worker = town.worker(limits=WorkerLimits(elements_max=100))
    await worker.serve_round()
    town.put(small, body("one"))
    town.witness.batches.clear()
    await worker.serve_round()
    assert town.count(small) == 1
    assert sum(sum(batch.outcomes.values()) for tenant, batch in town.witness.batches if tenant == large) <= 200
    while await worker.serve_round():
        pass
    assert (town.count(large), town.states()) == (3_000, {"done": 2})
    await worker.close()


async def test_another_firm_is_first_each_round(town: Any, body: Any) -> None:
    firms = [town.firm(name) for name in ("aa", "bb", "cc")]
    for firm in firms:
        town.put(firm, *(body(str(number)) for number in range(6)))
    worker = town.worker(limits=WorkerLimits(elements_max=1))
    firsts = []
    for _ in range(6):
        town.witness.batches.clear()
        await worker.serve_round()
        firsts.append(town.witness.batches[0][0])
    assert sorted(firsts) == sorted(firms * 2)
    await worker.close()


async def test_more_firms_than_open_files(town: Any, body: Any) -> None:
    firms = [town.firm(f"firm{number}") for number in range(6)]
    for firm in firms:
        town.put(firm, body("a"))
        with town.open(firm) as store:
            store.write(put_alert)
    worker = town.worker(open_max=2)
    await worker.sweep()
    while await worker.serve_round():
        assert worker.open_stores <= 2
    assert [town.count(firm) for firm in firms] == [1] * 6
    assert len(town.notifier.alerts) == 6
    await worker.close()


async def test_a_visit_leaves_no_file_open_that_was_not(town: Any, body: Any) -> None:
    firms = [town.firm("firma"), town.firm("lain")]
    worker = town.worker()
    await worker.write(firms[0], put_alert)
    for firm in firms:
        await worker.visit(firm, put_alert)
        assert worker.open_stores == 1
        with town.open(firm) as store:
            assert store.read(lambda tx: tx.jobs.counts()).waiting > 0
    await worker.close()


# Waking and sleeping.


async def test_work_is_done_at_once_when_woken(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    worker = town.worker()
    loop = asyncio.get_running_loop()
    town.spool.on_commit = lambda: loop.call_soon_threadsafe(worker.wake)
    async with working(worker):
        await asyncio.sleep(0.1)
        town.put(firm, body("a"))
        assert await until(lambda: town.witness.batches) < 1.0
        assert worker.last_served == town.clock.now()


async def test_a_job_of_another_process_is_done_at_once_when_woken(town: Any) -> None:
    firm = town.firm("firma")
    worker = town.worker()
    async with working(worker):
        await asyncio.sleep(0.1)
        with town.open(firm) as store:
            store.write(put_alert)
        worker.wake([firm])
        assert await until(lambda: town.notifier.alerts) < 1.0
    assert town.witness.jobs == [(firm, "ok")]


async def test_jobs_from_before_are_found_at_the_start(town: Any) -> None:
    firm = town.firm("firma")
    with town.open(firm) as store:
        store.write(put_alert)
    async with working(town.worker()):
        await until(lambda: town.notifier.alerts)


async def test_a_wake_up_while_the_worker_looks_is_not_lost(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = town.firm("firma")
    worker = town.worker()
    await worker.sweep()
    real = running.next_run_in_ms

    def look_and_be_woken(store: Any, **limits: Any) -> int | None:
        found = real(store, **limits)
        with town.open(firm) as other:
            other.write(put_alert)
        worker.wake([firm])
        return found

    monkeypatch.setattr(running, "next_run_in_ms", look_and_be_woken)
    await worker.serve_round()
    monkeypatch.setattr(running, "next_run_in_ms", real)
    await worker.serve_round()
    assert len(town.notifier.alerts) == 1
    await worker.close()


async def test_without_work_the_worker_sleeps(town: Any) -> None:
    town.firm("firma")
    assert await rounds(town.worker(), seconds=0.3) <= 4


async def test_a_suspended_firm_waits_and_costs_nothing(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    town.put(firm, body("a"))
    with town.open(firm) as store:
        store.write(put_alert)
    worker = town.worker()
    await worker.sweep()
    town.active.remove(firm)
    worker.wake([firm])
    assert await rounds(worker, seconds=0.3) <= 4
    assert (town.states(), town.notifier.alerts) == ({"stored": 1}, [])
    town.active.append(firm)
    again = town.worker()
    async with working(again):
        await until(lambda: town.states() == {"done": 1} and town.notifier.alerts)
    assert town.count(firm) == 1


async def test_stopping_lets_the_batch_end_and_closes_every_file(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    town.put(firm, *(body(str(number)) for number in range(200)))
    worker = town.worker(limits=QUICK)
    async with working(worker):
        await until(lambda: town.witness.batches)
        assert worker.is_running
    assert not worker.is_running
    assert worker.open_stores == 0
    assert town.count(firm) == town.states()["done"]


# Trouble.


async def test_a_firm_in_trouble_rests_and_the_others_go_on(town: Any, body: Any) -> None:
    sick, well = town.firm("aaa"), town.firm("zzz")
    good = (town.root / sick / "tenant.db").read_bytes()
    (town.root / sick / "tenant.db").write_bytes(b"garbage " * 4_096)
    for firm in (sick, well):
        town.put(firm, body("a"))
    worker = town.worker()
    count = 0
    async with working(worker):
        await until(lambda: town.witness.troubles and town.states().get("done") == 1)
        for number in range(20):
            town.put(well, body(f"more {number}"))
            worker.wake([sick, well])
            await asyncio.sleep(0.01)
        await until(lambda: town.states() == {"stored": 1, "done": 21})
        count = len(town.witness.troubles)
    assert count == 1, "it is left alone for a while, whoever wakes the worker"
    [(tenant, error)] = town.witness.troubles
    assert (tenant, type(error)) == (sick, VerificationError)
    (town.root / sick / "tenant.db").write_bytes(good)
    town.clock.advance(60)
    async with working(town.worker()):
        await until(lambda: town.states() == {"done": 22})
    assert town.count(sick) == 1


async def test_a_woken_worker_does_not_spin_around_a_resting_firm(town: Any, body: Any) -> None:
    sick = town.firm("aaa")
    (town.root / sick / "tenant.db").write_bytes(b"garbage " * 4_096)
    town.put(sick, body("a"))
    worker = town.worker()
    await worker.sweep()
    await worker.serve_round()
    worker.wake([sick])
    assert await rounds(worker, seconds=0.3) <= 4


async def test_a_firm_rests_longer_each_time(town: Any, body: Any) -> None:
    sick = town.firm("aaa")
    (town.root / sick / "tenant.db").unlink()
    (town.root / sick / "keys.db").write_bytes(b"garbage " * 4_096)
    town.put(sick, body("a"))
    worker = town.worker()
    waits = []
    for _ in range(6):
        waited = 0
        seen = len(town.witness.troubles)
        while len(town.witness.troubles) == seen:
            town.clock.advance(1)
            waited += 1
            await worker.serve_round()
        waits.append(waited)
    assert waits[1:] == sorted(waits[1:])
    assert waits[-1] > 10
    await worker.close()


async def test_a_clock_that_is_set_back_lets_a_firm_rest_no_longer(town: Any, body: Any) -> None:
    sick = town.firm("aaa")
    good = (town.root / sick / "tenant.db").read_bytes()
    (town.root / sick / "tenant.db").write_bytes(b"garbage " * 4_096)
    town.put(sick, body("a"))
    worker = town.worker()
    await worker.serve_round()
    assert len(town.witness.troubles) == 1
    (town.root / sick / "tenant.db").write_bytes(good)
    town.clock.set(town.clock.now() - timedelta(days=365))
    assert await worker.serve_round() is False, "it rests as long as it was told to"
    town.clock.advance(3)
    await worker.serve_round()
    assert town.count(sick) == 1
    await worker.close()


async def test_a_clock_that_is_set_back_delays_no_job(town: Any) -> None:
    firm = town.firm("firma")
    with town.open(firm) as store:
        store.write(put_alert)
    town.notifier.error = UnavailableError("x")
    worker = town.worker(limits=QUICK)
    await worker.sweep()
    await worker.serve_round()
    town.notifier.error = None
    town.clock.set(town.clock.now() - timedelta(days=365))
    town.clock.advance(3)
    await worker.serve_round()
    assert len(town.notifier.alerts) == 1
    await worker.close()


async def test_a_pool_that_cannot_close_a_file_does_not_end_the_worker(
    town: Any, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick, well = town.firm("aaa"), town.firm("zzz")
    (town.root / sick / "tenant.db").write_bytes(b"garbage " * 4_096)
    for firm in (sick, well):
        town.put(firm, body("a"))

    def broken(_pool: Any, _tenant: TenantId) -> None:
        raise OSError(5, "I/O error")

    monkeypatch.setattr(StorePool, "drop", broken)
    async with working(town.worker()):
        await until(lambda: town.states() == {"stored": 1, "done": 1} and len(town.witness.troubles) == 2)
    assert [tenant for tenant, _ in town.witness.troubles] == [sick, sick]


async def test_a_spool_in_trouble_is_waited_for(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town.firm("firma")

    def fail() -> Any:
        raise StorageError("x")

    monkeypatch.setattr(town.spool.read, "waiting_tenants", fail)
    assert await rounds(town.worker(), seconds=0.3) <= 2
    assert [type(error) for _, error in town.witness.troubles] == [StorageError]


# Those who only watch, and those who are called.


class Blind(Observer):
    """Fails whatever it is told."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def _fail(self, what: str) -> None:
        self.told.add(what)
        raise ValueError("the metrics are broken")

    def drained(self, tenant: TenantId, batch: Drained, *, now: Instant) -> None:
        self._fail("drained")

    def job_done(self, tenant: TenantId, job: Job, *, outcome: str) -> None:
        self._fail("job_done")

    def job_broke(self, tenant: TenantId, job: Job, error: Exception) -> None:
        self._fail("job_broke")

    def trouble(self, tenant: TenantId, error: Exception, *, now: Instant, retry_at: Instant) -> None:
        self._fail("trouble")


async def test_an_observer_that_fails_stops_nobody(town: Any, body: Any) -> None:
    sick, well, poor = town.firm("aaa"), town.firm("zzz"), town.firm("mmm")
    (town.root / sick / "tenant.db").write_bytes(b"garbage " * 4_096)
    for firm in (sick, well):
        town.put(firm, body("a"))
    with town.open(poor) as store:
        store.write(put_alert)
    town.notifier.error = KeyError("x")
    town.witness = Blind()
    async with working(town.worker(limits=QUICK)):
        await until(lambda: town.states() == {"stored": 1, "done": 1} and len(town.witness.told) == 4)
        town.put(well, body("b"))
        await until(lambda: town.states() == {"stored": 1, "done": 2})
    with town.open(poor) as store:
        assert store.read(lambda tx: tx.jobs.counts().waiting) == 1


async def test_a_spool_in_trouble_and_an_observer_that_fails(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    town.firm("firma")

    def fail() -> Any:
        raise StorageError("x")

    monkeypatch.setattr(town.spool.read, "waiting_tenants", fail)
    town.witness = Blind()
    assert await rounds(town.worker(), seconds=0.3) <= 2
    assert town.witness.told == {"trouble"}


NOTIFIER_FAILURES = [
    ("any error", KeyError("x")),
    ("a conflict", ConflictError("x")),
    ("a time-out", TimeoutError()),
    ("a cancellation of its own", asyncio.CancelledError()),
]


@pytest.mark.parametrize(("label", "error"), NOTIFIER_FAILURES, ids=[case[0] for case in NOTIFIER_FAILURES])
async def test_a_notifier_that_fails_in_any_way_costs_a_try(town: Any, label: str, error: BaseException) -> None:
    firm = town.firm("firma")
    with town.open(firm) as store:
        store.write(put_alert)

    async def broken(_payload: bytes, _context: Any) -> None:
        raise error

    worker = town.worker(routes=with_effect(broken), limits=QUICK)
    await worker.sweep()
    for _ in range(3):
        await worker.serve_round()
        town.clock.advance(10)
    assert [outcome for _, outcome in town.witness.jobs] == ["failed", "failed", "buried"]
    assert town.witness.troubles == []
    await worker.close()


async def test_a_notifier_that_hangs_is_given_up_with_the_lease(town: Any, body: Any) -> None:
    firm, other = town.firm("firma"), town.firm("lain")
    with town.open(firm) as store:
        store.write(put_alert)

    async def hanging(_payload: bytes, _context: Any) -> None:
        await asyncio.sleep(60)

    worker = town.worker(routes=with_effect(hanging), limits=replace(QUICK, lease_ms=200))
    async with working(worker):
        await asyncio.sleep(0.1)
        town.put(other, body("a"))
        worker.wake()
        await until(lambda: town.states() == {"done": 1})
    assert town.witness.jobs[0] == (firm, "failed")


# Jobs.


def with_effect(effect: Any, *, bury: Any = None) -> Any:
    route = ROUTES.jobs[JobKind.ALERT_STAFF]
    changed = JobRoute(bury=bury or route.bury, effect=effect)
    return replace(ROUTES, jobs={**ROUTES.jobs, JobKind.ALERT_STAFF: changed})


async def test_an_alert_goes_from_a_webhook_to_the_notifier(town: Any) -> None:
    firm = town.firm("firma")
    with town.open(firm) as store:
        store.write(lambda tx: ROUTES.inbound.apply(tx, [platform("DISABLED")], "raw", SENT_AT_MS))
    worker = town.worker()
    await worker.sweep()
    await worker.serve_round()
    [told] = town.notifier.alerts
    assert (told.tenant, told.event) == (firm, "DISABLED")
    assert await worker.serve_round() is False
    await worker.close()


async def test_trouble_of_the_file_costs_no_job_a_try(town: Any) -> None:
    firm = town.firm("firma")
    with town.open(firm) as store:
        for number in range(5):
            store.bookkeep(lambda tx, place: tx.jobs.put(JobKind.ALERT_STAFF, b"{}", place=place), f"p{number}")
    is_broken, done = True, 0

    def handle(tx: Tx, _payload: bytes) -> None:
        nonlocal done
        if is_broken:
            raise StorageError("x")
        done += 1
        tx.audit.append(AuditRecord("system:test", "test.done", "t"))

    route = replace(ROUTES.jobs[JobKind.ALERT_STAFF], effect=None, handler=handle)
    worker = town.worker(limits=QUICK, routes=replace(ROUTES, jobs={**ROUTES.jobs, JobKind.ALERT_STAFF: route}))
    await worker.sweep()
    for _ in range(3 * QUICK.retries.tries_max):
        await worker.serve_round()
        town.clock.advance(3_600)
    is_broken = False
    await worker.serve_round()
    assert (done, town.witness.jobs) == (5, [(firm, "ok")] * 5)
    await worker.close()


async def test_a_failing_effect_is_tried_again_and_then_buried(town: Any) -> None:
    firm = town.firm("firma")
    with town.open(firm) as store:
        store.write(put_alert)
    town.notifier.error = UnavailableError("x")
    worker = town.worker(limits=QUICK)
    await worker.sweep()
    for _ in range(4):
        await worker.serve_round()
        town.clock.advance(10)
    assert [outcome for _, outcome in town.witness.jobs] == ["failed", "failed", "buried"]
    with town.open(firm) as store:
        assert store.read(lambda tx: (tx.dead_letters.open_count(), tx.jobs.counts().waiting)) == (1, 0)
    await worker.close()


async def test_no_transaction_is_open_while_an_effect_runs(town: Any) -> None:
    firm = town.firm("firma")
    wrote = []

    async def effect(_payload: bytes, _context: Any) -> None:
        with town.open(firm) as store:
            store.write(lambda tx: tx.audit.append(AuditRecord("system:test", "test.noted", "t")))
        wrote.append(True)

    with town.open(firm) as store:
        store.write(put_alert)
    worker = town.worker(routes=with_effect(effect))
    await worker.sweep()
    await worker.serve_round()
    assert wrote == [True]
    assert town.witness.jobs == [(firm, "ok")]
    await worker.close()


async def test_a_job_whose_worker_died_is_taken_over_when_its_lease_lapses(town: Any) -> None:
    firm = town.firm("firma")
    with town.open(firm) as store:
        store.write(put_alert)
        store.bookkeep(lambda tx: tx.jobs.claim(lease_ms=60_000, jobs_max=9))
    worker = town.worker()
    await worker.sweep()
    await worker.serve_round()
    assert town.notifier.alerts == []
    town.clock.advance(60)
    await worker.serve_round()
    assert len(town.notifier.alerts) == 1
    await worker.close()


async def test_a_worker_that_comes_too_late_undoes_its_commit(town: Any) -> None:
    firm = town.firm("firma")
    with town.open(firm) as store:
        store.write(put_alert)

    def record(tx: Tx) -> None:
        tx.audit.append(AuditRecord("system:test", "test.done", "t"))

    async def slow(_payload: bytes, _context: Any) -> Any:
        town.clock.advance(61)
        with town.open(firm) as store:
            [job] = store.bookkeep(lambda tx: tx.jobs.claim(lease_ms=60_000, jobs_max=9))
            store.bookkeep(lambda tx: tx.jobs.finish(job.seq))
        return record

    worker = town.worker(routes=with_effect(slow))
    await worker.sweep()
    await worker.serve_round()
    assert (town.witness.jobs, town.witness.troubles) == ([], [])
    with town.open(firm) as store:
        assert b"test.done" not in store.read(lambda tx: b"".join(entry.entry for entry in tx.audit.entries()))
    await worker.close()


async def test_a_job_that_kills_its_workers_is_buried_in_the_end(town: Any) -> None:
    firm = town.firm("firma")
    with town.open(firm) as store:
        store.write(put_alert)
    for _ in range(3):
        with town.open(firm) as store:
            assert len(store.bookkeep(lambda tx: tx.jobs.claim(lease_ms=1_000, jobs_max=9))) == 1
        town.clock.advance(1)
    worker = town.worker(limits=QUICK)
    await worker.sweep()
    await worker.serve_round()
    assert (town.witness.jobs, town.notifier.alerts) == ([(firm, "buried")], [])
    with town.open(firm) as store:
        letters = store.read(lambda tx: tx.dead_letters.of_raw_event(""))
        assert [letter.reason for letter in letters] == ["worker_died"]
    await worker.close()


async def test_jobs_of_a_firm_that_is_unknown_to_the_registry_wait(town: Any) -> None:
    worker = town.worker()
    worker.wake([TenantId("nobody")])
    assert await worker.serve_round() is False
    assert town.opened == []
    await worker.close()
