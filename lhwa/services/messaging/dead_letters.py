"""What a person can do with dead letters: look, try again, discard with a reason."""

from __future__ import annotations

from typing import Any

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.jobs import DeadLetterState, JobKind
from lhwa.domain.phones import is_wa_id, mask_e164, mask_numbers_in
from lhwa.domain.text import safe_text
from lhwa.errors import ConflictError, NotAllowedError, SealError, UsageError
from lhwa.services.messaging.views import note_read
from lhwa.store.tables.dead_letters import DeadLetterRow
from lhwa.store.transaction import Tx

REASON_CHARS_MAX = 300


_NUMBER_KEYS = frozenset(
    {"from", "to", "wa_id", "new_wa_id", "customer", "recipient_id", "display_phone_number", "phone_number"}
)


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


def list_dead_letters(tx: Tx, principal: Principal, *, include_decided: bool, rows_max: int) -> list[DeadLetterView]:
    """Dead letters, oldest first; those that wait for a person unless all are wanted."""
    principal.require(Permission.READ_RECORDS)
    states = tuple(DeadLetterState) if include_decided else (DeadLetterState.OPEN,)
    return [_view(row) for row in tx.dead_letters.in_states(states=states, rows_max=rows_max)]


def show_dead_letter(tx: Tx, principal: Principal, letter: str) -> DeadLetterView:
    """One dead letter with what it holds."""
    principal.require(Permission.READ_RECORDS)
    row = _get(tx, letter)
    content = _content(tx, row) if principal.may(Permission.READ_CONTENT) else None
    note_read(tx, principal, "dead_letter.read", f"dead_letter:{letter}", {})
    return _view(row, content=content)


def retry_dead_letter(tx: Tx, principal: Principal, letter: str) -> str | None:
    """Send a dead letter back to work.

    Returns: the id of the webhook request that must be normalised again, for poison; None when a job was put.
    Raises: ConflictError when somebody has decided already.
    """
    principal.require(Permission.OPERATE_QUEUE)
    row = _get(tx, letter)
    if not tx.dead_letters.decide(letter, DeadLetterState.RETRIED):
        raise ConflictError(f"This dead letter is {row.state.value} already.")
    tx.audit.append(AuditRecord(operator_actor(principal.operator), "dead_letter.retried", f"dead_letter:{letter}"))
    if row.kind == "poison":
        return row.raw_event
    kind = JobKind.APPLY_ELEMENT if row.kind == "element" else JobKind.ALERT_STAFF
    tx.jobs.put(kind, tx.dead_letters.content(row), place=f"dead_letter:{letter}", once=True)
    return None


def discard_dead_letter(tx: Tx, principal: Principal, letter: str, *, reason: str) -> None:
    """Decide that a dead letter will never be processed; its sealed bytes stay."""
    principal.require(Permission.OPERATE_QUEUE)
    why = reason.strip()
    if not why or len(why) > REASON_CHARS_MAX or safe_text(why, newlines=False) != why:
        raise UsageError(
            f"A decision needs a reason: one line of 1 to {REASON_CHARS_MAX} printable characters.",
            hint="Give --reason TEXT; it goes into the audit log.",
        )
    row = _get(tx, letter)
    if not tx.dead_letters.decide(letter, DeadLetterState.DISCARDED):
        raise ConflictError(f"This dead letter is {row.state.value} already.")
    data = {"reason": why}
    tx.audit.append(
        AuditRecord(operator_actor(principal.operator), "dead_letter.discarded", f"dead_letter:{letter}", data)
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
        return _masked(msgspec.json.decode(clear))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return mask_numbers_in(clear.decode("utf-8", "replace"))


def _masked(value: Any, *, key: str = "") -> Any:
    """The same JSON with the telephone numbers that the envelope carries masked; what the client wrote stays."""
    if isinstance(value, dict):
        return {name: _masked(item, key=name) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, key=key) for item in value]
    is_number = key in _NUMBER_KEYS and isinstance(value, (str, int)) and is_wa_id(str(value))
    return mask_e164(str(value)) if is_number else value


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
