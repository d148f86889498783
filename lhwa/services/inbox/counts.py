"""What waits for people, in numbers. Cheap enough to count anew with every change: along indexes, nothing opened."""

from __future__ import annotations

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.outbound import OutboundState
from lhwa.services.inbox.alerts import count_alerts
from lhwa.services.inbox.queues import FAILED_MS
from lhwa.store.transaction import Tx


class QueueCounts(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How long each queue is. None stands for what the role may not see."""

    inbox_unread: int
    """Threads with messages that nobody of the firm has seen."""
    review: int
    """Intakes that wait for a lawyer, and clients who wait for a person."""
    approvals: int
    """Whatever waits for a decision; what is in `review` too."""
    scheduled: int
    in_doubt: int
    failed: int
    """Failed or expired within the last week."""
    alerts: int
    critical_alerts: int
    """Those of them that somebody should look at now."""
    audit_entries: int | None = None


def count_queues(tx: Tx, principal: Principal) -> QueueCounts:
    """Every queue's length right now."""
    principal.require(Permission.READ_RECORDS)
    outgoing, review = tx.outbox.counts(), tx.intakes.for_review_count()
    alerts, critical = count_alerts(tx)
    to_approve = outgoing.get(OutboundState.PENDING_APPROVAL.value, 0)
    return QueueCounts(
        inbox_unread=tx.conversations.unread_count(),
        review=review,
        approvals=to_approve + tx.templates.waiting_count() + tx.trees.pending_count() + review,
        scheduled=tx.outbox.scheduled_count(),
        in_doubt=outgoing.get(OutboundState.IN_DOUBT.value, 0),
        failed=tx.outbox.lost_count(since_ms=tx.now_ms - FAILED_MS),
        alerts=alerts,
        critical_alerts=critical,
        audit_entries=tx.audit.frontier().size if principal.may(Permission.READ_AUDIT) else None,
    )
