"""Whole requests that no firm got: only the installer looks at them and decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lhwa.domain.access import NOT_YOURS
from lhwa.domain.ids import RawEventId, TenantId
from lhwa.domain.instants import Instant, to_ms
from lhwa.errors import ConflictError, NotAllowedError, UnavailableError, UsageError
from lhwa.registry.registry import Registry
from lhwa.services.access.callers import Caller
from lhwa.services.access.kept_requests import (
    allow_rerouting,
    discard_kept_request,
    kept_requests,
)
from lhwa.store.spool import Spool, SpoolRequest
from lhwa.store.spool_rows import SpoolRow, mark
from lhwa.testing.builders import open_spool

CallerAs = Callable[[str, str], Caller]
Discard = Callable[..., None]


@pytest.fixture
def spool(tmp_path: Path, now: Instant) -> Iterator[Spool]:
    """Two requests that no firm got, one that cannot be read, and one of a firm."""
    made = open_spool(tmp_path / "spool.db")
    of = {"R1": "unrouted", "R2": "dead", "R3": "unrouted", "R4": "stored"}
    for event, state in of.items():
        tenant = TenantId("firma") if state == "stored" else None
        request = SpoolRequest(
            RawEventId(event), tenant, "main", to_ms(now), event.encode().ljust(20), 7, b"sealed", state, "sample"
        )
        made.put([request]).result()
    yield made
    made.close()


@pytest.fixture
def discard(registry: Registry, me: Caller, spool: Spool, now: Instant) -> Discard:
    def run(event: str, *, by: Caller = me, reason: str = "tombol uji", dry_run: bool = False) -> None:
        discard_kept_request(
            registry,
            by,
            event,
            reason=reason,
            spool=spool.read,
            settle=lambda row: spool.change(mark([row], state="done", reason="discarded")).result(),
            dry_run=dry_run,
            now=now,
        )

    return run


def state_of(spool: Spool, event: str) -> str | None:
    row = spool.read.by_event(event)
    return None if row is None else row.state


def last_entry(registry: Registry) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(list(registry.audit_entries())[-1].entry)
    return entry


def test_they_are_listed_in_the_order_in_which_they_came(
    registry: Registry, me: Caller, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lhwa.services.access.kept_requests.PAGE_ROWS", 1)
    shown = kept_requests(registry, me, spool=spool.read, rows_max=9)
    assert [(each.id, each.state) for each in shown] == [("R1", "unrouted"), ("R2", "dead"), ("R3", "unrouted")]
    assert (shown[0].app, shown[0].reason, shown[0].bytes) == ("main", "sample", 7)
    assert shown[0].received_at.startswith("2026-11-22T01:02:03")
    assert [each.id for each in kept_requests(registry, me, spool=spool.read, rows_max=2)] == ["R1", "R2"]


def test_a_role_in_a_firm_is_not_enough(
    registry: Registry, caller_as: CallerAs, spool: Spool, discard: Discard, now: Instant
) -> None:
    owner = caller_as("firma", "owner")
    size = registry.audit_frontier().n
    with pytest.raises(NotAllowedError):
        kept_requests(registry, owner, spool=spool.read, rows_max=9)
    for dry_run in (False, True):
        with pytest.raises(NotAllowedError):
            discard("R1", by=owner, dry_run=dry_run)
        with pytest.raises(NotAllowedError):
            allow_rerouting(registry, owner, spool=spool.read, dry_run=dry_run, now=now)
    assert state_of(spool, "R1") == "unrouted"
    assert registry.audit_frontier().n == size


def test_a_discarded_request_is_done_and_its_reason_is_on_record(
    registry: Registry, spool: Spool, discard: Discard
) -> None:
    discard("R2", reason=" tombol uji ")
    assert state_of(spool, "R2") == "done"
    entry = last_entry(registry)
    assert (entry["action"], entry["actor"], entry["target"]) == ("request.discarded", "operator:sari", "request:R2")
    assert entry["data"] == {"reason": "tombol uji", "state": "dead"}


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("event", ["R4", "absent"])
def test_what_is_not_aside_is_not_yours(registry: Registry, discard: Discard, event: str, *, dry_run: bool) -> None:
    size = registry.audit_frontier().n
    with pytest.raises(NotAllowedError) as refused:
        discard(event, dry_run=dry_run)
    assert refused.value.message == NOT_YOURS
    assert registry.audit_frontier().n == size


@pytest.mark.parametrize(
    "reason",
    ["", " ", "x" * 301, "x" * 70_000, "baris\nkedua", "\x1b[2J", "lone \ud800"],
    ids=lambda reason: ascii(reason[:20]) + str(len(reason)),
)
def test_a_reason_is_one_printable_line(registry: Registry, spool: Spool, discard: Discard, reason: str) -> None:
    size = registry.audit_frontier().n
    with pytest.raises(UsageError) as refused:
        discard("R1", reason=reason)
    assert "--reason" in refused.value.hint
    assert (state_of(spool, "R1"), registry.audit_frontier().n) == ("unrouted", size)


def test_a_dry_run_changes_nothing(registry: Registry, spool: Spool, discard: Discard) -> None:
    size = registry.audit_frontier().n
    discard("R1", dry_run=True)
    assert (state_of(spool, "R1"), registry.audit_frontier().n) == ("unrouted", size)


def test_one_that_found_its_firm_in_between_is_a_conflict(
    registry: Registry, me: Caller, spool: Spool, now: Instant
) -> None:
    def meanwhile(_row: SpoolRow) -> int:
        return 0

    with pytest.raises(ConflictError):
        discard_kept_request(
            registry, me, "R1", reason="uji", spool=spool.read, settle=meanwhile, dry_run=False, now=now
        )


def test_the_decision_is_on_record_before_the_spool_is_asked(
    registry: Registry, me: Caller, spool: Spool, now: Instant
) -> None:
    def busy(_row: SpoolRow) -> int:
        raise UnavailableError("busy")

    with pytest.raises(UnavailableError):
        discard_kept_request(registry, me, "R1", reason="uji", spool=spool.read, settle=busy, dry_run=False, now=now)
    assert last_entry(registry)["action"] == "request.discarded"
    assert state_of(spool, "R1") == "unrouted"


def test_rerouting_is_on_record_with_how_many_wait(registry: Registry, me: Caller, spool: Spool, now: Instant) -> None:
    size = registry.audit_frontier().n
    allow_rerouting(registry, me, spool=spool.read, dry_run=True, now=now)
    assert registry.audit_frontier().n == size
    allow_rerouting(registry, me, spool=spool.read, dry_run=False, now=now)
    entry = last_entry(registry)
    assert (entry["action"], entry["data"]) == ("requests.rerouted", {"requests": 2})
