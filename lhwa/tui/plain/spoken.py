"""One row of each queue as it is read aloud: beside the painters of `lhwa.tui.paint.rows`, and as pure.

A row is one line of ours, and below it, indented, what somebody else wrote.
"""

from __future__ import annotations

from lhwa.services.audit.views import EntryView
from lhwa.services.inbox.alert import Alert
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.services.intake.views import IntakeView
from lhwa.services.messaging.outbox_views import OutboundView, Waiting
from lhwa.tui.acts import Subject
from lhwa.tui.lines import one_line
from lhwa.tui.plain.ears import INDENT, Ears, facts, in_one
from lhwa.tui.words import CONFLICTS, INTAKE, OUTBOUND, SEVERITY, URGENCY


def thread_name(line: ThreadLine, ears: Ears) -> str:
    """Whom a conversation is with, as it is called in one breath."""
    group = ears.labels.group if line.kind == "group" else ""
    return in_one(line.name, chars_max=60) or ears.masked(line.contact) or group or line.id[:10]


def thread_said(line: ThreadLine, ears: Ears) -> list[str]:
    """Who, how it stands with them, and the newest words."""
    labels, says = ears.labels, ears.says
    head = facts(
        thread_name(line, ears),
        ears.masked(line.contact) if line.name else "",
        says.unread.format(line.unread) if line.unread else "",
        ears.state(URGENCY, line.urgency),
        ears.state(OUTBOUND, line.outgoing or None),
        labels.needs_review if line.needs_review else "",
        *others_there(line, ears),
        says.intake_is.format(ears.state(INTAKE, line.intake_state)) if line.intake_state else "",
        labels.with_person if line.with_person else "",
        f"{says.assigned_to} {ears.person(line.assigned_to)}" if line.assigned_to else "",
        ears.window(line.window_closes_at_ms) if line.kind == "person" else "",
        ears.time(line.last_message_at_ms),
    )
    if not line.snippet:
        return [head]
    who = labels.client if line.snippet_by == "client" else labels.firm
    return [head, f"{INDENT}{says.from_whom.format(who)}: {in_one(line.snippet)}"]


def others_there(line: ThreadLine, ears: Ears) -> list[str]:
    """Who else writes in a conversation, or has it open."""
    writing = [ears.labels.writes_now.format(ears.person(each)) for each in line.is_writing_there]
    looking = [each for each in line.looking if each not in line.is_writing_there]
    return [*writing, *(ears.labels.looks_now.format(ears.person(each)) for each in looking)]


def intake_said(line: IntakeView, ears: Ears) -> list[str]:
    """An intake that waits for the firm."""
    labels = ears.labels
    return [
        facts(
            ears.masked(line.contact) or line.contact_id[:10],
            ears.state(URGENCY, line.urgency),
            ears.state(INTAKE, line.state),
            labels.with_person if line.with_person else "",
            ears.says.conflicts_are.format(ears.state(CONFLICTS, line.conflicts)),
            f"{ears.says.assigned_to} {ears.person(line.assigned_to) or labels.nobody}",
            f"{one_line(line.tree)} {line.version}",
            ears.time_of(line.changed_at),
        )
    ]


def waiting_said(line: Waiting, ears: Ears) -> list[str]:
    """Something that waits for a decision."""
    head = facts(
        kind_said(line.kind, ears),
        ears.masked(line.about),
        ears.says.from_whom.format(ears.person(line.by)) if line.by else "",
        ears.time_of(line.since),
    )
    text = in_one(ears.content(line.text))
    return [head, f"{INDENT}{text}"] if text else [head]


def kind_said(kind: str, ears: Ears) -> str:
    """What sort of thing waits."""
    words = {
        "outbound": ears.says.outbound,
        "template": ears.says.template,
        "tree": ears.says.tree,
        "intake": ears.labels.intake.lower(),
    }
    return words.get(kind, one_line(kind))


def subject_said(subject: Subject, ears: Ears) -> str:
    """What an act is about, in one breath."""
    name = ears.masked(subject.name).rstrip(".")
    if subject.kind != "waiting":
        return name
    return f"{kind_said(subject.what, ears)} {name.removeprefix(subject.what).strip()}"


def outbound_said(line: OutboundView, ears: Ears) -> list[str]:
    """An outgoing message that is not settled, or failed, and what to do."""
    waits = line.send_at or line.next_attempt_at
    head = facts(
        ears.state(OUTBOUND, line.state),
        ears.masked(line.contact) or line.conversation_id[:10],
        ears.labels.template.format(one_line(line.template)) if line.template else one_line(line.type),
        ears.says.from_whom.format(ears.person(line.author)),
        ears.labels.leaves_at.format(ears.time_of(waits)) if waits and line.state == "queued" else "",
        ears.time_of(line.created_at),
    )
    return [f"{head}. {in_one(line.hint)}" if line.hint else head]


def alert_said(line: Alert, ears: Ears) -> list[str]:
    """Something to know, and what to do about it."""
    title, hint = in_one(line.title).rstrip("."), in_one(line.hint)
    head = facts(ears.state(SEVERITY, line.severity), title, ears.time(line.at_ms))
    return [f"{head}. {hint}" if hint else head]


def record_said(line: EntryView, ears: Ears, *, is_verified: bool) -> list[str]:
    """One audit record."""
    return [
        facts(
            ears.says.record.format(line.seq),
            ears.time_of(line.at),
            one_line(line.actor),
            one_line(line.action),
            one_line(line.target),
            ears.says.verified if is_verified else "",
        )
    ]
