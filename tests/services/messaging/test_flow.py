from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lhwa.domain.access import Role
from lhwa.domain.gates import Facts, window_gate
from lhwa.domain.ids import RawEventId, TenantId
from lhwa.errors import NotAllowedError
from lhwa.services.messaging.flow import firm_status, note_replay, read_events, requests_to_replay
from lhwa.store.spool import Spool, SpoolRequest
from lhwa.store.store import Store
from lhwa.testing.builders import FIRM, SENT_AT_MS, acting_as, message, open_spool, platform, poison, reply, status

OWNER = acting_as(Role.OWNER)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = open_spool(tmp_path / "spool.db")
    yield made
    made.close()


def put(spool: Spool, event: str, tenant: TenantId = FIRM, *, at_ms: int = SENT_AT_MS) -> None:
    spool.put(
        [
            SpoolRequest(
                event_id=RawEventId(event),
                tenant=tenant,
                app="main",
                received_at_ms=at_ms,
                dedup=event.encode().ljust(20, b"-"),
                body_bytes=1,
                sealed=b"x",
            )
        ]
    ).result()


def test_the_firms_numbers(store: Store, spool: Spool, apply: Callable[..., Any]) -> None:
    put(spool, "A")
    put(spool, "B", TenantId("firmb"), at_ms=SENT_AT_MS - 5_000)
    apply(message(), reply(), status(wamid="unknown"), poison(), platform())
    found = store.read(firm_status, OWNER, spool=spool.read)
    assert (found.tenant, found.messages, found.waiting_requests, found.waiting_jobs, found.running_jobs) == (
        "firma",
        2,
        1,
        1,
        0,
    )
    assert (found.parked_statuses, found.dead_letters) == (1, 1)
    assert found.audit_entries == store.read(lambda tx: tx.audit.frontier().size)
    assert found.oldest_waiting_at == found.last_webhook_at == "2026-11-22T05:00:00.000000Z"


@pytest.mark.parametrize(
    ("minutes_ago", "open_now", "closing"),
    [(0, 1, 0), (60, 1, 0), (22 * 60 + 54, 1, 0), (22 * 60 + 56, 1, 1), (23 * 60 + 54, 1, 1), (23 * 60 + 56, 0, 0)],
)
def test_windows_are_counted_as_the_gate_sees_them(
    store: Store, spool: Spool, apply: Callable[..., Any], minutes_ago: int, open_now: int, closing: int
) -> None:
    now_ms = store.read(lambda tx: tx.now_ms)
    at_ms = now_ms - minutes_ago * 60_000
    apply(message(sent_at_ms=at_ms), received_at_ms=at_ms)
    apply(reply(sent_at_ms=now_ms), received_at_ms=now_ms)
    found = store.read(firm_status, OWNER, spool=spool.read)
    assert (found.open_windows, found.closing_windows) == (open_now, closing)
    facts = Facts(now_ms=now_ms, is_template=False, has_address=True, last_inbound_ms=at_ms, expires_ms=now_ms + 1)
    assert window_gate(facts).passes == bool(open_now)


def test_events_are_read_on_from_a_place(store: Store, apply: Callable[..., Any]) -> None:
    apply(*(message(wamid=f"wamid.{number}") for number in range(5)))
    seen = [stored.seq for stored in store.read(read_events, OWNER, after=None, rows_max=3)]
    assert seen == [3, 4, 5]
    assert [stored.seq for stored in store.read(read_events, OWNER, after=2, rows_max=2)] == [3, 4]
    assert store.read(read_events, OWNER, after=5, rows_max=9) == []


def test_a_replay_takes_ones_own_requests_only(spool: Spool) -> None:
    for number in range(5):
        put(spool, f"A{number}", at_ms=SENT_AT_MS + number)
    put(spool, "B0", TenantId("firmb"))

    def wanted(events: list[str], since_ms: int | None = None) -> list[str]:
        of = {row.seq: row.event_id for row in spool.read.after(0)}
        return [of[seq] for seq in requests_to_replay(OWNER, spool=spool.read, events=events, since_ms=since_ms)]

    assert wanted(["A1", "B0", "absent"]) == ["A1"]
    assert wanted([]) == ["A0", "A1", "A2", "A3", "A4"]
    assert wanted([], SENT_AT_MS + 3) == ["A3", "A4"]


@pytest.mark.parametrize("role", Role)
def test_who_may_do_what_with_the_queue(store: Store, spool: Spool, role: Role) -> None:
    me = acting_as(role)
    store.read(read_events, me, after=None, rows_max=1)
    store.read(firm_status, me, spool=spool.read)
    if role in (Role.OWNER, Role.SERVICE):
        requests_to_replay(me, spool=spool.read, events=[], since_ms=None)
        store.write(note_replay, me, requests=0)
        return
    with pytest.raises(NotAllowedError):
        requests_to_replay(me, spool=spool.read, events=[], since_ms=None)
    with pytest.raises(NotAllowedError):
        store.write(note_replay, me, requests=0)
