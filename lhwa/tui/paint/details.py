"""One thing of a queue in full, beside its list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lhwa.services.inbox.alert import Alert
from lhwa.services.intake.views import IntakeDetail, IntakeView
from lhwa.services.messaging.outbox_views import OutboundDetail, OutboundView, Waiting
from lhwa.tui.lines import Line, Span, many_lines, one_line, text_lines
from lhwa.tui.paint.context import intake_lines, when
from lhwa.tui.paint.office import Eyes
from lhwa.tui.words import OUTBOUND, SEVERITY, mark_of


def review_lines(_item: IntakeView, brought: IntakeDetail | None, eyes: Eyes, width: int) -> Sequence[Line]:
    """An intake, with the act up to which it was read: a decision is about what stands here."""
    if brought is None:
        return [*text_lines(eyes.labels.enter_opens, width, "muted")]
    return [*_as_of(brought, eyes, width), *intake_lines(brought, eyes, width)]


def _as_of(brought: IntakeDetail, eyes: Eyes, width: int) -> Iterator[Line]:
    yield from text_lines(eyes.labels.as_of_act.format(brought.as_of_act), width, "muted")


def waiting_lines(item: Waiting, brought: Any, eyes: Eyes, width: int) -> Sequence[Line]:
    """Something that waits, in full."""
    if isinstance(brought, IntakeDetail):
        return review_lines(brought.intake, brought, eyes, width)
    lines = [
        *text_lines(f"{one_line(item.kind)} · {item.id}", width, "muted"),
        *text_lines(one_line(item.about), width, "strong"),
        *text_lines(f"{eyes.person(item.by)} · {when(item.since, eyes)}", width, "muted"),
        (Span(""),),
        *text_lines(many_lines(item.text) if item.text is not None else f"[{eyes.labels.hidden_content}]", width),
    ]
    if isinstance(brought, OutboundDetail):
        lines += [(Span(""),), *_outbound_facts(brought, eyes, width)]
    return lines


def outbound_lines(item: OutboundView, brought: OutboundDetail | None, eyes: Eyes, width: int) -> Sequence[Line]:
    """An outgoing message: what it says, what became of it, and what to do."""
    mark = mark_of(OUTBOUND, item.state, eyes.language)
    lines = [
        *text_lines(f"{mark.sign} {mark.word} · {item.id}", width, mark.role),
        *text_lines(one_line(item.contact) or item.conversation_id, width, "strong"),
        *text_lines(f"{eyes.person(item.author)} · {when(item.created_at, eyes)}", width, "muted"),
    ]
    if item.hint:
        lines += text_lines(f"! {many_lines(item.hint)}", width, "warning")
    if item.send_at:
        lines += text_lines(f"◷ {eyes.labels.leaves_at.format(when(item.send_at, eyes))}", width, "accent")
    if brought is not None:
        words = many_lines(brought.text) if brought.text is not None else f"[{eyes.labels.hidden_content}]"
        lines += [(Span(""),), *text_lines(words, width), (Span(""),), *_outbound_facts(brought, eyes, width)]
    return lines


def _outbound_facts(brought: OutboundDetail, eyes: Eyes, width: int) -> Iterator[Line]:
    yield from text_lines(many_lines(brought.meaning), width, "muted")
    for each in brought.decisions:
        why = f": {one_line(each.reason)}" if each.reason else ""
        yield from text_lines(
            f"✓ {one_line(each.what)} · {eyes.person(each.by)} · {when(each.at, eyes)}{why}", width, "muted"
        )
    for fact in brought.statuses:
        yield from text_lines(f"· {one_line(fact.status)} · {when(fact.at, eyes)}", width, "muted")


def alert_lines(item: Alert, _brought: None, eyes: Eyes, width: int) -> Sequence[Line]:
    """An alert, and what ends it."""
    mark = mark_of(SEVERITY, item.severity, eyes.language)
    lines = [
        *text_lines(f"{mark.sign} {mark.word} · {item.kind}", width, mark.role),
        *text_lines(one_line(item.title), width, "strong"),
        *text_lines(eyes.full(item.at_ms), width, "muted"),
        (Span(""),),
    ]
    for text, role in ((item.detail, ""), (item.hint, "accent"), (item.target, "muted")):
        if text:
            lines += [*text_lines(many_lines(text), width, role), (Span(""),)]  # type: ignore[arg-type]  # the roles are literals
    if item.acknowledged_by:
        lines += text_lines(f"✓ {eyes.person(item.acknowledged_by)}", width, "muted")
    return lines
