"""What stops when Meta counts a template as marketing: queued messages to people who did not agree to marketing."""

from __future__ import annotations

from datetime import UTC

from lhwa.domain.audit import AuditRecord
from lhwa.domain.events import EventType, PlatformFact
from lhwa.domain.gates import MARKETING, Rule, marketing_gate
from lhwa.domain.outbound import FilledTemplate, OutboundState, Recipient
from lhwa.domain.send_policy import SendPolicy
from lhwa.store.announce import emit, emit_outbound
from lhwa.store.gate_facts import facts_of
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.tables.templates import TemplateRow
from lhwa.store.transaction import Tx

_ANY_POLICY = SendPolicy(zone=UTC)
"""The marketing gate asks nothing of it."""


def stop_marketing(tx: Tx, template: TemplateRow, *, actor: str, at_ms: int, raw_event: str, template_id: str) -> int:
    """Stop what may no longer leave, and tell the firm. Returns how many messages stopped.

    Does nothing for a template that is no marketing. The gate that refuses new messages decides here too.

    Args:
        template: as it is now.
        template_id: Meta's id as it may lie in clear.
    """
    if template.category != MARKETING:
        return 0
    stopped = [row for row in tx.outbox.in_state(OutboundState.QUEUED) if _is_of(row, template) and _is_shut(tx, row)]
    for row in stopped:
        tx.outbox.move(row, OutboundState.FAILED, rule=Rule.MARKETING.value)
        emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=OutboundState.FAILED, rule=Rule.MARKETING.value)
        data = {"rule": Rule.MARKETING.value} | ({"raw_event": raw_event} if raw_event else {})
        tx.audit.append(AuditRecord(actor, "outbound.stopped", f"outbound:{row.id}", data))
    emit(
        tx,
        EventType.ACCOUNT_ALERT,
        f"template:{template.name}/{template.language}",
        PlatformFact(field="template_category_update", event=MARKETING, severity="warning", template_id=template_id),
        at_ms=at_ms,
        identity=f"marketing/{at_ms}/{tx.now_ms}",
        raw_event=raw_event,
    )
    return len(stopped)


def _is_of(row: OutboundRow, template: TemplateRow) -> bool:
    return (row.template, row.language) == (template.name, template.language)


def _is_shut(tx: Tx, row: OutboundRow) -> bool:
    facts = facts_of(
        tx,
        contact=row.contact,
        thread=None,
        recipient=Recipient(),
        content=FilledTemplate(name=row.template or "", language=row.language or ""),
        findings=(),
        expires_ms=row.expires_at_ms,
        policy=_ANY_POLICY,
        role=None,
    )
    return not marketing_gate(facts).passes
