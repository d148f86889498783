from __future__ import annotations

from lhwa.domain.jobs import Job, JobKind
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.fakes import FakeClock

KIND = JobKind.ALERT_STAFF


def put(store: Store, place: str = "p", *, after_s: float = 0, once: bool = False) -> bool:
    def run(tx: Tx) -> bool:
        return tx.jobs.put(
            KIND, place.encode(), place=place, run_at_ms=tx.now_ms + int(after_s * 1000) if after_s else None, once=once
        )

    return store.bookkeep(run)


def claim(store: Store, *, jobs_max: int = 9, lease_ms: int = 60_000) -> list[Job]:
    return store.bookkeep(lambda tx: tx.jobs.claim(lease_ms=lease_ms, jobs_max=jobs_max))


def test_a_claimed_job_is_nobody_elses_until_its_lease_lapses(store: Store, clock: FakeClock) -> None:
    put(store)
    [job] = claim(store)
    assert (job.payload, job.tries, job.kind) == (b"p", 1, KIND)
    assert claim(store) == []
    clock.advance(59.999)
    assert claim(store) == []
    clock.advance(0.001)
    [again] = claim(store)
    assert (again.seq, again.tries) == (job.seq, 2)


def test_jobs_come_when_they_are_due_the_oldest_first(store: Store, clock: FakeClock) -> None:
    for place, after_s in (("c", 20), ("a", 0), ("b", 10)):
        put(store, place, after_s=after_s)
    assert [job.payload for job in claim(store)] == [b"a"]
    clock.advance(30)
    assert [job.payload for job in claim(store, jobs_max=1)] == [b"b"]
    assert [job.payload for job in claim(store)] == [b"c"]


def test_once_means_once_while_it_waits_or_runs(store: Store) -> None:
    assert put(store, once=True)
    assert not put(store, once=True)
    assert put(store, "q", once=True)
    [job, _] = claim(store)
    assert not put(store, once=True)
    store.bookkeep(lambda tx: tx.jobs.finish(job.seq))
    assert put(store, once=True)


def test_a_job_ends_once(store: Store) -> None:
    put(store)
    [job] = claim(store)
    assert store.bookkeep(lambda tx: tx.jobs.finish(job.seq))
    assert not store.bookkeep(lambda tx: tx.jobs.finish(job.seq))


def test_a_postponed_job_waits(store: Store, clock: FakeClock) -> None:
    put(store)
    [job] = claim(store)
    store.bookkeep(lambda tx: tx.jobs.postpone(job.seq, run_at_ms=tx.now_ms + 5_000, error="KeyError"))
    assert claim(store) == []
    clock.advance(5)
    assert [again.tries for again in claim(store)] == [2]


def test_when_something_is_due_next(store: Store, clock: FakeClock) -> None:
    def due_in_s() -> float | None:
        return store.read(lambda tx: None if (due := tx.jobs.next_run_ms()) is None else (due - tx.now_ms) / 1000)

    assert due_in_s() is None
    put(store, after_s=30)
    assert due_in_s() == 30
    put(store, "now")
    assert due_in_s() == 0
    claim(store, lease_ms=7_000)
    assert due_in_s() == 7
    clock.advance(10)
    assert due_in_s() == -3


def test_counts_tell_waiting_from_running(store: Store, clock: FakeClock) -> None:
    put(store)
    put(store, "later", after_s=30)
    since = store.read(lambda tx: tx.now_ms)
    clock.advance(10)
    counts = store.read(lambda tx: tx.jobs.counts())
    assert (counts.waiting, counts.running, counts.oldest_due_ms) == (2, 0, since)
    claim(store)
    counts = store.read(lambda tx: tx.jobs.counts())
    assert (counts.waiting, counts.running) == (1, 1)


def test_what_a_job_carries_is_sealed(store: Store) -> None:
    put(store, "canary")
    [(payload,)] = store.read(lambda tx: rows(tx._connection, "SELECT payload FROM job"))
    assert b"canary" not in payload


def test_a_job_that_cannot_be_read_waits_and_does_not_stop_the_others(store: Store, clock: FakeClock) -> None:
    put(store, "broken")
    put(store, "sound")
    connection = store._open()[0]
    connection.execute("UPDATE job SET payload = zeroblob(100) WHERE place = 'broken'")
    assert [job.payload for job in claim(store)] == [b"sound"]
    [(state, error)] = rows(connection, "SELECT state, last_error FROM job WHERE place = 'broken'")
    assert (state, error) == ("ready", "SealError")
    clock.advance(3_500)
    assert [job.payload for job in claim(store)] == [b"sound"]


def test_a_job_of_a_kind_that_only_a_newer_lhwa_knows_waits(store: Store) -> None:
    put(store, "future")
    put(store, "present")
    store._open()[0].execute("UPDATE job SET kind = 'of_the_future' WHERE place = 'future'")
    assert [job.payload for job in claim(store)] == [b"present"]
