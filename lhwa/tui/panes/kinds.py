"""The queues beside the inbox, as one table: intake review, approvals, outbox, alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lhwa.services.inbox.alert import Alert
from lhwa.services.inbox.alerts import list_alerts
from lhwa.services.inbox.queues import Queue, list_approvals, look_at_intake, read_outbox, read_review
from lhwa.services.intake.views import IntakeDetail, IntakeView, show_intake
from lhwa.services.messaging.outbox_views import OutboundDetail, OutboundView, Waiting, outbound_detail, show_outbound
from lhwa.tui.acts import EVENT, Subject
from lhwa.tui.desk import Desk
from lhwa.tui.lines import Line, Role, Span, many_lines, one_line, wrapped
from lhwa.tui.paint.context import intake_lines, when
from lhwa.tui.paint.office import Eyes
from lhwa.tui.paint.rows import alert_rows, intake_rows, outbound_rows, waiting_rows
from lhwa.tui.panes.queue import ROWS_MAX, QueueKind
from lhwa.tui.words import OUTBOUND, SEVERITY, mark_of

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


def _review_lines(_item: IntakeView, brought: IntakeDetail | None, eyes: Eyes, width: int) -> Sequence[Line]:
    if brought is None:
        return [*_text(eyes.labels.enter_opens, width, "muted")]
    return [*_as_of(brought, eyes, width), *intake_lines(brought, eyes, width)]


def _as_of(brought: IntakeDetail, eyes: Eyes, width: int) -> Iterator[Line]:
    yield from _text(eyes.labels.as_of_act.format(brought.as_of_act), width, "muted")


def _waiting_lines(item: Waiting, brought: Any, eyes: Eyes, width: int) -> Sequence[Line]:
    if isinstance(brought, IntakeDetail):
        return _review_lines(_row_of(brought), brought, eyes, width)
    lines = [
        *_text(f"{one_line(item.kind)} · {item.id}", width, "muted"),
        *_text(one_line(item.about), width, "strong"),
        *_text(f"{eyes.person(item.by)} · {when(item.since, eyes)}", width, "muted"),
        (Span(""),),
        *_text(many_lines(item.text) if item.text is not None else f"[{eyes.labels.hidden_content}]", width),
    ]
    if isinstance(brought, OutboundDetail):
        lines += [(Span(""),), *_outbound_facts(brought, eyes, width)]
    return lines


def _row_of(brought: IntakeDetail) -> IntakeView:
    return brought.intake


def _outbound_lines(item: OutboundView, brought: OutboundDetail | None, eyes: Eyes, width: int) -> Sequence[Line]:
    mark = mark_of(OUTBOUND, item.state, eyes.language)
    lines = [
        *_text(f"{mark.sign} {mark.word} · {item.id}", width, mark.role),
        *_text(one_line(item.contact) or item.conversation_id, width, "strong"),
        *_text(f"{eyes.person(item.author)} · {when(item.created_at, eyes)}", width, "muted"),
    ]
    if item.hint:
        lines += _text(f"! {many_lines(item.hint)}", width, "warning")
    if item.send_at:
        lines += _text(f"◷ {eyes.labels.leaves_at.format(when(item.send_at, eyes))}", width, "accent")
    if brought is not None:
        words = many_lines(brought.text) if brought.text is not None else f"[{eyes.labels.hidden_content}]"
        lines += [(Span(""),), *_text(words, width), (Span(""),), *_outbound_facts(brought, eyes, width)]
    return lines


def _outbound_facts(brought: OutboundDetail, eyes: Eyes, width: int) -> Iterator[Line]:
    yield from _text(many_lines(brought.meaning), width, "muted")
    for each in brought.decisions:
        why = f": {one_line(each.reason)}" if each.reason else ""
        yield from _text(
            f"✓ {one_line(each.what)} · {eyes.person(each.by)} · {when(each.at, eyes)}{why}", width, "muted"
        )
    for fact in brought.statuses:
        yield from _text(f"· {one_line(fact.status)} · {when(fact.at, eyes)}", width, "muted")


def _alert_lines(item: Alert, _brought: None, eyes: Eyes, width: int) -> Sequence[Line]:
    mark = mark_of(SEVERITY, item.severity, eyes.language)
    lines = [
        *_text(f"{mark.sign} {mark.word} · {item.kind}", width, mark.role),
        *_text(one_line(item.title), width, "strong"),
        *_text(eyes.full(item.at_ms), width, "muted"),
        (Span(""),),
    ]
    for text, role in ((item.detail, ""), (item.hint, "accent"), (item.target, "muted")):
        if text:
            lines += [*_text(many_lines(text), width, role), (Span(""),)]  # type: ignore[arg-type]  # the roles are literals
    if item.acknowledged_by:
        lines += _text(f"✓ {eyes.person(item.acknowledged_by)}", width, "muted")
    return lines


def _review_subject(item: IntakeView, brought: IntakeDetail | None) -> Subject:
    return Subject(
        kind="intake",
        id=item.id,
        contact=item.contact_id,
        intake=item.id,
        state=item.state,
        with_person=item.with_person,
        seen=None if brought is None else brought.as_of_act,
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


def _text(text: str, width: int, role: Role = "") -> Iterator[Line]:
    for piece in wrapped(text, width):
        yield (Span(piece, role),)


KINDS: tuple[QueueKind, ...] = (
    QueueKind(
        name="review",
        queues=(Queue.REVIEW,),
        read=_review,
        key=lambda each: str(each.id),
        paint=intake_rows,
        detail=_review_lines,
        subject=_review_subject,
        empty=lambda eyes: eyes.labels.no_review,
        read_detail=_intake_of,
    ),
    QueueKind(
        name="approvals",
        queues=(Queue.APPROVALS,),
        read=_approvals,
        key=lambda each: str(each.id),
        paint=waiting_rows,
        detail=_waiting_lines,
        subject=_waiting_subject,
        empty=lambda eyes: eyes.labels.no_approvals,
        read_detail=_waiting_of,
    ),
    QueueKind(
        name="outbox",
        queues=OUTBOX_QUEUES,
        read=_outbox,
        key=lambda each: str(each.id),
        paint=outbound_rows,
        detail=_outbound_lines,
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
        detail=_alert_lines,
        subject=_alert_subject,
        empty=lambda eyes: eyes.labels.no_alerts,
        thread=_thread_of_alert,
    ),
)
