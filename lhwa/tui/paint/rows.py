"""One row of each queue as lines."""

from __future__ import annotations

from lhwa.domain.instants import parse_rfc3339, to_ms
from lhwa.services.audit.views import EntryView
from lhwa.services.inbox.alert import Alert
from lhwa.services.inbox.threads import ThreadLine
from lhwa.services.intake.views import IntakeView
from lhwa.services.messaging.outbox_views import OutboundView, Waiting
from lhwa.tui.lines import Line, Span, counted, one_line, sides
from lhwa.tui.paint.office import Eyes
from lhwa.tui.words import CONFLICTS, INTAKE, OUTBOUND, SEVERITY, URGENCY, Mark, mark_of

WINDOW_SOON_MS = 3_600_000
"""A window with less time than this is worth a colour."""


def thread_rows(line: ThreadLine, eyes: Eyes, width: int) -> tuple[Line, Line]:
    """Who, and how it stands with them; below, the newest words."""
    urgency = mark_of(URGENCY, line.urgency, eyes.language)
    name = (
        one_line(line.name, chars_max=60)
        or one_line(line.contact)
        or (eyes.labels.group if line.kind == "group" else line.id[:10])
    )
    head = [Span(f"{urgency.sign} ", urgency.role)] if urgency.sign else []
    head.append(Span(name, "strong" if line.unread else ""))
    if line.name and line.contact:
        head.append(Span(f"  {one_line(line.contact)}", "muted"))
    when = eyes.short(line.last_message_at_ms)
    right = [Span(f"{counted(line.unread)} ", "accent")] if line.unread else []
    return sides(head, [*right, Span(when, "muted")], width), sides(_below(line, eyes), _state(line, eyes), width)


def _below(line: ThreadLine, eyes: Eyes) -> list[Span]:
    if line.is_writing_there:
        return [Span(f"✎ {eyes.labels.writes_now.format(eyes.person(line.is_writing_there[0]))}", "accent")]
    if line.needs_review:
        return [Span(f"! {eyes.labels.needs_review}", "warning")]
    if line.outgoing:
        mark = mark_of(OUTBOUND, line.outgoing, eyes.language)
        return [Span(f"{mark.sign} {mark.word}", mark.role), Span(f"  {one_line(line.snippet)}", "muted")]
    own = "↗ " if line.snippet_by == "firm" else ""
    return [Span(own + one_line(line.snippet), "muted")]


def _state(line: ThreadLine, eyes: Eyes) -> list[Span]:
    """Whose it is, how far the intake is, and how long the window stays open."""
    spans: list[Span] = []
    if line.intake_state:
        mark = mark_of(INTAKE, line.intake_state, eyes.language)
        spans.append(Span(f"{mark.sign} {mark.word}", mark.role))
        if line.with_person:
            spans.append(Span(f" {eyes.labels.with_person}", "accent"))
    if line.assigned_to:
        spans.append(Span(f"{' ' if spans else ''}@{eyes.person(line.assigned_to)}", "muted"))
    left = None if line.window_closes_at_ms is None else line.window_closes_at_ms - eyes.now_ms
    if left is not None and left > 0:
        spans.append(
            Span(f"{' ' if spans else ''}◷ {eyes.lasts_about(left)}", "warning" if left < WINDOW_SOON_MS else "good")
        )
    elif line.kind == "person":
        spans.append(Span(f"{' ' if spans else ''}⊘", "muted"))
    return spans


def intake_rows(line: IntakeView, eyes: Eyes, width: int) -> tuple[Line, Line]:
    """An intake that waits for the firm."""
    state, urgency, conflicts = (
        mark_of(INTAKE, line.state, eyes.language),
        mark_of(URGENCY, line.urgency, eyes.language),
        mark_of(CONFLICTS, line.conflicts, eyes.language),
    )
    head = [Span(f"{urgency.sign} {urgency.word} ", urgency.role)] if urgency.sign else []
    head += [
        Span(one_line(line.contact) or line.contact_id[:10], "strong"),
        Span(f"  {one_line(line.tree)} {line.version}", "muted"),
    ]
    below = [Span(f"{state.sign} {state.word}", state.role)]
    if line.with_person:
        below.append(Span(f" · {eyes.labels.with_person}", "accent"))
    below += [Span(" · "), Span(f"{conflicts.sign} {conflicts.word}", conflicts.role)]
    owner = (
        [Span(f"@{eyes.person(line.assigned_to)}", "muted")]
        if line.assigned_to
        else [Span(eyes.labels.nobody, "muted")]
    )
    return sides(head, [Span(_short(line.changed_at, eyes), "muted")], width), sides(below, owner, width)


def waiting_rows(line: Waiting, eyes: Eyes, width: int) -> tuple[Line, Line]:
    """Something that waits for a decision."""
    head = [Span(f"{one_line(line.kind)}  ", "accent"), Span(one_line(line.about), "strong")]
    below = [Span(f"{eyes.person(line.by)}: ", "muted"), Span(one_line(line.text))]
    return sides(head, [Span(_short(line.since, eyes), "muted")], width), sides(below, [], width)


def outbound_rows(line: OutboundView, eyes: Eyes, width: int) -> tuple[Line, Line]:
    """An outgoing message that is not settled, or failed, with what to do."""
    mark = mark_of(OUTBOUND, line.state, eyes.language)
    head = [
        Span(f"{mark.sign} {mark.word}  ", mark.role),
        Span(one_line(line.contact) or line.conversation_id[:10], "strong"),
    ]
    head.append(Span(f"  {one_line(line.template or line.type)}", "muted"))
    waits = line.send_at or line.next_attempt_at
    leaves = f"◷ {eyes.labels.leaves_at.format(_short(waits, eyes))} " if waits and line.state == "queued" else ""
    below = [
        Span(f"{eyes.person(line.author)}: ", "muted"),
        Span(leaves, "accent"),
        Span(one_line(line.hint), "warning"),
    ]
    return sides(head, [Span(_short(line.created_at, eyes), "muted")], width), sides(below, [], width)


def alert_rows(line: Alert, eyes: Eyes, width: int) -> tuple[Line, Line]:
    """Something to know, and what to do about it."""
    mark: Mark = mark_of(SEVERITY, line.severity, eyes.language)
    head = [Span(f"{mark.sign} {mark.word}  ", mark.role), Span(one_line(line.title), "strong")]
    done = [Span(f"✓ {eyes.person(line.acknowledged_by)} ", "muted")] if line.acknowledged_by else []
    when = eyes.short(line.at_ms)
    return sides(head, [*done, Span(when, "muted")], width), sides(
        [Span(one_line(line.hint or line.detail), "muted")], [], width
    )


def audit_rows(line: EntryView, eyes: Eyes, width: int, *, is_verified: bool) -> tuple[Line]:
    """One audit record."""
    mark = Span("✓ ", "good") if is_verified else Span("· ", "muted")
    return (
        sides(
            [
                Span(f"{line.seq:>7} "),
                mark,
                Span(f"{_short(line.at, eyes) if line.at else '':<10} ", "muted"),
                Span(f"{one_line(line.action)}  ", "strong"),
                Span(one_line(line.target), "muted"),
            ],
            [Span(one_line(line.actor), "muted")],
            width,
        ),
    )


def _short(at: str | None, eyes: Eyes) -> str:
    return "" if at is None else eyes.short(ms_of(at))


def ms_of(at: str) -> int:
    """Unix milliseconds of a time in a view."""
    return to_ms(parse_rfc3339(at))
