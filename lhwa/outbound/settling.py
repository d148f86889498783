"""What became of a request: accepted, refused for certain, or in doubt. Each is one transaction.

Invariants: a status that came before the answer is not undone by it; only what Meta certainly did not take goes back to
the queue by itself, and only as often as its error allows.
"""

from __future__ import annotations

from lhwa.domain.audit import OUTBOUND, AuditRecord
from lhwa.domain.events import EventType
from lhwa.domain.jobs import RetryPolicy
from lhwa.domain.outbound import OutboundState, state_of_statuses, state_once_told
from lhwa.domain.send_errors import SendVerdict
from lhwa.outbound.allowances import Sluices
from lhwa.outbound.taking import doubt
from lhwa.ports.channel import Receipt, SendError
from lhwa.store.announce import emit_outbound
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.tables.outbox import Receipt as StoredReceipt
from lhwa.store.transaction import Tx

RETRIES = RetryPolicy(tries_max=5, first_delay_s=2.0, factor=4.0, delay_max_s=900.0)
"""Where the table of errors says nothing else."""


def accepted(tx: Tx, message: str, receipt: Receipt, *, per_s: int) -> None:
    """Meta took a message and named it. Statuses that came before are counted in.

    Also late, after a person asked for another try: one that has not left yet need not leave then.
    """
    row = tx.outbox.get(message)
    if row is None:
        return
    dedup = tx.messages.dedup_of(row.phone_number_id, receipt.wamid)
    known = tx.outbox.by_dedup(dedup)
    if known is not None and known.id != row.id:
        # Meta names each message once: whatever answered here, it says nothing certain about this one.
        if row.state is OutboundState.SENDING:
            doubt(tx, row, why="named_as_another")
        return
    told = state_of_statuses(fact.status for fact in tx.statuses.of_message(dedup)) or OutboundState.ACCEPTED
    is_named, is_another = row.message_dedup == dedup, row.message_dedup not in (None, dedup)
    state = state_once_told(row.state, told, is_named=is_named, is_another=is_another)
    facts: dict[str, object] = {}
    if state is not None or not is_another:
        sealed = tx.outbox.sealed_receipt(row, StoredReceipt(wamid=receipt.wamid, wa_id=receipt.wa_id))
        facts |= {"message_dedup": dedup, "receipt": sealed}
    if state is not None and told is not OutboundState.FAILED:
        facts |= {"rule": "", "error_code": None}
    tx.outbox.move(row, state or row.state, **facts)
    Sluices(tx, per_s=per_s).succeeded(row)
    if state is not None:
        emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=state)
    data = {"state": (state or row.state).value, "attempt": row.attempts}
    tx.audit.append(AuditRecord(OUTBOUND, "outbound.accepted", f"outbound:{row.id}", data))


def refused(tx: Tx, message: str, error: SendError, *, attempt: int, per_s: int, jitter: float) -> None:
    """Meta certainly did not take it: it is tried again where its error allows that, else a person has to look.

    Args:
        attempt: which one was refused. The answer to an earlier one says nothing about the one that is under way.
    """
    row = tx.outbox.get(message)
    if row is None or row.state is not OutboundState.SENDING or row.attempts != attempt:
        return  # a status says otherwise, or a person decided
    verdict, code = error.verdict, error.vendor_code
    Sluices(tx, per_s=per_s).failed(row, verdict, jitter=jitter)
    data = {"class": verdict.error_class.value, "attempt": row.attempts} | ({"code": code} if code else {})
    if verdict.stops_account:
        # It waits with the others, in its place, for a token that works; what was wrong with this one is not its fault.
        tx.outbox.move(row, OutboundState.QUEUED, attempts=row.attempts - 1, error_code=code)
        tx.audit.append(AuditRecord(OUTBOUND, "outbound.postponed", f"outbound:{row.id}", data))
        return
    again_ms = _again_ms(tx, row, error, jitter=jitter)
    if again_ms is not None:
        tx.outbox.move(row, OutboundState.QUEUED, next_attempt_at=again_ms, error_code=code)
        tx.audit.append(AuditRecord(OUTBOUND, "outbound.postponed", f"outbound:{row.id}", data))
        return
    rule = f"error_{verdict.error_class.value}"
    tx.outbox.move(row, OutboundState.FAILED, rule=rule, error_code=code)
    emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=OutboundState.FAILED, rule=rule, code=code)
    tx.audit.append(AuditRecord(OUTBOUND, "outbound.failed", f"outbound:{row.id}", data))


def unanswered(tx: Tx, message: str, *, attempt: int) -> None:
    """The request left, and nobody knows what became of it."""
    row = tx.outbox.get(message)
    if row is not None and row.state is OutboundState.SENDING and row.attempts == attempt:
        doubt(tx, row, why="no_answer")


def _again_ms(tx: Tx, row: OutboundRow, error: SendError, *, jitter: float) -> int | None:
    """When to try again; None when not at all."""
    verdict: SendVerdict = error.verdict
    tries_max = RETRIES.tries_max if verdict.tries_max is None else verdict.tries_max
    if not error.retryable or row.attempts >= tries_max:
        return None
    wanted_s = verdict.wait_s(row.attempts)
    delay_s = RETRIES.delay_s(row.attempts, jitter=jitter) if wanted_s is None else wanted_s
    again_ms = tx.now_ms + int(max(delay_s, error.retry_after_s or 0.0) * 1000)
    return again_ms if again_ms < row.expires_at_ms else None
