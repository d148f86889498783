"""Reading the spool, and the moves between its states."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.store.connection import rows
from lhwa.store.spool import Spool, SpoolRequest
from lhwa.store.spool_rows import _WAITING, SpoolChange, SpoolCounts, SpoolRow, mark, prune_done, requeue
from lhwa.testing.builders import open_spool

FIRM_A, FIRM_B = TenantId("firma"), TenantId("firmb")
ROWS = [
    (FIRM_A, "stored"),
    (FIRM_B, "stored"),
    (FIRM_A, "stored"),
    (None, "unrouted"),
    (None, "dead"),
    (FIRM_A, "done"),
]


@pytest.fixture(name="spool")
def _spool(tmp_path: Path) -> Iterator[Spool]:
    spool = open_spool(tmp_path / "spool.db")
    requests = [
        SpoolRequest(
            event_id=RawEventId(f"event-{seq}"),
            tenant=tenant,
            app="main",
            received_at_ms=seq * 1_000,
            dedup=seq.to_bytes(20, "big"),
            body_bytes=1,
            sealed=b"sealed",
            state=state,
            reason="why" if tenant is None else "",
        )
        for seq, (tenant, state) in enumerate(ROWS, start=1)
    ]
    assert spool.put(requests).result(10) == len(ROWS)
    yield spool
    spool.close()


def _apply(spool: Spool, change: SpoolChange) -> None:
    spool.change(change).result(10)


def _row(spool: Spool, seq: int) -> SpoolRow:
    row = spool.read.by_event(f"event-{seq}")
    assert row is not None
    return row


def _taken(spool: Spool, tenant: TenantId) -> list[int]:
    return [row.seq for row in spool.read.take(tenant, rows_max=10)]


def test_only_stored_rows_of_the_firm_are_taken_oldest_first(spool: Spool) -> None:
    assert sorted(spool.read.waiting_tenants()) == [FIRM_A, FIRM_B]
    assert _taken(spool, FIRM_A) == [1, 3]
    assert _taken(spool, FIRM_A) == [1, 3]
    assert [row.seq for row in spool.read.take(FIRM_A, rows_max=1)] == [1]
    assert _taken(spool, TenantId("nobody")) == []


def test_a_taken_row_has_its_body_when_it_is_fetched(spool: Spool) -> None:
    first, second = spool.read.take(FIRM_A, rows_max=10)
    assert (first.sealed, first.body_bytes) == (b"", 1)
    assert spool.read.fetch(first) == _row(spool, 1)
    assert spool.read.fetch(second).sealed == b"sealed"


def test_a_row_that_was_sent_through_again_is_not_marked_by_who_read_it_before(spool: Spool) -> None:
    read = _row(spool, 1)
    _apply(spool, requeue([1]))
    _apply(spool, mark([read], state="done"))
    assert _taken(spool, FIRM_A) == [1, 3]
    _apply(spool, mark([_row(spool, 1)], state="done"))
    assert _taken(spool, FIRM_A) == [3]


def test_a_row_comes_back_as_it_was_put(spool: Spool) -> None:
    row = spool.read.by_event("event-4")
    assert row is not None
    assert (row.tenant, row.app, row.received_at_ms, row.body_bytes, row.sealed) == (None, "main", 4_000, 1, b"sealed")
    assert (row.state, row.reason) == ("unrouted", "why")
    assert spool.read.by_event("event-99") is None


def test_a_done_row_is_not_taken_again(spool: Spool) -> None:
    _apply(spool, mark([_row(spool, 1)], state="done", reason="applied"))
    assert _taken(spool, FIRM_A) == [3]
    row = spool.read.by_event("event-1")
    assert row is not None
    assert (row.state, row.reason) == ("done", "applied")


def test_a_requeued_row_is_taken_again_and_one_without_a_firm_stays(spool: Spool) -> None:
    _apply(spool, mark([_row(spool, 1)], state="dead", reason="seal"))
    _apply(spool, requeue([1, 4, 6]))
    assert _taken(spool, FIRM_A) == [1, 3, 6]
    row = spool.read.by_event("event-4")
    assert row is not None
    assert row.state == "unrouted"


def test_rows_aside_are_listed_by_state(spool: Spool) -> None:
    assert [row.seq for row in spool.read.aside("unrouted")] == [4]
    assert [row.seq for row in spool.read.aside("dead")] == [5]
    assert spool.read.aside("dead", after_seq=5) == []


def test_the_rows_of_a_firm_are_paged(spool: Spool) -> None:
    assert [row.seq for row in spool.read.of_tenant(FIRM_A, rows_max=2)] == [1, 3]
    assert [row.seq for row in spool.read.of_tenant(FIRM_A, after_seq=3)] == [6]


def test_counts(spool: Spool) -> None:
    assert spool.read.counts() == SpoolCounts({"stored": 3, "unrouted": 1, "dead": 1, "done": 1}, 1_000, 6_000)
    assert spool.read.counts(FIRM_B) == SpoolCounts({"stored": 1}, 2_000, 2_000)
    assert spool.read.counts(TenantId("nobody")) == SpoolCounts({}, None, None)


def test_what_waits_is_counted_without_what_was_applied(spool: Spool) -> None:
    assert spool.read.waiting() == 3
    [plan] = rows(spool.read._connection, f"EXPLAIN QUERY PLAN {_WAITING}")
    assert plan[3] == "SCAN webhook_request USING COVERING INDEX webhook_request_waiting"


def test_only_old_done_rows_are_pruned(spool: Spool) -> None:
    _apply(spool, mark([_row(spool, 1)], state="done"))
    _apply(spool, prune_done(received_before_ms=6_000))
    assert spool.read.counts().by_state == {"stored": 2, "unrouted": 1, "dead": 1, "done": 1}
    _apply(spool, prune_done(received_before_ms=10**9))
    assert spool.read.counts().by_state == {"stored": 2, "unrouted": 1, "dead": 1}


def test_the_state_of_a_request_is_told_without_its_body(spool: Spool) -> None:
    told = {seq: spool.read.state_of(f"event-{seq}") for seq in range(1, 8)}
    assert told == {**{seq: state for seq, (_, state) in enumerate(ROWS, start=1)}, 7: None}


@pytest.mark.parametrize(("since_ms", "seqs"), [(None, [1, 3, 6]), (3_000, [3, 6]), (3_001, [6]), (9_000, [])])
def test_the_numbers_of_a_firms_requests_are_told_without_their_bodies(
    spool: Spool, since_ms: int | None, seqs: list[int]
) -> None:
    assert spool.read.seqs_of_tenant(FIRM_A, since_ms=since_ms) == seqs
