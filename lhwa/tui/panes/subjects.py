"""What an act on a conversation, or on a message in it, is about."""

from __future__ import annotations

from dataclasses import replace

from lhwa.services.inbox.pages import Entry
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.tui.acts import Subject
from lhwa.tui.lines import one_line


def name_of(line: ThreadLine) -> str:
    """What a conversation is called where there is room for one name."""
    return one_line(line.name, chars_max=60) or one_line(line.contact) or line.id[:10]


def subject_of_line(line: ThreadLine, *, newest_message: str, seen: int | None) -> Subject:
    """A conversation.

    Args:
        newest_message: of the client, where it is open; else empty.
        seen: number of the newest act of its intake that is on the screen.
    """
    return Subject(
        kind="thread",
        id=line.id,
        thread=line.id,
        contact=line.contact_id or "",
        intake=line.intake_id or "",
        intake_state=line.intake_state or "",
        message=newest_message,
        with_person=line.with_person,
        seen=seen,
        name=name_of(line),
    )


def subject_of_entry(thread: Subject, entry: Entry) -> Subject:
    """A message in a conversation."""
    return replace(
        thread,
        kind="entry",
        id=entry.id,
        message=entry.id if entry.kind == "client" else thread.message,
        outbound=entry.id if entry.key.startswith("outbound:") else "",
        state=entry.status or "",
    )
