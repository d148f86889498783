"""Whole pages as they are read aloud: what is known beside a conversation, one intake, one thing of a queue. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lhwa.services.audit.views import EntryView
from lhwa.services.inbox.alert import Alert
from lhwa.services.inbox.context import ContactContext, ThreadContext
from lhwa.services.intake.views import AnswerView, IntakeDetail, IntakeView
from lhwa.services.messaging.outbox_views import OutboundDetail, OutboundView, Waiting
from lhwa.tui.lines import one_line
from lhwa.tui.plain.ears import Ears, audible, facts, in_one
from lhwa.tui.plain.spoken import alert_said, intake_said, outbound_said, record_said, waiting_said
from lhwa.tui.plain.spoken_entries import text_lines
from lhwa.tui.words import OUTBOUND

_ANSWER_CHARS_MAX = 2_000


def context_said(shown: ThreadContext, ears: Ears) -> list[str]:
    """Everything that is known beside a conversation, one thing after another."""
    labels = ears.labels
    return [
        f"{labels.contact}: {_contact(shown.contact, ears)}",
        *([ears.window(shown.window_closes_at_ms)] if shown.contact is not None else []),
        *_part(labels.holds, _holds(shown)),
        *_part(labels.consent, _consents(shown, ears)),
        *_part(labels.matter, _matters(shown, ears)),
        *_part(labels.intake, [] if shown.intake is None else intake_page(shown.intake, ears)),
        *_part(labels.suggestions, [labels.no_suggestions]),
        *_part(
            labels.costs, [f"{each.messages} {one_line(each.category)}, {one_line(each.type)}" for each in shown.costs]
        ),
    ]


def _part(title: str, lines: list[str]) -> list[str]:
    return [f"{title}: {line}" if not number else line for number, line in enumerate(audible(lines))]


def _contact(contact: ContactContext | None, ears: Ears) -> str:
    if contact is None:
        return ears.labels.group
    flags = (f"{ears.labels.needs_review}, {in_one(flag.reason).replace('_', ' ')}" for flag in contact.flags)
    return facts(
        in_one(contact.name),
        ears.masked(contact.contact),
        *(ears.says.also.format(ears.masked(each)) for each in contact.other_identifiers),
        *flags,
        ears.labels.since.format(ears.time(contact.since_ms)),
        f"{ears.says.of_kind} {contact.contact_id}",
    )


def _holds(shown: ThreadContext) -> list[str]:
    return [facts(one_line(each.kind).replace("_", " "), in_one(each.reason)) for each in shown.holds]


def _consents(shown: ThreadContext, ears: Ears) -> list[str]:
    return [
        facts(
            f"{one_line(each.purpose)} {one_line(each.what)}".replace("_", " "),
            ears.time_of(each.at),
            one_line(each.method),
        )
        for each in shown.consents
    ]


def _matters(shown: ThreadContext, ears: Ears) -> list[str]:
    return [
        facts(in_one(each.title) or each.id[:10], ears.person(each.lawyer), in_one(each.external_reference))
        for each in shown.matters
    ]


def intake_page(shown: IntakeDetail, ears: Ears) -> list[str]:
    """One intake for whoever decides about it: how it stands, what was answered, what was found."""
    lines = [
        *intake_said(shown.intake, ears),
        facts(in_one(shown.title), f"{ears.says.of_kind} {shown.intake.id[:10]}"),
        *(f"{in_one(flag.kind).replace('_', ' ')}: {in_one(flag.note)}" for flag in shown.flags),
        *(_answer(each, ears) for each in shown.answers),
        *([ears.says.asks.format(in_one(shown.asks, chars_max=_ANSWER_CHARS_MAX))] if shown.asks else []),
        *([ears.says.documents.format(len(shown.documents))] if shown.documents else []),
        *([ears.labels.cannot_be_opened] if shown.unreadable else []),
        *_hits(shown, ears),
    ]
    return audible(lines)


def _answer(answer: AnswerView, ears: Ears) -> str:
    after = facts(
        ears.says.edited_by.format(ears.person(answer.edited_by)) if answer.edited_by else "",
        ears.says.deleted_at if answer.deleted_at else "",
        ears.says.left if answer.left else "",
    )
    asked = in_one(answer.question)
    return f"{f'{asked} ({after})' if after else asked}: {in_one(answer.answer, chars_max=_ANSWER_CHARS_MAX)}"


def _hits(shown: IntakeDetail, ears: Ears) -> Iterator[str]:
    if shown.check is None:
        return
    for hit in shown.check.hits:
        yield facts(
            f"{ears.labels.conflicts}: {in_one(hit.name)}",
            in_one(hit.other_name),
            one_line(hit.strength),
            *(in_one(each) for each in hit.reasons),
        )


def review_page(_item: IntakeView, brought: IntakeDetail | None, ears: Ears) -> list[str]:
    """An intake of the review queue."""
    if brought is None:
        return []
    return [*intake_page(brought, ears), ears.labels.as_of_act.format(brought.as_of_act)]


def waiting_page(item: Waiting, brought: Any, ears: Ears) -> list[str]:
    """Something that waits for a decision."""
    if isinstance(brought, IntakeDetail):
        return review_page(brought.intake, brought, ears)
    lines = [*waiting_said(item, ears)[:1], *text_lines(item.text, ears)]
    return [*lines, *_facts_of(brought, ears)] if isinstance(brought, OutboundDetail) else lines


def outbound_page(item: OutboundView, brought: OutboundDetail | None, ears: Ears) -> list[str]:
    """An outgoing message."""
    if brought is None:
        return outbound_said(item, ears)
    return [*outbound_said(brought.message, ears), *text_lines(brought.text, ears), *_facts_of(brought, ears)]


def _facts_of(brought: OutboundDetail, ears: Ears) -> Iterator[str]:
    yield in_one(brought.meaning)
    for each in brought.decisions:
        why = f": {in_one(each.reason)}" if each.reason else ""
        done = f"{one_line(each.what)} {ears.says.done_by.format(ears.person(each.by))}"
        yield f"{facts(done, ears.time_of(each.at))}{why}"
    for fact in brought.statuses:
        yield facts(ears.state(OUTBOUND, fact.status), ears.time_of(fact.at))


def alert_page(item: Alert, _brought: None, ears: Ears) -> list[str]:
    """An alert."""
    by = ears.says.done_by.format(ears.person(item.acknowledged_by)) if item.acknowledged_by else ""
    detail = text_lines(item.detail, ears) if item.detail else []
    return audible([*alert_said(item, ears), *detail, one_line(item.target), by])


def record_page(item: EntryView, ears: Ears, *, is_verified: bool) -> list[str]:
    """One audit record in full."""
    return [
        *record_said(item, ears, is_verified=is_verified),
        *(f"{in_one(name)}: {in_one(str(value))}" for name, value in item.data.items()),
        f"leaf: {one_line(item.leaf_hash)}",
    ]
