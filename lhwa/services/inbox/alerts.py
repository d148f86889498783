"""What somebody of the firm should know or do: read together from what the records hold, and acknowledged by a person.

Invariants: an alert names no client to those who may not read content; only what happened can be acknowledged, what
still is so ends with its cause.
"""

from __future__ import annotations

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.errors import ConflictError, LhwaError, NotAllowedError
from lhwa.services.inbox.alert import MOST_URGENT_FIRST, Alert, Severity
from lhwa.services.inbox.alert_events import event_alerts, open_events
from lhwa.services.inbox.alert_states import count_states, state_alerts
from lhwa.services.messaging.meant import alert_meant
from lhwa.services.messaging.reasons import checked_reason
from lhwa.store.transaction import Tx

COUNTED_MAX = 1_000
"""Of Meta's events no more than so many of each severity are looked at to count them."""


def list_alerts(tx: Tx, principal: Principal, *, everything: bool, rows_max: int) -> list[Alert]:
    """Alerts that ask for a person, the most urgent first, of these the newest.

    Args:
        everything: behind them those that did, and good news from Meta.
    """
    principal.require(Permission.READ_RECORDS)
    found = event_alerts(tx, principal, everything=everything, rows_max=rows_max)
    found += state_alerts(tx, principal, rows_max=rows_max)
    found.sort(key=lambda each: (each.ended, MOST_URGENT_FIRST.index(each.severity), -each.at_ms))
    return found[:rows_max]


def count_alerts(tx: Tx) -> tuple[int, int]:
    """How many alerts ask for a person, and how many of them are critical; nothing is opened for it."""
    events = open_events(tx, rows_max=COUNTED_MAX)
    states, critical = count_states(tx)
    is_critical = sum(row.severity == Severity.CRITICAL.value for row in events)
    return len(events) + states, is_critical + critical


def acknowledge_alert(tx: Tx, principal: Principal, alert: str, *, reason: str) -> str:
    """Note that somebody took notice of what happened. Returns the alert's id.

    Args:
        alert: its id, or the beginning of an event's.
    Raises: ConflictError when somebody did before, and for what still is so: its hint says what ends it.
    """
    principal.require(Permission.APPROVE_OUTBOUND)
    why, meant = checked_reason(reason), alert_meant(tx, alert)
    row = tx.platform_events.get(meant)
    if row is None or row.severity == Severity.INFO.value:
        raise _refusal(tx, principal, alert)
    tx.acknowledged_alerts.add(meant, by=principal.operator)
    actor, data = operator_actor(principal.operator), {"reason": why}
    tx.audit.append(AuditRecord(actor, "alert.acknowledged", f"platform_event:{meant}", data))
    return meant


def _refusal(tx: Tx, principal: Principal, alert: str) -> LhwaError:
    """Why something cannot be acknowledged that is no event."""
    for each in state_alerts(tx, principal, rows_max=COUNTED_MAX):
        if each.id == alert:
            return ConflictError("This still is so: it ends with its cause.", hint=each.hint)
    return NotAllowedError(NOT_YOURS)
