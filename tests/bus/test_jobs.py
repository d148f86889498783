from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apsw
import pytest

from lhwa.bus.jobs import bury_lost, fail, finish, run_in_transaction, take_over
from lhwa.bus.jobs import claim as claim_jobs
from lhwa.bus.routes import JobRoute
from lhwa.domain.audit import AuditRecord
from lhwa.domain.jobs import Job, JobKind, RetryPolicy
from lhwa.errors import ConflictError, InvariantError, StorageError, UnavailableError, VerificationError
from lhwa.store.store import Store
from lhwa.store.transaction import Tx

RETRIES = RetryPolicy(tries_max=3, first_delay_s=2.0, factor=2.0, delay_max_s=60.0)


def bury(tx: Tx, payload: bytes, *, error: str, tries: int) -> None:
    tx.audit.append(AuditRecord("system:worker", "test.buried", "t", {"error": error, "tries": tries}))
    assert payload == b"{}"


def handle(tx: Tx, payload: bytes) -> None:
    tx.audit.append(AuditRecord("system:worker", "test.done", "t", {"bytes": len(payload)}))


ROUTE = JobRoute(bury=bury, handler=handle)


@pytest.fixture
def firm(town: Any) -> Any:
    with town.open(town.firm("firma")) as store:
        yield store


def claim(store: Store, *, lease_ms: int, jobs_max: int) -> list[Job]:
    return claim_jobs(store, lease_ms=lease_ms, jobs_max=jobs_max, retries=RETRIES)


def put(store: Store) -> Job:
    store.bookkeep(lambda tx: tx.jobs.put(JobKind.ALERT_STAFF, b"{}", place="p"))
    [job] = claim(store, lease_ms=10_000, jobs_max=9)
    return job


def log_size(store: Store) -> int:
    return store.read(lambda tx: tx.audit.frontier().size)


def jobs(store: Store) -> int:
    return store.read(lambda tx: tx.jobs.counts().waiting + tx.jobs.counts().running)


def test_jobs_of_a_dead_worker_are_taken_over_with_their_tries_counted(firm: Store) -> None:
    job = put(firm)
    assert claim(firm, lease_ms=10_000, jobs_max=9) == []
    assert take_over(firm) == 1
    [again] = claim(firm, lease_ms=10_000, jobs_max=9)
    assert (again.seq, again.tries) == (job.seq, 2)
    finish(firm, again, None)
    assert take_over(firm) == 0
    with pytest.raises(ConflictError):
        finish(firm, job, None)


def test_a_jobs_effect_and_its_end_are_one_commit(firm: Store) -> None:
    job = put(firm)

    def fail_late(tx: Tx, payload: bytes) -> None:
        handle(tx, payload)
        raise KeyError

    before = log_size(firm)
    with pytest.raises(KeyError):
        run_in_transaction(firm, job, fail_late)
    assert (log_size(firm), jobs(firm)) == (before, 1)
    run_in_transaction(firm, job, handle)
    assert (log_size(firm), jobs(firm)) == (before + 1, 0)


def test_a_job_that_another_worker_ended_has_no_second_effect(town: Any, firm: Store) -> None:
    late = put(firm)
    town.clock.advance(10)
    [taken_over] = claim(firm, lease_ms=10_000, jobs_max=9)
    assert (taken_over.seq, taken_over.tries) == (late.seq, 2)
    run_in_transaction(firm, taken_over, handle)
    before = log_size(firm)
    endings: list[Callable[[], None]] = [
        lambda: run_in_transaction(firm, late, handle),
        lambda: finish(firm, late, None),
        lambda: finish(firm, late, lambda tx: handle(tx, b"")),
        lambda: bury_lost(firm, late, ROUTE),
    ]
    for ending in endings:
        with pytest.raises(ConflictError):
            ending()
    assert log_size(firm) == before


def test_a_failing_job_waits_longer_each_time_and_is_buried_after_the_last_try(town: Any, firm: Store) -> None:
    job = put(firm)
    for tries, wait_s in ((1, 1.0), (2, 2.0)):
        assert job.tries == tries
        assert not fail(firm, job, ROUTE, KeyError("canary"), retries=RETRIES, jitter=0.0)
        town.clock.advance(wait_s - 0.001)
        assert claim(firm, lease_ms=10_000, jobs_max=9) == []
        town.clock.advance(0.001)
        [job] = claim(firm, lease_ms=10_000, jobs_max=9)
    assert fail(firm, job, ROUTE, KeyError("canary"), retries=RETRIES, jitter=0.0)
    assert jobs(firm) == 0
    last = firm.read(lambda tx: list(tx.audit.entries())[-1].entry)
    assert b'"data":{"error":"KeyError","tries":3}' in last
    assert b"canary" not in last


def test_a_vendors_wish_to_wait_is_honoured(town: Any, firm: Store) -> None:
    job = put(firm)
    error = UnavailableError("x", retry_after_s=30.0)
    assert not fail(firm, job, ROUTE, error, retries=RETRIES, jitter=0.0)
    town.clock.advance(29.9)
    assert claim(firm, lease_ms=1, jobs_max=9) == []
    town.clock.advance(0.1)
    assert len(claim(firm, lease_ms=1, jobs_max=9)) == 1


@pytest.mark.parametrize("error", [apsw.IOError(), StorageError("x"), VerificationError("x")], ids=repr)
def test_an_error_of_the_firms_file_does_not_use_up_a_try(firm: Store, error: Exception) -> None:
    job = put(firm)
    for _ in range(RETRIES.tries_max + 2):
        with pytest.raises(type(error)):
            fail(firm, job, ROUTE, error, retries=RETRIES, jitter=0.0)
        [job] = claim(firm, lease_ms=1, jobs_max=9)
        assert job.tries == 1


def test_nothing_is_buried_without_a_record(firm: Store) -> None:
    job = put(firm)
    silent = JobRoute(bury=lambda _tx, _payload, *, error, tries: None, handler=handle)
    with pytest.raises(InvariantError):
        bury_lost(firm, job, silent)
    assert jobs(firm) == 1
