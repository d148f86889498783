"""`lhwa messages`: what clients and the firm wrote, and how it got here."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.commands.conversations import MESSAGE_FIRST, message_columns, shown_text
from lhwa.cli.firm import Firm, account_of, open_firm, open_spool, without_none
from lhwa.cli.group import Group
from lhwa.cli.session import Session

if TYPE_CHECKING:
    from lhwa.services.messaging.views import MessageDetail
    from lhwa.services.messaging.why import Why

app = Group("What clients and the firm wrote, and how it got here.")

_Message = Annotated[str, typer.Argument(help="Our id of the message, or its wamid.", metavar="ID")]


@app.add(
    "list",
    examples=[
        "lhwa messages list",
        "lhwa --json messages list --limit 1000",
        "lhwa messages list --since 2026-11-22T00:00:00+07:00",
    ],
)
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(help="At most this many.", min=1, max=100_000, metavar="N")] = 50,
    conversation: Annotated[str | None, typer.Option(help="Only of this thread.", metavar="ID")] = None,
    since: Annotated[str | None, typer.Option(help="Only sent since this time, with its zone.", metavar="TIME")] = None,
) -> None:
    """List messages, newest first. With --json: the wire type, and text and wamid where your role may read them."""
    from lhwa.services.messaging.timeline import list_timeline

    session = Session.of(ctx)
    since_ms = 0 if since is None else unix_ms(since)
    with open_firm(session) as firm:
        shown = firm.store.write(
            list_timeline, firm.principal, rows_max=limit, conversation=conversation, since_ms=since_ms
        )
    session.out.table(
        shown, message_columns(firm), empty="No message here yet. Try one: lhwa trigger text", important=MESSAGE_FIRST
    )


@app.add("show", examples=["lhwa messages show 01KAN5T9YB6Q2R8W4X7V3M0ZJD", "lhwa --json messages show wamid.HBgN..."])
def show(ctx: typer.Context, message: _Message) -> None:
    """Show one message with its content, statuses, edits and the request it came in."""
    from lhwa.services.messaging.views import show_message

    session = Session.of(ctx)
    with open_firm(session) as firm:
        detail = firm.store.write(show_message, firm.principal, message)
    if session.out.json:
        session.out.emit(detail)
    else:
        _show_detail(session, firm, detail)


@app.add("why", examples=["lhwa messages why wamid.HBgN...", "lhwa --json messages why 01KAN5T9YB6Q2R8W4X7V3M0ZJD"])
def why(ctx: typer.Context, message: _Message) -> None:
    """Show the way of one message from raw bytes to stored facts, with event ids and audit numbers."""
    from lhwa.services.messaging.why import why as trace

    session = Session.of(ctx)
    with open_firm(session) as firm, open_spool(session) as spool:
        found = firm.store.write(trace, firm.principal, message, spool=spool.read, keys=firm.keys)
    if session.out.json:
        session.out.emit(found)
    else:
        _show_way(session, firm, found)


@app.add(
    "mark-read",
    examples=["lhwa messages mark-read 01KAN5T9YB6Q2R8W4X7V3M0ZJD", "lhwa messages mark-read wamid.HBgN... --typing"],
)
def mark_read(
    ctx: typer.Context,
    message: _Message,
    typing: Annotated[
        bool, typer.Option("--typing", help="Show the client for a while that somebody is writing, too.")
    ] = False,
) -> None:
    """Tell the client that a message, and all before it, was read. lhwa never does so by itself."""
    import asyncio

    from lhwa import bootstrap
    from lhwa.services.messaging import mark_read as service

    session = Session.of(ctx)
    with open_firm(session) as firm:
        number = firm.store.read(service.number_of, firm.principal, message)
        # Before anything is noted: where Meta cannot be told, nothing happened.
        access = bootstrap.require_access(account_of(session, firm), number)
        mark = firm.store.write(service.mark_read, firm.principal, message, is_typing=typing)

    async def tell() -> None:
        async with bootstrap.open_channel() as channel:
            await channel.mark_read(mark.wamid, access=access, is_typing=typing)

    asyncio.run(tell())
    session.out.done("The client sees that it was read.", {"id": mark.id, "typing": typing})


def _show_detail(session: Session, firm: Firm, detail: MessageDetail) -> None:
    message = detail.message
    session.out.record(
        detail,
        without_none(
            {
                "message": message.id,
                "time": firm.clock(message.timestamp),
                "received": firm.clock(detail.received_at),
                "direction": message.direction,
                "type": message.message_type,
                "contact": message.contact or None,
                "text": shown_text(message),
                "state": message.status,
                "reply to": detail.reply_to,
                "edits and reactions": detail.amendments,
                "conversation": message.conversation_id,
                "request": detail.raw_event,
                "position": detail.position,
            }
        ),
    )


def _show_way(session: Session, firm: Firm, found: Why) -> None:
    out = session.out
    for raw in found.raw:
        out.heading("Raw bytes: a signed webhook request, sealed in the spool")
        out.record(
            raw,
            without_none(
                {
                    "request": raw.request.event_id,
                    "received": firm.clock(raw.request.received_at),
                    "signed by app": raw.app,
                    "state": raw.state,
                    "bytes": raw.body_bytes,
                    "sha-256": raw.body_sha256,
                }
            ),
        )
    if found.detail is not None:
        out.heading("Normalised and stored")
        _show_detail(session, firm, found.detail)
    if found.statuses:
        out.heading("Status facts, by their own time" if found.detail else "Status facts of an unknown message")
        out.table(
            found.statuses,
            {
                "status": lambda each: each.status,
                "at": lambda each: firm.moment(each.at),
                "received": lambda each: firm.moment(each.received_at),
                "error": lambda each: each.error_code,
                "request": lambda each: each.raw_event,
                "position": lambda each: each.position,
            },
        )
    if found.events or found.audit:
        out.heading("Events and audit records")
        out.table(
            [("event", step) for step in found.events] + [("audit", step) for step in found.audit],
            {
                "": lambda each: each[0],
                "number": lambda each: each[1].number,
                "what": lambda each: each[1].what,
                "time": lambda each: firm.moment(each[1].at),
                "id or actor": lambda each: each[1].id,
            },
        )


def unix_ms(text: str) -> int:
    """Unix milliseconds of a time that a person typed."""
    from lhwa.domain.instants import parse_rfc3339, to_ms
    from lhwa.errors import UsageError

    try:
        return to_ms(parse_rfc3339(text))
    except ValueError as error:
        zone = " A time needs its zone." if "zone" in str(error) else ""
        raise UsageError(f"{text!r} is no time.{zone}", hint="Write it as 2026-11-22T08:00:00+07:00.") from None
