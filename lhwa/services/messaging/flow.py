"""The firm's events, its queues in numbers, and sending webhook requests through the normalizer again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.gates import WINDOW_GUARD_MS, WINDOW_MS
from lhwa.domain.instants import AHEAD_MS_MAX, rfc3339_ms
from lhwa.services.messaging.predictions import open_breakers
from lhwa.store.spool_rows import SpoolReader
from lhwa.store.tables.events import StoredEvent
from lhwa.store.transaction import Tx

_SOON_MS = 3_600_000


class FirmStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One firm's queues. What lies in the firm's own file is None for somebody who sees it only from outside."""

    tenant: str
    waiting_requests: int
    """Webhook requests in the spool that are not applied yet."""
    messages: int | None = None
    waiting_jobs: int | None = None
    running_jobs: int | None = None
    parked_statuses: int | None = None
    dead_letters: int | None = None
    """Those that wait for a person."""
    audit_entries: int | None = None
    outbox: dict[str, int] | None = None
    """Outgoing messages that are not settled, by state."""
    intakes: dict[str, int] | None = None
    """Clients on their way to a lawyer's decision, by state."""
    matters_to_check: int | None = None
    """Matters that a later name touches."""
    stopped: dict[str, str] | None = None
    """What keeps messages from leaving for now, and until when: an open breaker of a number or of the account."""
    open_windows: int | None = None
    """Threads in which free text may be written now."""
    closing_windows: int | None = None
    """Those of them in which it may not be any more in an hour."""
    template_files_with_errors: int | None = None
    """Files of templates that count for nothing until somebody mends them."""
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
        outbox=tx.outbox.counts(),
        intakes=tx.intakes.counts(),
        matters_to_check=len(tx.matters.flagged()),
        stopped=_stopped(tx),
        open_windows=_windows(tx, until_ms=tx.now_ms + AHEAD_MS_MAX + 1),
        closing_windows=_windows(tx, until_ms=tx.now_ms + 1 - (WINDOW_MS - WINDOW_GUARD_MS - _SOON_MS)),
        template_files_with_errors=len(tx.template_files.faults()),
        oldest_waiting_at=rfc3339_ms(min(waits)) if waits else None,
        last_webhook_at=None if counts.last_received_ms is None else rfc3339_ms(counts.last_received_ms),
    )


def _windows(tx: Tx, *, until_ms: int) -> int:
    """Threads whose window is open, and whose client wrote last before a time."""
    return tx.conversations.written_between(tx.now_ms + 1 - (WINDOW_MS - WINDOW_GUARD_MS), until_ms)


def _stopped(tx: Tx) -> dict[str, str]:
    """Open breakers: what they guard and which errors opened them, and when the next message may try."""
    return {f"{each.subject} ({each.error_class.value})": rfc3339_ms(each.until_ms) for each in open_breakers(tx)}


def requests_to_replay(
    principal: Principal, *, spool: SpoolReader, events: Sequence[str], since_ms: int | None
) -> list[int]:
    """Which of the firm's stored requests a replay would send through again: the named ones, or all since a time."""
    principal.require(Permission.OPERATE_QUEUE)
    if events:
        # One after another, so that no more than one sealed body is in memory.
        found = (spool.by_event(event) for event in events)
        return [row.seq for row in found if row is not None and row.tenant == principal.tenant]
    return spool.seqs_of_tenant(principal.tenant, since_ms=since_ms)


def note_replay(tx: Tx, principal: Principal, *, requests: int) -> None:
    """Record that a person sent requests through again, before it happens."""
    principal.require(Permission.OPERATE_QUEUE)
    actor = operator_actor(principal.operator)
    tx.audit.append(AuditRecord(actor, "events.replayed", f"firm:{tx.tenant}", {"requests": requests}))
