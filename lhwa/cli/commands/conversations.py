"""`lhwa conversations`: the firm's threads."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lhwa.cli.firm import Firm, open_firm, without_none
from lhwa.cli.group import Group
from lhwa.cli.session import Session

if TYPE_CHECKING:
    from lhwa.services.messaging.views import MessageView

app = Group("The firm's threads with its clients.")

MESSAGE_FIRST = ("", "text", "time", "state", "contact")
"""What a narrow terminal shows of messages."""
_Limit = Annotated[int, typer.Option("--limit", help="At most this many.", min=1, max=10_000, metavar="N")]


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
            "contact id": lambda each: each.contact_id,
            "review": lambda each: each.needs_review,
        },
        empty="No conversation yet. It begins when a client writes.",
        important=("contact", "last", "name", "window until", "contact id"),
    )


@app.add("show", examples=["lhwa conversations show 7R2V4K0Q9M3T8XWB", "lhwa conversations show ID --limit 200"])
def show(
    ctx: typer.Context,
    conversation: Annotated[str, typer.Argument(help="Its id, from `conversations list`.", metavar="ID")],
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
                "review": thread.needs_review,
            }
        ),
    )
    session.out.table(messages, message_columns(firm), important=MESSAGE_FIRST)


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
