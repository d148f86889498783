"""`lhwa conversations`: the firm's threads."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lhwa.cli import streams
from lhwa.cli.firm import Firm, colleague_of, open_firm, people_of, without_none
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.domain.access import Permission
from lhwa.errors import UsageError

if TYPE_CHECKING:
    from lhwa.services.messaging.views import MessageView

app = Group("The firm's threads with its clients.")

MESSAGE_FIRST = ("", "text", "time", "state", "contact")
"""What a narrow terminal shows of messages."""
_Limit = Annotated[int, typer.Option("--limit", help="At most this many.", min=1, max=10_000, metavar="N")]
_Id = Annotated[
    str,
    typer.Argument(help="Its id, from `conversations list`, or 6 or more characters of its beginning.", metavar="ID"),
]


@app.add("list", examples=["lhwa conversations list", "lhwa --json conversations list --limit 10"])
def list_(ctx: typer.Context, limit: _Limit = 50) -> None:
    """List threads, newest first."""
    from lhwa.services.messaging.views import list_conversations

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(list_conversations, firm.principal, rows_max=limit)
    session.out.table(
        shown,
        {
            "id": lambda each: each.id,
            "contact": lambda each: each.contact,
            "name": lambda each: each.name,
            "received": lambda each: each.received,
            "sent": lambda each: each.sent,
            "unread": lambda each: each.unread,
            "last": lambda each: firm.moment(each.last_message_at),
            "window until": lambda each: firm.moment(each.window_closes_at),
            "assigned": lambda each: each.assigned_to,
            "contact id": lambda each: each.contact_id,
            "review": lambda each: each.needs_review,
        },
        empty="No conversation yet. It begins when a client writes.",
        important=("contact", "last", "name", "window until", "contact id"),
    )


@app.add("show", examples=["lhwa conversations show 7R2V4K0Q9M3T8XWB", "lhwa conversations show ID --limit 200"])
def show(
    ctx: typer.Context,
    conversation: _Id,
    limit: _Limit = 50,
) -> None:
    """Show one thread with its newest messages, oldest of them first."""
    from lhwa.services.messaging.timeline import show_timeline

    session = Session.of(ctx)
    with open_firm(session) as firm:
        thread, messages = firm.store.write(show_timeline, firm.principal, conversation, rows_max=limit)
    if session.out.json:
        session.out.emit({"conversation": thread, "messages": messages})
        return
    session.out.record(
        thread,
        without_none(
            {
                "conversation": thread.id,
                "contact": thread.contact,
                "contact id": thread.contact_id,
                "name": thread.name,
                "messages": f"{thread.received} received, {thread.sent} sent",
                "window until": firm.clock(thread.window_closes_at),
                "assigned to": thread.assigned_to,
                "review": thread.needs_review,
            }
        ),
    )
    session.out.table(messages, message_columns(firm), important=MESSAGE_FIRST)


@app.add(
    "note",
    examples=[
        'lhwa conversations note 7R2V4K0Q9M3T8XWB --text "Call the court first"',
        "lhwa conversations note 7R2V4K --text - < note.txt",
    ],
)
def note(
    ctx: typer.Context,
    conversation: _Id,
    text: Annotated[str, typer.Option(help="What to note; - reads it from stdin.", metavar="TEXT")],
) -> None:
    """Note something about a thread for your colleagues. No client sees it, and nobody changes it afterwards."""
    from lhwa.domain.ids import ULID_TAIL_BYTES, ulid
    from lhwa.domain.instants import to_ms
    from lhwa.services.inbox.notes import add_note

    session = Session.of(ctx)
    words = streams.read_text() if text == "-" else text
    note_id = ulid(to_ms(session.now), os.urandom(ULID_TAIL_BYTES))
    with open_firm(session) as firm:
        added = firm.store.write(add_note, firm.principal, conversation, words, note_id=note_id)
    session.out.done("Noted.", added)


@app.add("notes", examples=["lhwa conversations notes 7R2V4K0Q9M3T8XWB", "lhwa --json conversations notes 7R2V4K"])
def notes(ctx: typer.Context, conversation: _Id) -> None:
    """List what colleagues noted about a thread, oldest first."""
    from lhwa.services.inbox.notes import show_notes

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(show_notes, firm.principal, conversation)
        people = people_of(session, firm)
    session.out.table(
        shown,
        {
            "time": lambda each: firm.moment(each.written_at),
            "by": lambda each: people.get(each.author, each.author),
            "text": lambda each: "[cannot be opened]" if each.unreadable else each.text,
        },
        important=("text", "by"),
        empty="Nobody has noted anything here. To do so: lhwa conversations note ID --text …",
    )


@app.add(
    "assign",
    examples=[
        "lhwa conversations assign 7R2V4K0Q9M3T8XWB --to budi",
        "lhwa conversations assign 7R2V4K0Q9M3T8XWB --nobody",
    ],
)
def assign(
    ctx: typer.Context,
    conversation: _Id,
    to: Annotated[
        str | None, typer.Option("--to", help="Operator of this firm who looks after it.", metavar="OPERATOR")
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="It is nobody's any more.")] = False,
) -> None:
    """Say whose thread it is. Everybody who may write to clients still may."""
    from lhwa.services.inbox.assigning import assign_thread

    if nobody == (to is not None):
        raise UsageError("Say whose it is: --to OPERATOR or --nobody, one of them.")
    session = Session.of(ctx)
    with open_firm(session) as firm:
        person = None if to is None else colleague_of(session, firm, to, able_to=Permission.READ_CONTENT)
        done = firm.store.write(assign_thread, firm.principal, conversation, operator=person)
    session.out.done(f"It is {done.assigned_to or 'nobody'}'s now.", done)


@app.add(
    "seen",
    examples=["lhwa conversations seen 7R2V4K0Q9M3T8XWB", "lhwa conversations seen 7R2V4K0Q9M3T8XWB --unread"],
)
def seen(
    ctx: typer.Context,
    conversation: _Id,
    up_to: Annotated[str | None, typer.Option(help="The newest message that was seen; else all.", metavar="ID")] = None,
    unread: Annotated[bool, typer.Option("--unread", help="Take it back: it counts as unread again.")] = False,
) -> None:
    """Note that the firm has seen a thread. The client learns nothing of it; for that: `lhwa messages mark-read`."""
    from lhwa.services.inbox.naming import thread_named
    from lhwa.services.inbox.seeing import mark_seen

    session = Session.of(ctx)
    with open_firm(session) as firm:
        thread = firm.store.read(thread_named, firm.principal, conversation).id
        left = firm.store.write(mark_seen, firm.principal, thread, up_to=up_to, unread=unread)
    session.out.done(f"{left} unread." if left else "Nothing is unread.", {"id": thread, "unread": left})


def message_columns(firm: Firm) -> dict[str, Any]:
    """How messages look as rows."""

    def mark(each: MessageView) -> str:
        marks = [each.status or "", "edited" if each.edited else "", "revoked" if each.revoked else ""]
        return ", ".join(word for word in marks if word)

    return {
        "id": lambda each: each.id,
        "time": lambda each: firm.moment(each.timestamp),
        "": lambda each: "<" if each.direction == "inbound" else ">",
        "contact": lambda each: each.contact or None,
        "type": lambda each: each.message_type,
        "text": shown_text,
        "state": mark,
    }


def shown_text(message: MessageView) -> str:
    """A message's text as a cell: what hides it is said in brackets."""
    if message.unreadable:
        return "[cannot be opened]"
    text = message.text
    return text if isinstance(text, str) else ""
