"""Running the jobs of one firm: claim, do, finish in the commit of the effect; retry, bury.

Invariants: a job's effect and its end are one commit; a job whose worker died is claimed again when its lease lapses;
after the last try the job is buried and deleted in one commit. Transaction handlers run on the storage thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lhwa.bus.routes import Again, Commit, JobRoute
from lhwa.domain.jobs import Job, RetryPolicy
from lhwa.errors import ConflictError, InvariantError, LhwaError, SealError, StorageError, VerificationError
from lhwa.store.connection import is_storage_failure
from lhwa.store.store import Store
from lhwa.store.tables.jobs import UNREADABLE_WAIT_MS
from lhwa.store.transaction import Tx


def claim(store: Store, *, lease_ms: int, jobs_max: int, retries: RetryPolicy) -> list[Job]:
    """Take due jobs of a firm."""
    return store.bookkeep(_claim, lease_ms=lease_ms, jobs_max=jobs_max, delay_ms_max=_delay_ms_max(retries))


def take_over(store: Store) -> int:
    """Give back jobs of workers that died, without waiting for their leases. Returns how many there were.

    For whoever has just become the only worker of a firm: of a worker that lives it would take its jobs away.
    """
    if not store.read(lambda tx: tx.jobs.counts().running):
        return 0
    return store.bookkeep(lambda tx: tx.jobs.give_back_all())


def next_run_in_ms(store: Store, *, lease_ms: int, retries: RetryPolicy) -> int | None:
    """In how many milliseconds the next job of a firm is due, 0 when one is; None when there is none."""
    return store.read(_next_run_in_ms, lease_ms=lease_ms, delay_ms_max=_delay_ms_max(retries))


def run_in_transaction(store: Store, job: Job, handler: Callable[[Tx, bytes], None]) -> None:
    """Do a job and end it, in one commit. Raises what the handler raises."""
    store.write(_handle_and_finish, job, handler)


def finish(store: Store, job: Job, commit: Commit | None) -> None:
    """End a job whose effect happened outside, with what there is to record."""
    if commit is None:
        store.bookkeep(_finish, job)
    else:
        store.write(_commit_and_finish, job, commit)


def finish_or_again(store: Store, job: Job, again: Again, context: Any) -> None:
    """End a job, unless it has to run again: then it waits for its time, as if it had never been tried."""
    store.bookkeep(_finish_or_again, job, again, context)


def fail(store: Store, job: Job, route: JobRoute, error: Exception, *, retries: RetryPolicy, jitter: float) -> bool:
    """Give a failed job back for later, or bury it after its last try; returns True when it was buried.

    Raises: errors of the firm's file, which are no fault of the job: it waits with all the tries that it had.
    """
    if _is_of_the_file(error):
        release(store, [job])
        raise error
    name = type(error).__name__
    if job.tries < retries.tries_max:
        wanted_s = error.retry_after_s if isinstance(error, LhwaError) else None
        delay_s = max(retries.delay_s(job.tries, jitter=jitter), wanted_s or 0.0)
        store.bookkeep(_postpone, job, delay_ms=min(int(delay_s * 1000), _delay_ms_max(retries)), error=name)
        return False
    store.write(_bury, job, route, error=name)
    return True


def release(store: Store, untried: Sequence[Job]) -> None:
    """Give jobs back as if they had not been claimed."""
    store.bookkeep(_release, untried)


def bury_lost(store: Store, job: Job, route: JobRoute) -> None:
    """Bury a job that was claimed more often than it may be tried: its workers died before they could say why."""
    store.write(_bury, job, route, error="worker_died")


def _is_of_the_file(error: Exception) -> bool:
    if isinstance(error, LhwaError):
        return isinstance(error, StorageError | VerificationError) and not isinstance(error, SealError)
    return is_storage_failure(error)


def _release(tx: Tx, untried: Sequence[Job]) -> None:
    for job in untried:
        tx.jobs.release(job.seq)


def _delay_ms_max(retries: RetryPolicy) -> int:
    # What waits longer was postponed by a clock that has been set back since. Whoever asks for more gets this much.
    return max(int(retries.delay_max_s * 1000), UNREADABLE_WAIT_MS)


def _claim(tx: Tx, *, lease_ms: int, jobs_max: int, delay_ms_max: int) -> list[Job]:
    return tx.jobs.claim(lease_ms=lease_ms, jobs_max=jobs_max, delay_ms_max=delay_ms_max)


def _next_run_in_ms(tx: Tx, *, lease_ms: int, delay_ms_max: int) -> int | None:
    due_ms = tx.jobs.next_run_ms(lease_ms=lease_ms, delay_ms_max=delay_ms_max)
    return None if due_ms is None else max(due_ms - tx.now_ms, 0)


def _handle_and_finish(tx: Tx, job: Job, handler: Callable[[Tx, bytes], None]) -> None:
    _finish(tx, job)
    handler(tx, job.payload)


def _commit_and_finish(tx: Tx, job: Job, commit: Commit) -> None:
    _finish(tx, job)
    commit(tx)


def _finish_or_again(tx: Tx, job: Job, again: Again, context: Any) -> None:
    at_ms = again(tx, context)
    if at_ms is None:
        _finish(tx, job)
    elif not tx.jobs.run_again(job.seq, run_at_ms=at_ms):
        raise ConflictError(f"Job {job.seq} was finished by another worker.")


def _finish(tx: Tx, job: Job) -> None:
    # Another worker took the job over when our lease lapsed, and ended it: what we did must not count twice.
    if not tx.jobs.finish(job.seq):
        raise ConflictError(f"Job {job.seq} was finished by another worker.")


def _postpone(tx: Tx, job: Job, *, delay_ms: int, error: str) -> None:
    tx.jobs.postpone(job.seq, run_at_ms=tx.now_ms + delay_ms, error=error)


def _bury(tx: Tx, job: Job, route: JobRoute, *, error: str) -> None:
    _finish(tx, job)
    route.bury(tx, job.payload, error=error, tries=job.tries)
    if not tx.audit.appended:
        raise InvariantError(f"Burying a {job.kind.value} job left no audit record.")
