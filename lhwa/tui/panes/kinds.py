"""The queues beside the inbox, as one table: intake review, approvals, outbox, alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lhwa.services.inbox.alert import Alert
from lhwa.services.inbox.alerts import list_alerts
from lhwa.services.inbox.queues import Queue, list_approvals, look_at_intake, read_outbox, read_review
from lhwa.services.intake.views import IntakeDetail, IntakeView, show_intake
from lhwa.services.messaging.outbox_views import OutboundDetail, OutboundView, Waiting, outbound_detail, show_outbound
from lhwa.tui.acts import EVENT, Subject
from lhwa.tui.desk import Desk
from lhwa.tui.lines import one_line
from lhwa.tui.paint.details import alert_lines, outbound_lines, review_lines, waiting_lines
from lhwa.tui.paint.rows import alert_rows, intake_rows, outbound_rows, waiting_rows
from lhwa.tui.panes.queue import ROWS_MAX, QueueKind

NOT_COMPARED = ("unchecked", "outdated")
"""What is said of the names of an intake before anybody can decide about them."""
OUTBOX_QUEUES = (Queue.IN_DOUBT, Queue.FAILED, Queue.SCHEDULED)
"""What needs a person first."""


def _review(desk: Desk) -> Sequence[IntakeView]:
    return desk.read(read_review, rows_max=ROWS_MAX)


def _approvals(desk: Desk) -> Sequence[Waiting]:
    return desk.read(list_approvals)


def _outbox(desk: Desk) -> Sequence[OutboundView]:
    return [each for queue in OUTBOX_QUEUES for each in desk.read(read_outbox, group=queue, rows_max=ROWS_MAX)]


def _alerts(desk: Desk) -> Sequence[Alert]:
    return desk.read(list_alerts, everything=False, rows_max=ROWS_MAX)


def _intake_of(desk: Desk, item: IntakeView, *, again: bool) -> IntakeDetail:
    return desk.read(look_at_intake, item.id) if again else desk.note(show_intake, item.id)


def _waiting_of(desk: Desk, item: Waiting, *, again: bool) -> IntakeDetail | OutboundDetail | None:
    if item.kind == "intake":
        return desk.read(look_at_intake, item.id) if again else desk.note(show_intake, item.id)
    return _outbound_called(desk, item.id, again=again) if item.kind == "outbound" else None


def _outbound_of(desk: Desk, item: OutboundView, *, again: bool) -> OutboundDetail:
    return _outbound_called(desk, item.id, again=again)


def _outbound_called(desk: Desk, name: str, *, again: bool) -> OutboundDetail:
    return desk.read(outbound_detail, name) if again else desk.note(show_outbound, name)


def _review_subject(item: IntakeView, brought: IntakeDetail | None) -> Subject:
    return Subject(
        kind="intake",
        id=item.id,
        contact=item.contact_id,
        intake=item.id,
        state=item.state,
        with_person=item.with_person,
        seen=None if brought is None else brought.as_of_act,
        is_compared=item.conflicts not in NOT_COMPARED,
        name=one_line(item.contact) or item.id[:10],
    )


def _waiting_subject(item: Waiting, brought: Any) -> Subject:
    is_intake = item.kind == "intake"
    return Subject(
        kind="waiting",
        id=item.id,
        what=item.kind,
        intake=item.id if is_intake else "",
        outbound=item.id if item.kind == "outbound" else "",
        state="pending_approval" if item.kind == "outbound" else "",
        seen=brought.as_of_act if isinstance(brought, IntakeDetail) else None,
        is_compared=not isinstance(brought, IntakeDetail) or brought.intake.conflicts not in NOT_COMPARED,
        with_person=isinstance(brought, IntakeDetail) and brought.intake.with_person,
        name=f"{one_line(item.kind)} {one_line(item.about, chars_max=40)}",
    )


def _outbound_subject(item: OutboundView, _brought: Any) -> Subject:
    return Subject(
        kind="outbound",
        id=item.id,
        thread=item.conversation_id,
        outbound=item.id,
        state=item.state,
        name=one_line(item.contact) or item.id[:10],
    )


def _alert_subject(item: Alert, _brought: None) -> Subject:
    state = EVENT if item.may_acknowledge else ""
    return Subject(kind="alert", id=item.id, state=state, name=one_line(item.title, chars_max=60))


def _thread_of_alert(item: Alert) -> str:
    kind, _, name = (item.target or "").partition(":")
    return name if kind == "conversation" else ""


KINDS: tuple[QueueKind, ...] = (
    QueueKind(
        name="review",
        queues=(Queue.REVIEW,),
        read=_review,
        key=lambda each: str(each.id),
        paint=intake_rows,
        detail=review_lines,
        subject=_review_subject,
        empty=lambda eyes: eyes.labels.no_review,
        read_detail=_intake_of,
        thread=lambda each: str(each.conversation_id),
    ),
    QueueKind(
        name="approvals",
        queues=(Queue.APPROVALS,),
        read=_approvals,
        key=lambda each: str(each.id),
        paint=waiting_rows,
        detail=waiting_lines,
        subject=_waiting_subject,
        empty=lambda eyes: eyes.labels.no_approvals,
        read_detail=_waiting_of,
        thread=lambda each: each.conversation_id or "",
    ),
    QueueKind(
        name="outbox",
        queues=OUTBOX_QUEUES,
        read=_outbox,
        key=lambda each: str(each.id),
        paint=outbound_rows,
        detail=outbound_lines,
        subject=_outbound_subject,
        empty=lambda eyes: eyes.labels.no_outbox,
        read_detail=_outbound_of,
        thread=lambda each: str(each.conversation_id),
    ),
    QueueKind(
        name="alerts",
        queues=(Queue.ALERTS,),
        read=_alerts,
        key=lambda each: str(each.id),
        paint=alert_rows,
        detail=alert_lines,
        subject=_alert_subject,
        empty=lambda eyes: eyes.labels.no_alerts,
        thread=_thread_of_alert,
    ),
)
