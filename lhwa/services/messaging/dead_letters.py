"""What a person can do with dead letters: look, try again, discard with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.jobs import DeadLetterState, JobKind
from lhwa.domain.phones import mask_ids_in
from lhwa.errors import ConflictError, NotAllowedError, SealError
from lhwa.services.messaging.masking import masked
from lhwa.services.messaging.reasons import checked_reason
from lhwa.services.messaging.views import note_read
from lhwa.store.spool_rows import SpoolReader, SpoolRow
from lhwa.store.tables.dead_letters import DeadLetterRow
from lhwa.store.transaction import Tx


class DeadLetterView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One dead letter as people see it."""

    id: str
    kind: str
    """`poison`: no retry helps unless lhwa learns it; `element`, `job`: failed after the last try."""
    reason: str
    state: str
    tries: int
    created_at: str
    raw_event: str
    position: str
    content: Any = None
    """Only in `show`, and only for roles that may read content."""


def list_dead_letters(
    tx: Tx, principal: Principal, *, include_decided: bool, rows_max: int, request_state: Callable[[str], str | None]
) -> list[DeadLetterView]:
    """Dead letters, oldest first: those that wait for a person, and retried ones whose retry has not run yet.

    Args:
        include_decided: all of them instead.
        request_state: the state of a webhook request in the spool; None when it is not stored any more.
    """
    principal.require(Permission.READ_RECORDS)
    if include_decided:
        shown = tx.dead_letters.in_states(states=tuple(DeadLetterState), rows_max=rows_max)
    else:
        shown = tx.dead_letters.unsettled(
            rows_max=rows_max, request_waits=lambda event: request_state(event) not in (None, "done")
        )
    return [_view(row) for row in shown]


def show_dead_letter(tx: Tx, principal: Principal, letter: str) -> DeadLetterView:
    """One dead letter with what it holds."""
    principal.require(Permission.READ_RECORDS)
    row = _get(tx, letter)
    content = _content(tx, row) if principal.may(Permission.READ_CONTENT) else None
    note_read(tx, principal, "dead_letter.read", f"dead_letter:{letter}", {})
    return _view(row, content=content)


def retry_dead_letter(
    tx: Tx,
    principal: Principal,
    letter: str,
    *,
    spool: SpoolReader,
    requeue: Callable[[int], int],
    dry_run: bool = False,
) -> None:
    """Send a dead letter back to work: its webhook request for poison, a job for anything else.

    A letter that was retried before may be retried again; what was applied meanwhile changes nothing.

    The request goes back into the spool inside this transaction, after the decision and before its commit. So a spool
    that is busy undoes the decision; a crash in between leaves an open letter and one harmless repetition; and a worker
    that takes the request up at once waits for this commit, so that a letter which fails again is opened again and
    never ends as `retried` without anybody having tried. Either order with two commits loses one of the three.

    Args:
        requeue: puts the request with this number back into the spool, durable when it returns; how many it found.
        dry_run: check everything, change nothing.
    Raises: ConflictError when it was discarded, or when its request is no longer stored.
    """
    principal.require(Permission.OPERATE_QUEUE)
    row = _undecided(tx, letter, DeadLetterState.OPEN, DeadLetterState.RETRIED)
    request = _request_of(principal, row, spool) if row.kind == "poison" else None
    if dry_run:
        return
    tx.dead_letters.decide(letter, DeadLetterState.RETRIED, was=row.state)
    tx.audit.append(AuditRecord(operator_actor(principal.operator), "dead_letter.retried", f"dead_letter:{letter}"))
    if request is not None:
        if not requeue(request.seq):
            raise _request_gone()
        return
    kind = JobKind.APPLY_ELEMENT if row.kind == "element" else JobKind.ALERT_STAFF
    tx.jobs.put(kind, tx.dead_letters.content(row), place=f"dead_letter:{letter}", once=True)


def discard_dead_letter(tx: Tx, principal: Principal, letter: str, *, reason: str, dry_run: bool = False) -> None:
    """Decide that a dead letter will never be processed; its sealed bytes stay. A dry run checks and changes nothing.

    Raises: ConflictError when it was decided before; UsageError without a reason.
    """
    principal.require(Permission.OPERATE_QUEUE)
    why = checked_reason(reason)
    _undecided(tx, letter, DeadLetterState.OPEN)
    if dry_run:
        return
    tx.dead_letters.decide(letter, DeadLetterState.DISCARDED)
    data = {"reason": why}
    tx.audit.append(
        AuditRecord(operator_actor(principal.operator), "dead_letter.discarded", f"dead_letter:{letter}", data)
    )


def _undecided(tx: Tx, letter: str, *states: DeadLetterState) -> DeadLetterRow:
    row = _get(tx, letter)
    if row.state not in states:
        raise ConflictError(f"This dead letter is {row.state.value} already.")
    return row


def _request_of(principal: Principal, row: DeadLetterRow, spool: SpoolReader) -> SpoolRow:
    request = spool.by_event(row.raw_event)
    if request is None or request.tenant != principal.tenant:
        raise _request_gone()
    return request


def _request_gone() -> ConflictError:
    return ConflictError(
        "The request it came in is no longer stored, so it cannot be normalised again.",
        hint="Read it with `deadletters show`, then `deadletters discard --reason`.",
    )


def _get(tx: Tx, letter: str) -> DeadLetterRow:
    row = tx.dead_letters.get(letter)
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    return row


def _content(tx: Tx, row: DeadLetterRow) -> Any:
    try:
        clear = tx.dead_letters.content(row)
    except SealError:
        return None
    try:
        return masked(msgspec.json.decode(clear))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return mask_ids_in(clear.decode("utf-8", "replace"))


def _view(row: DeadLetterRow, *, content: Any = None) -> DeadLetterView:
    return DeadLetterView(
        id=row.id,
        kind=row.kind,
        reason=row.reason,
        state=row.state.value,
        tries=row.tries,
        created_at=rfc3339_ms(row.created_at_ms),
        raw_event=row.raw_event,
        position=row.position,
        content=content,
    )
