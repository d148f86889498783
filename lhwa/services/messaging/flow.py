"""The firm's events, its queues in numbers, and sending webhook requests through the normalizer again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.instants import rfc3339_ms
from lhwa.store.spool_rows import SpoolReader, SpoolRow
from lhwa.store.tables.events import StoredEvent
from lhwa.store.transaction import Tx

REPLAY_PAGE = 1_000


class FirmStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One firm's queues."""

    tenant: str
    messages: int
    waiting_requests: int
    """Webhook requests in the spool that are not applied yet."""
    waiting_jobs: int
    running_jobs: int
    parked_statuses: int
    dead_letters: int
    """Those that wait for a person."""
    audit_entries: int
    oldest_waiting_at: str | None = None
    last_webhook_at: str | None = None


def read_events(tx: Tx, principal: Principal, *, after: int | None, rows_max: int) -> list[StoredEvent]:
    """Events after a place in the firm's order, or the newest; oldest first either way."""
    principal.require(Permission.READ_RECORDS)
    return tx.events.last(rows_max=rows_max) if after is None else tx.events.after(after, rows_max=rows_max)


def firm_status(tx: Tx, principal: Principal, *, spool: SpoolReader) -> FirmStatus:
    """The firm's numbers right now."""
    principal.require(Permission.READ_RECORDS)
    counts, jobs = spool.counts(principal.tenant), tx.jobs.counts()
    waits = [at for at in (counts.oldest_stored_ms, jobs.oldest_due_ms) if at is not None]
    return FirmStatus(
        tenant=tx.tenant,
        messages=tx.messages.count(),
        waiting_requests=counts.by_state.get("stored", 0),
        waiting_jobs=jobs.waiting,
        running_jobs=jobs.running,
        parked_statuses=tx.statuses.parked(),
        dead_letters=tx.dead_letters.open_count(),
        audit_entries=tx.audit.frontier().size,
        oldest_waiting_at=rfc3339_ms(min(waits)) if waits else None,
        last_webhook_at=None if counts.last_received_ms is None else rfc3339_ms(counts.last_received_ms),
    )


def requests_to_replay(
    principal: Principal, *, spool: SpoolReader, events: Sequence[str], since_ms: int | None
) -> list[SpoolRow]:
    """The firm's stored requests that a replay would send through again: the named ones, or all since a time."""
    principal.require(Permission.OPERATE_QUEUE)
    if events:
        found = [spool.by_event(event) for event in events]
        return [row for row in found if row is not None and row.tenant == principal.tenant]
    rows: list[SpoolRow] = []
    page = spool.of_tenant(principal.tenant, rows_max=REPLAY_PAGE)
    while page:
        rows += [row for row in page if since_ms is None or row.received_at_ms >= since_ms]
        page = spool.of_tenant(principal.tenant, after_seq=page[-1].seq, rows_max=REPLAY_PAGE)
    return rows


def note_replay(tx: Tx, principal: Principal, *, requests: int) -> None:
    """Record that a person sent requests through again, before it happens."""
    principal.require(Permission.OPERATE_QUEUE)
    actor = operator_actor(principal.operator)
    tx.audit.append(AuditRecord(actor, "events.replayed", f"firm:{tx.tenant}", {"requests": requests}))
