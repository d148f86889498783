"""The queues at a desk: what waits for a decision or a lawyer, what leaves later, and what did not arrive.

Reading them leaves no record, so that a screen can be drawn anew with every change; that somebody opened one is
recorded once, by `open_queue`.
"""

from __future__ import annotations

from enum import StrEnum

from lhwa.domain.access import Permission, Principal
from lhwa.domain.outbound import OutboundState
from lhwa.errors import InvariantError
from lhwa.services.intake.conflicts import intake_of
from lhwa.services.intake.views import IntakeDetail, IntakeView, intake_detail, review_queue
from lhwa.services.intake.waiting import pending_intakes, pending_trees
from lhwa.services.messaging.outbox_views import OutboundView, Waiting, outbound_view, pending
from lhwa.services.messaging.predictions import open_breakers
from lhwa.services.messaging.template_views import pending_submissions
from lhwa.services.messaging.views import note_read
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.transaction import Tx

FAILED_MS = 7 * 86_400_000
"""So long a message that did not arrive asks for a person; older ones are in `lhwa outbox list`."""


class Queue(StrEnum):
    """What somebody can have open."""

    REVIEW = "review"
    """Intakes that wait for a lawyer, and clients who wait for a person."""
    APPROVALS = "approvals"
    """Whatever waits for a person's decision."""
    SCHEDULED = "scheduled"
    """Messages that are meant for a later time."""
    IN_DOUBT = "in_doubt"
    """Messages of which nobody knows whether they arrived."""
    FAILED = "failed"
    """Messages that will not arrive: refused, or too late."""
    ALERTS = "alerts"
    """What somebody should know or do besides."""


def open_queue(tx: Tx, principal: Principal, queue: Queue) -> None:
    """Record that somebody looks at a queue, once for each time that it is opened."""
    principal.require(Permission.READ_RECORDS)
    note_read(tx, principal, "queue.read", f"firm:{tx.tenant}", {"queue": queue.value})


def list_approvals(tx: Tx, principal: Principal) -> list[Waiting]:
    """Everything that waits for a person's decision, oldest first."""
    kinds = (pending, pending_submissions, pending_trees, pending_intakes)
    return sorted((each for kind in kinds for each in kind(tx, principal)), key=lambda each: each.since)


def read_outbox(tx: Tx, principal: Principal, *, group: Queue, rows_max: int) -> list[OutboundView]:
    """Outgoing messages of one queue: the next to leave first, the oldest doubt first, the newest failure first.

    Args:
        group: SCHEDULED, IN_DOUBT or FAILED.
    """
    principal.require(Permission.READ_RECORDS)
    breakers = open_breakers(tx)
    return [outbound_view(tx, principal, row, breakers) for row in _rows(tx, group, rows_max=rows_max)]


def read_review(tx: Tx, principal: Principal, *, rows_max: int) -> list[IntakeView]:
    """Intakes that wait for a lawyer, and clients who wait for a person: the most urgent first, then the oldest."""
    return review_queue(tx, principal, rows_max=rows_max)


def look_at_intake(tx: Tx, principal: Principal, intake: str) -> IntakeDetail:
    """An intake that somebody has open, as it is now; that they opened it is on record (`show_intake`)."""
    principal.require(Permission.READ_RECORDS)
    return intake_detail(tx, principal, intake_of(tx, intake))


def _rows(tx: Tx, group: Queue, *, rows_max: int) -> list[OutboundRow]:
    match group:
        case Queue.SCHEDULED:
            return tx.outbox.scheduled(rows_max=rows_max)
        case Queue.IN_DOUBT:
            return tx.outbox.in_state(OutboundState.IN_DOUBT, rows_max=rows_max)
        case Queue.FAILED:
            return tx.outbox.lost(since_ms=tx.now_ms - FAILED_MS, rows_max=rows_max)
    raise InvariantError(f"{group.value} is no queue of outgoing messages.")
