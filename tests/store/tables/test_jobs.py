from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
        due = store.read(lambda tx: tx.jobs.next_run_ms(lease_ms=60_000))
        return None if due is None else (due - store.read(lambda tx: tx.now_ms)) / 1000

    assert due_in_s() is None
    put(store, after_s=30)
    assert due_in_s() == 30
    put(store, "now")
    assert due_in_s() == 0
    claim(store, lease_ms=7_000)
    assert due_in_s() == 7
    clock.advance(10)
    assert due_in_s() == 0


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


YEAR = timedelta(days=365)


def due_at_once(store: Store, *, lease_ms: int = 60_000) -> bool:
    return store.read(lambda tx: (tx.jobs.next_run_ms(lease_ms=lease_ms) or tx.now_ms + 1) <= tx.now_ms)


def test_a_job_that_was_due_stays_due_when_the_clock_is_set_back(store: Store, clock: FakeClock) -> None:
    put(store)
    clock.set(clock.now() - YEAR)
    assert due_at_once(store)
    assert [job.payload for job in claim(store)] == [b"p"]


def test_a_lease_ends_when_the_clock_is_set_back(store: Store, clock: FakeClock) -> None:
    put(store)
    claim(store)
    clock.set(clock.now() - YEAR)
    assert due_at_once(store)
    assert [job.tries for job in claim(store)] == [2]
    assert claim(store) == []


def test_a_small_step_back_takes_no_job_from_a_living_worker(store: Store, clock: FakeClock) -> None:
    put(store)
    claim(store)
    clock.set(clock.now() - timedelta(seconds=59))
    assert claim(store) == []
    assert not due_at_once(store)


def test_a_postponed_job_does_not_wait_for_a_clock_that_was_set_back(store: Store, clock: FakeClock) -> None:
    put(store)
    [job] = claim(store)
    clock.advance(100_000)
    store.bookkeep(lambda tx: tx.jobs.postpone(job.seq, run_at_ms=tx.now_ms + 900_000, error="KeyError"))
    assert claim(store) == []
    # To a time at which the job existed already: its creation gives nothing away.
    clock.set(clock.now() - timedelta(seconds=50_000))
    assert due_at_once(store)
    assert [again.tries for again in claim(store)] == [2]


def test_after_the_clock_was_set_back_a_failing_job_still_waits_between_its_tries(
    store: Store, clock: FakeClock
) -> None:
    put(store)
    clock.set(clock.now() - YEAR)
    [job] = claim(store)
    store.bookkeep(lambda tx: tx.jobs.postpone(job.seq, run_at_ms=tx.now_ms + 5_000, error="KeyError"))
    assert claim(store) == []
    clock.advance(5)
    assert [again.tries for again in claim(store)] == [2]


def test_a_job_for_a_later_time_waits_for_that_time_whatever_the_clock_does(store: Store, clock: FakeClock) -> None:
    put(store, after_s=30 * 86_400)
    for at in (clock.now(), clock.now() - YEAR):
        clock.set(at)
        assert claim(store) == []
        assert not due_at_once(store)
    clock.set(clock.now() + YEAR + timedelta(days=30))
    assert len(claim(store)) == 1


def postpone(tx: Tx, seq: int, *, after_ms: int) -> None:
    tx.jobs.postpone(seq, run_at_ms=tx.now_ms + after_ms, error="KeyError")


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["put", "later", "claim", "fail"]), st.integers(-(10**7), 10**7)), max_size=12
    ),
    lease_ms=st.integers(1, 10**6),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_what_is_said_to_be_due_can_be_claimed_and_nothing_else(
    store: Store, clock: FakeClock, steps: list[tuple[str, int]], lease_ms: int
) -> None:
    store._open()[0].execute("DELETE FROM job")
    for number, (what, seconds) in enumerate(steps):
        if what in ("put", "later"):
            put(store, str(number), after_s=abs(seconds) if what == "later" else 0)
        clock.set(clock.now() + timedelta(seconds=seconds))
        due = due_at_once(store, lease_ms=lease_ms)
        claimed = claim(store, jobs_max=99, lease_ms=lease_ms) if what in ("claim", "fail") else None
        if claimed is not None:
            assert bool(claimed) == due
            assert not due_at_once(store, lease_ms=lease_ms)
        for job in claimed or () if what == "fail" else ():
            store.bookkeep(postpone, job.seq, after_ms=min(abs(seconds), 3_600) * 1000)
