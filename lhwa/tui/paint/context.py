"""What is known beside a thread, as lines: contact, consent, matter, intake, conflicts, suggestions, costs."""

from __future__ import annotations

from collections.abc import Iterator

from lhwa.services.inbox.context import ThreadContext
from lhwa.services.intake.views import AnswerView, IntakeDetail
from lhwa.tui.lines import Line, Role, Span, many_lines, one_line, text_lines
from lhwa.tui.paint.office import Eyes
from lhwa.tui.paint.rows import ms_of
from lhwa.tui.words import CONFLICTS, INTAKE, URGENCY, mark_of

_ANSWER_LINES_MAX = 6


def context_lines(shown: ThreadContext, eyes: Eyes, width: int) -> list[Line]:
    """Everything, top to bottom."""
    inner = max(width, 12)
    lines: list[Line] = []
    for title, body in (
        (eyes.labels.contact, _contact(shown, eyes, inner)),
        (eyes.labels.holds, _holds(shown, inner)),
        (eyes.labels.consent, _consents(shown, eyes, inner)),
        (eyes.labels.matter, _matters(shown, eyes, inner)),
        (eyes.labels.intake, _intake(shown, eyes, inner)),
        (eyes.labels.conflicts, _conflicts(shown, eyes, inner)),
        (eyes.labels.suggestions, text_lines(eyes.labels.no_suggestions, inner, "muted")),
        (eyes.labels.costs, _costs(shown, inner)),
    ):
        found = list(body)
        if title == eyes.labels.holds and not found:
            continue
        lines += [(Span(title, "accent"),), *(found or [(Span(eyes.labels.none, "muted"),)]), (Span(""),)]
    return lines


def intake_lines(shown: IntakeDetail, eyes: Eyes, width: int) -> list[Line]:
    """One intake for whoever decides about it."""
    inner = max(width, 12)
    mark = mark_of(CONFLICTS, shown.intake.conflicts, eyes.language)
    conflicts = [*text_lines(f"{mark.sign} {mark.word}", inner, mark.role), *_hits(shown, eyes, inner)]
    head, answers = list(_intake_head(shown, eyes, inner)), list(_answers(shown, eyes, inner))
    # What a decision hangs on stands before what can be long.
    return [*head, (Span(""),), (Span(eyes.labels.conflicts, "accent"),), *conflicts, (Span(""),), *answers]


def _contact(shown: ThreadContext, eyes: Eyes, width: int) -> Iterator[Line]:
    contact = shown.contact
    if contact is None:
        yield from text_lines(eyes.labels.group, width)
        return
    if contact.name:
        yield from text_lines(one_line(contact.name), width, "strong")
    if contact.contact:
        yield from text_lines(one_line(contact.contact), width)
    for other in contact.other_identifiers:
        yield from text_lines(one_line(other), width, "muted")
    since = eyes.short(contact.since_ms)
    yield from text_lines(f"{eyes.labels.since.format(since)} · {contact.contact_id}", width, "muted")
    left = None if shown.window_closes_at_ms is None else shown.window_closes_at_ms - eyes.now_ms
    if left is not None and left > 0:
        yield from text_lines(f"◷ {eyes.labels.window_closes.format(eyes.lasts(left))}", width, "good")
    else:
        yield from text_lines(f"⊘ {eyes.labels.window_closed}", width, "muted")
    for flag in contact.flags:
        yield from text_lines(
            f"! {eyes.labels.needs_review}: {one_line(flag.reason).replace('_', ' ')}", width, "warning"
        )


def _holds(shown: ThreadContext, width: int) -> Iterator[Line]:
    for each in shown.holds:
        why = f": {one_line(each.reason)}" if each.reason else ""
        yield from text_lines(f"■ {one_line(each.kind).replace('_', ' ')}{why}", width, "warning")


def _consents(shown: ThreadContext, eyes: Eyes, width: int) -> Iterator[Line]:
    for each in shown.consents:
        at = eyes.short(ms_of(each.at))
        role: Role = "good" if each.what in ("given", "granted") else "warning"
        about = f"{one_line(each.purpose).replace('_', ' ')}: {one_line(each.what)} · {at} · {one_line(each.method)}"
        yield from text_lines(about, width, role)


def _matters(shown: ThreadContext, eyes: Eyes, width: int) -> Iterator[Line]:
    for each in shown.matters:
        yield from text_lines(one_line(each.title) or each.id[:10], width, "strong")
        about = " · ".join(word for word in (eyes.person(each.lawyer), one_line(each.external_reference)) if word)
        if about:
            yield from text_lines(about, width, "muted")


def _intake(shown: ThreadContext, eyes: Eyes, width: int) -> Iterator[Line]:
    if shown.intake is not None:
        yield from _intake_page(shown.intake, eyes, width)


def _intake_page(shown: IntakeDetail, eyes: Eyes, width: int) -> Iterator[Line]:
    yield from _intake_head(shown, eyes, width)
    yield from _answers(shown, eyes, width)


def _intake_head(shown: IntakeDetail, eyes: Eyes, width: int) -> Iterator[Line]:
    state, urgency = (
        mark_of(INTAKE, shown.intake.state, eyes.language),
        mark_of(URGENCY, shown.intake.urgency, eyes.language),
    )
    words = f"{urgency.sign} {urgency.word} · " if urgency.sign else ""
    yield from text_lines(f"{words}{state.sign} {state.word}", width, urgency.role or state.role)
    yield from text_lines(f"{one_line(shown.title)} · {shown.intake.id[:10]}", width, "muted")
    if shown.intake.assigned_to:
        yield from text_lines(f"@{eyes.person(shown.intake.assigned_to)}", width, "muted")
    if shown.intake.with_person:
        yield from text_lines(eyes.labels.with_person, width, "accent")
    for flag in shown.flags:
        yield from text_lines(f"! {one_line(flag.kind).replace('_', ' ')}: {one_line(flag.note)}", width, "warning")


def _answers(shown: IntakeDetail, eyes: Eyes, width: int) -> Iterator[Line]:
    for answer in shown.answers:
        yield from _answer(answer, eyes, width)
    if shown.asks:
        yield from text_lines(f"… {many_lines(shown.asks)}", width, "muted", lines_max=_ANSWER_LINES_MAX)
    if shown.documents:
        yield from text_lines(f"▤ {len(shown.documents)}", width)
    if shown.unreadable:
        yield from text_lines(f"[{eyes.labels.cannot_be_opened}]", width, "warning")


def _answer(answer: AnswerView, eyes: Eyes, width: int) -> Iterator[Line]:
    yield from text_lines(one_line(answer.question), width, "muted", lines_max=2)
    marks = "".join(
        (
            f" ✎ {eyes.person(answer.edited_by)}" if answer.edited_by else "",
            " ✗" if answer.deleted_at else "",
            " ⊘" if answer.left else "",
        )
    )
    yield from text_lines(f"  {many_lines(answer.answer)}{marks}", width, lines_max=_ANSWER_LINES_MAX)


def _conflicts(shown: ThreadContext, eyes: Eyes, width: int) -> Iterator[Line]:
    if shown.intake is None:
        return
    mark = mark_of(CONFLICTS, shown.conflicts, eyes.language)
    yield from text_lines(f"{mark.sign} {mark.word}", width, mark.role)
    yield from _hits(shown.intake, eyes, width)


def _hits(shown: IntakeDetail, eyes: Eyes, width: int) -> Iterator[Line]:
    matter, intake = eyes.labels.matter.lower(), eyes.labels.intake.lower()
    for hit in shown.check.hits if shown.check is not None else ():
        own = f"{one_line(hit.name)} ({one_line(hit.role)})"
        other = f"{one_line(hit.other_name)} ({one_line(hit.other_role)})"
        yield from text_lines(f"{own} ~ {other}: {one_line(hit.strength)}", width, "warning")
        where = f"{matter} {hit.other_matter[:10]}" if hit.other_matter else f"{intake} {hit.other_intake[:10]}"
        yield from text_lines(f"  {where}", width, "muted")
        if hit.reasons:
            yield from text_lines(f"  {', '.join(one_line(each) for each in hit.reasons)}", width, "muted")


def _costs(shown: ThreadContext, width: int) -> Iterator[Line]:
    for each in shown.costs:
        yield from text_lines(f"{each.messages} of {one_line(each.category)}, {one_line(each.type)}", width)


def when(at: str | None, eyes: Eyes) -> str:
    """A time of a view, in full."""
    return "" if at is None else eyes.full(ms_of(at))
