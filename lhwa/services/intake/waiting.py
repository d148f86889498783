"""What of intakes and trees waits for a person's decision, in the same shape as everything else that does."""

from __future__ import annotations

from lhwa.domain.access import Permission, Principal
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.intake.states import IntakeState
from lhwa.services.messaging.outbox_views import Waiting, masked_contact
from lhwa.store.transaction import Tx

WAITS_FOR_FIRM = (IntakeState.SUBMITTED, IntakeState.UNDER_REVIEW)
ROWS_MAX = 1_000
"""So many are shown; those that wait for the longest time are among them."""


def pending_intakes(tx: Tx, principal: Principal) -> list[Waiting]:
    """Intakes that wait for a lawyer, and clients who wait for a person, oldest first."""
    principal.require(Permission.READ_RECORDS)
    rows = tx.intakes.longest_waiting(states=WAITS_FOR_FIRM, rows_max=ROWS_MAX)
    asked_for_us = tx.intakes.with_person(rows_max=ROWS_MAX)
    rows = sorted({row.id: row for row in (*rows, *asked_for_us)}.values(), key=lambda row: row.changed_at_ms)
    may_read = principal.may(Permission.READ_CONTENT)
    return [
        Waiting(
            id=row.id,
            kind="intake",
            since=rfc3339_ms(row.changed_at_ms),
            by="client",
            about=(masked_contact(tx, row.contact) if may_read else None) or row.contact,
            text=f"{row.tree} {row.version}, {row.state.value}{', wants a person' if row.is_with_person else ''}",
            conversation_id=row.conversation,
        )
        for row in rows
    ]


def pending_trees(tx: Tx, principal: Principal) -> list[Waiting]:
    """Versions of trees that wait for a second person, oldest first."""
    principal.require(Permission.READ_RECORDS)
    return [
        Waiting(
            id=row.id,
            kind="tree",
            since=rfc3339_ms(row.created_at_ms),
            by=row.author,
            about=row.name,
            text=f"{row.name}{', entry' if row.is_entry else ''}: read it with lhwa tree show {row.id}",
        )
        for row in tx.trees.pending()
    ]
