"""What people decided about something, and why, as its audit records say.

Invariant: a reason is shown to those who may read content or the audit log; others see who decided, what and when.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import DamagedEntryError, Entry, operator_of, read_entry
from lhwa.domain.instants import ago, parse_rfc3339, to_ms
from lhwa.store.tables.audit_log import StoredEntry
from lhwa.store.transaction import Tx

_DECISIONS = {
    "outbound.approved": "approved",
    "outbound.declined": "rejected",
    "outbound.cancelled": "cancelled",
    "outbound.retried": "tried again",
    "outbound.resent": "resolved: sent again",
    "outbound.resolved_as_sent": "resolved: it was sent",
}
"""Action of an audit record -> what a person calls it."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One decision of a person."""

    what: str
    at: str
    by: str
    """The operator."""
    reason: str | None = None
    """Absent when none was given, and for roles that may read neither content nor the audit log."""


def decisions_about(tx: Tx, principal: Principal, target: str) -> tuple[Decision, ...]:
    """Every decision about an outgoing message, oldest first.

    Args:
        target: as audit records name it, such as `outbound:01KAN5T9YB6Q2R8W4X7V3M0ZJD`.
    """
    entries = [entry for entry in map(readable, tx.audit.about(target)) if entry and entry.action in _DECISIONS]
    return tuple(
        Decision(
            what=_DECISIONS[entry.action],
            at=entry.ts,
            by=operator_of(entry.actor) or entry.actor,
            reason=shown_reason(principal, entry),
        )
        for entry in entries
    )


def who_did(tx: Tx, target: str, verbs: Mapping[str, str]) -> str | None:
    """Who did one of these last to something, in a few words: `budi approved it 5 minutes ago`; None when nobody did.

    Args:
        target: as audit records name it.
        verbs: action of an audit record -> what a person calls it.
    """
    for row in reversed(tx.audit.about(target)):
        entry = readable(row)
        if entry and entry.action in verbs:
            who, at_ms = operator_of(entry.actor) or "lhwa", to_ms(parse_rfc3339(entry.ts))
            return f"{who} {verbs[entry.action]} {ago(at_ms, now_ms=tx.now_ms)}"
    return None


def last_decision(tx: Tx, target: str, verbs: Mapping[str, str]) -> str:
    """As `who_did`, as a sentence to put behind another one; empty when nobody decided."""
    who = who_did(tx, target, verbs)
    return "" if who is None else f" Last decision: {who}."


def reason_of_hold(tx: Tx, principal: Principal, contact: str, kind: str) -> str | None:
    """Why somebody put what is in force on a contact; None when nobody said, or the role may not see it."""
    for row in reversed(tx.audit.about(f"contact:{contact}")):
        entry = readable(row)
        if entry and entry.action == "contact.held" and entry.data.get("kind") == kind:
            return shown_reason(principal, entry)
    return None


def readable(row: StoredEntry) -> Entry | None:
    """What a record says; None for a damaged one: `lhwa audit verify` tells of it."""
    try:
        return read_entry(row)
    except DamagedEntryError:
        return None


def shown_reason(principal: Principal, entry: Entry) -> str | None:
    """Why somebody did what a record says; None when they did not say, or the role may not see it."""
    if not (principal.may(Permission.READ_CONTENT) or principal.may(Permission.READ_AUDIT)):
        return None
    reason = entry.data.get("reason")
    return reason if isinstance(reason, str) and reason else None
