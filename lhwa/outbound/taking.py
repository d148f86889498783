"""What leaves next: due messages whose gates, allowances and breakers agree, each marked before its request is made.

Invariants: a message is `sending`, with an audit record, before anything of it leaves the machine; a message that was
`sending` when its sender died is in doubt and is never posted again by itself; one message of a thread at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from lhwa.domain.audit import OUTBOUND, AuditRecord
from lhwa.domain.events import EventType
from lhwa.domain.gates import Rule, refusal, verdicts, wait_until_ms
from lhwa.domain.outbound import FAREWELL, Document, OutboundMessage, OutboundState, Recipient
from lhwa.domain.pacing import DOUBT_HOLDS_MS
from lhwa.domain.send_policy import SendPolicy
from lhwa.errors import ConflictError, SealError
from lhwa.outbound.allowances import Sluices
from lhwa.store.announce import emit_outbound
from lhwa.store.gate_facts import facts_of, findings_in
from lhwa.store.tables.outbox import Letter, OutboundRow
from lhwa.store.transaction import Tx

TAKEN_MAX = 16
"""Requests of one firm that are under way at the same time."""
LOOKED_AT_MAX = 256


@dataclass(frozen=True, slots=True)
class Posting:
    """A message that is marked as under way."""

    row: OutboundRow
    message: OutboundMessage


def take(tx: Tx, policy: SendPolicy, *, per_s: int) -> list[Posting]:
    """Choose what leaves now, and mark it.

    Args:
        per_s: messages a second that Meta takes from one of the firm's numbers.
    """
    taken: list[Posting] = []
    sluices = Sluices(tx, per_s=per_s)
    # Left out beforehand: what waits for one number must not hide what may leave from another.
    shut = [number for number in policy.numbers if sluices.number_opens_at_ms(number) > tx.now_ms]
    doubt_since_ms = tx.now_ms - DOUBT_HOLDS_MS
    for row in tx.outbox.due(doubt_since_ms=doubt_since_ms, rows_max=LOOKED_AT_MAX, shut_numbers=shut):
        if len(taken) >= TAKEN_MAX:
            break
        # The gates are asked last, in the very transaction that marks it.
        letter = _passed_letter(tx, row, policy) if sluices.opens_at_ms(row) <= tx.now_ms else None
        if letter is not None:
            sluices.take(row)
            taken.append(_marked(tx, row, letter))
    return taken


def doubt_lost(tx: Tx, sluices: Sluices) -> None:
    """What was under way when its sender died: nobody knows what became of it."""
    # Whatever the clock says: it may have been set back since.
    for row in tx.outbox.in_state(OutboundState.SENDING):
        # Nobody hears the answer to a probe of a dead sender, and nothing else leaves while one is awaited.
        sluices.end_probe(row)
        if row.posted_at_ms is None:
            _put_back(tx, row)
        else:
            doubt(tx, row, why="sender_died")


def leaves_now(tx: Tx, message: str, *, attempt: int) -> None:
    """A document is uploaded, and its message is about to be posted: from here on a crash leaves it in doubt.

    Raises: ConflictError when it is not under way any more.
    """
    row = tx.outbox.get(message)
    if row is None or row.state is not OutboundState.SENDING or row.attempts != attempt:
        raise ConflictError("This message is not under way any more.")
    tx.outbox.move(row, row.state, posted_at=tx.now_ms)
    tx.audit.append(AuditRecord(OUTBOUND, "outbound.uploaded", f"outbound:{row.id}", {"attempt": attempt}))


def stopped(tx: Tx, message: str, *, attempt: int, has_left: bool, per_s: int) -> None:
    """The sender was stopped: what has not left leaves later, nobody is to blame, and what has left is in doubt."""
    row = tx.outbox.get(message)
    if row is None or row.state is not OutboundState.SENDING or row.attempts != attempt:
        return
    Sluices(tx, per_s=per_s).end_probe(row)
    if has_left:
        doubt(tx, row, why="stopped")
    else:
        _put_back(tx, row)


def doubt(tx: Tx, row: OutboundRow, *, why: str) -> None:
    """Put a message in doubt: its request left, or may have, and no answer came."""
    tx.outbox.move(row, OutboundState.IN_DOUBT)
    emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=OutboundState.IN_DOUBT)
    tx.audit.append(AuditRecord(OUTBOUND, "outbound.in_doubt", f"outbound:{row.id}", {"why": why}))


def _put_back(tx: Tx, row: OutboundRow) -> None:
    tx.outbox.move(row, OutboundState.QUEUED, next_attempt_at=tx.now_ms)
    data = {"why": "stopped", "attempt": row.attempts}
    tx.audit.append(AuditRecord(OUTBOUND, "outbound.postponed", f"outbound:{row.id}", data))


def _passed_letter(tx: Tx, row: OutboundRow, policy: SendPolicy) -> Letter | None:
    """The letter, if every gate lets it leave now; else the message is stopped, or waits."""
    try:
        letter = tx.outbox.letter(row)
    except SealError:
        _stop(tx, row, Rule.RECIPIENT)
        return None
    facts = facts_of(
        tx,
        contact=row.contact,
        thread=tx.conversations.get(row.conversation),
        recipient=letter.recipient,
        content=letter.content,
        findings=findings_in(tx, letter.content),
        expires_ms=row.expires_at_ms,
        policy=policy,
        role=None,
    )
    if row.author_kind == "automatic_text" and row.author == FAREWELL:
        facts = msgspec.structs.replace(facts, restrictions=facts.restrictions - {"opt_out"})
    found = verdicts(facts)
    shut = refusal(found)
    if shut is not None:
        _stop(tx, row, shut.rule)
        return None
    waits_ms = wait_until_ms(found)
    if waits_ms is not None and waits_ms > tx.now_ms:
        # Its place in the thread moves with it: an answer that is written meanwhile need not wait for the morning.
        tx.outbox.move(row, row.state, next_attempt_at=waits_ms, send_at=waits_ms)
        data = {"until_ms": waits_ms}
        tx.audit.append(AuditRecord(OUTBOUND, "outbound.postponed", f"outbound:{row.id}", data))
        return None
    return letter


def _stop(tx: Tx, row: OutboundRow, rule: Rule) -> None:
    state = OutboundState.EXPIRED if rule is Rule.EXPIRED else OutboundState.FAILED
    tx.outbox.move(row, state, rule=rule.value)
    emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=state, rule=rule.value)
    data = {"rule": rule.value}
    tx.audit.append(AuditRecord(OUTBOUND, "outbound.stopped", f"outbound:{row.id}", data))


def _marked(tx: Tx, row: OutboundRow, letter: Letter) -> Posting:
    # Of a document nothing leaves before it is uploaded: see `leaves_now`.
    posted_ms = None if isinstance(letter.content, Document) else tx.now_ms
    tx.outbox.move(row, OutboundState.SENDING, attempts=row.attempts + 1, posted_at=posted_ms)
    data = {"attempt": row.attempts + 1}
    tx.audit.append(AuditRecord(OUTBOUND, "outbound.posting", f"outbound:{row.id}", data))
    marked = tx.outbox.get(row.id) or row
    return Posting(
        marked,
        OutboundMessage(
            id=row.id,
            phone_number_id=row.phone_number_id,
            recipient=Recipient(phone=letter.recipient.phone, bsuid=letter.recipient.bsuid),
            content=letter.content,
            reply_to_wamid=letter.reply_to_wamid,
        ),
    )
