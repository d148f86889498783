"""`lhwa outbox`: what the firm sends, and what became of it."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.commands.messages import unix_ms
from lhwa.cli.firm import Firm, open_firm, people_of, say_unless_serving, without_none
from lhwa.cli.group import Group
from lhwa.cli.naming_doubts import resolved_by_name
from lhwa.cli.session import Session
from lhwa.errors import UsageError

if TYPE_CHECKING:
    from lhwa.services.messaging.decisions import Decision
    from lhwa.store.tables.outbox import OutboundRow

app = Group("What the firm sends, and what became of it.")

_Id = Annotated[
    str, typer.Argument(help="Its id, from `outbox list`, or 6 or more characters of its beginning.", metavar="ID")
]
_Reason = Annotated[str, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")]
_WOULD_BE_SENT = "It would count as sent, and nothing would leave."
_WOULD_LEAVE_TWICE = "It would leave once more: if the first one arrived, the client gets it twice."
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]


@app.add("list", examples=["lhwa outbox list", "lhwa --json outbox list --open", "lhwa outbox list --limit 10"])
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(help="At most this many.", min=1, max=100_000, metavar="N")] = 50,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that are not settled.")] = False,
) -> None:
    """List outgoing messages, newest first."""
    from lhwa.services.messaging.outbox_views import list_outbox
    from lhwa.services.messaging.outbox_words import explained
    from lhwa.store.tables.outbox import OPEN

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(list_outbox, firm.principal, rows_max=limit, states=OPEN if only_open else ())
    session.out.table(
        shown,
        {
            "id": lambda each: each.id,
            "time": lambda each: firm.moment(each.created_at),
            "contact": lambda each: each.contact,
            "type": lambda each: each.template or each.type,
            "state": lambda each: each.state,
            "tries": lambda each: each.attempts,
            "next try": lambda each: firm.moment(each.next_attempt_at),
            "what to do": lambda each: each.hint,
        },
        empty="The outbox is empty.",
        important=("state", "contact", "time", "what to do", "type"),
    )
    for line in explained(each.state for each in shown):
        session.out.say(line)
    if any(each.state == "queued" for each in shown):
        say_unless_serving(session)


@app.add("show", examples=["lhwa outbox show 01KAN5T9YB6Q2R8W4X7V3M0ZJD"])
def show(ctx: typer.Context, message: _Id) -> None:
    """Show one outgoing message with what it says, where your role may read content."""
    from lhwa.services.messaging.outbox_views import show_outbound

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(show_outbound, firm.principal, message)
        people = people_of(session, firm)
    about = shown.message
    session.out.record(
        shown,
        without_none(
            {
                "message": about.id,
                "state": about.state,
                "meaning": shown.meaning,
                "to": about.contact,
                "written": f"{firm.clock(about.created_at)} by {people.get(about.author, about.author)}",
                "text": shown.text,
                "template": about.template,
                "leaves at": about.send_at and firm.clock(about.send_at),
                "next try": about.next_attempt_at and firm.clock(about.next_attempt_at),
                "in doubt since": about.in_doubt_since and firm.clock(about.in_doubt_since),
                "tries": about.attempts,
                "decided": "; ".join(_decision(firm, people, each) for each in shown.decisions),
                "rule": about.rule,
                "error": about.error_code,
                "what to do": about.hint,
                "counted as": shown.price and f"{shown.price.category}, {shown.price.type}",
                "statuses": ", ".join(f"{each.status} {firm.clock(each.at)}" for each in shown.statuses),
            }
        ),
    )


@app.add("costs", examples=["lhwa outbox costs", "lhwa --json outbox costs --since 2026-11-01T00:00:00+07:00"])
def costs(
    ctx: typer.Context,
    since: Annotated[str | None, typer.Option(help="Only with a status since this time.", metavar="TIME")] = None,
) -> None:
    """Show what Meta counts each contact's messages as. Meta tells no amounts: they are in its price list."""
    from lhwa.services.messaging.costs import costs as counted

    session = Session.of(ctx)
    since_ms = 0 if since is None else unix_ms(since)
    with open_firm(session) as firm:
        shown = firm.store.write(counted, firm.principal, since_ms=since_ms)
    session.out.table(
        shown,
        {
            "contact id": lambda each: each.contact_id,
            "contact": lambda each: each.contact,
            "category": lambda each: each.category,
            "type": lambda each: each.type,
            "charged": lambda each: each.is_charged,
            "messages": lambda each: each.messages,
        },
        important=("contact", "messages", "category"),
        empty="Meta has not told of any price yet. It does so with the statuses of a message.",
    )


@app.add(
    "resolve",
    examples=[
        'lhwa outbox resolve 01KAN5T9YB6Q2R8W4X7V3M0ZJD --sent --reason "The client answered it"',
        'lhwa outbox resolve 01KAN5T9YB6Q2R8W4X7V3M0ZJD --sent --message-id wamid.HBgN... --reason "Quoted"',
        'lhwa outbox resolve 01KAN5T9YB6Q2R8W4X7V3M0ZJD --resend --reason "The client says nothing came"',
    ],
)
def resolve(
    ctx: typer.Context,
    message: _Id,
    reason: _Reason,
    sent: Annotated[bool, typer.Option("--sent", help="It arrived: nothing is sent again.")] = False,
    resend: Annotated[bool, typer.Option("--resend", help="Send it again; it may arrive twice.")] = False,
    message_id: Annotated[
        str | None, typer.Option(help="With --sent: Meta's id of the message, where you learned it.", metavar="WAMID")
    ] = None,
    dry_run: _DryRun = False,
) -> None:
    """Decide what became of a message that is in doubt. lhwa never sends one again by itself.

    Where you know Meta's id of it, Meta is asked what became of it, and its later statuses find it.
    """
    from lhwa.services.messaging.outbox_decisions import resolve_outbound

    if sent == resend:
        raise UsageError("Say what became of it: --sent or --resend, one of them.")
    if resend and message_id is not None:
        raise UsageError("What is sent again has no message id yet.", hint="Leave out --message-id, or say --sent.")
    session = Session.of(ctx)
    with open_firm(session) as firm:
        if message_id is not None:
            row = resolved_by_name(session, firm, message, wamid=message_id, reason=reason, dry_run=dry_run)
        else:
            row = firm.store.write(
                resolve_outbound, firm.principal, message, was_sent=sent, reason=reason, dry_run=dry_run
            )
        _wake(session, firm)
    would = _WOULD_BE_SENT if sent else _WOULD_LEAVE_TWICE
    _tell(session, row, would if dry_run else "", leaves=resend)


@app.add(
    "cancel",
    examples=[
        "lhwa outbox cancel 01KAN5T9YB6Q2R8W4X7V3M0ZJD",
        'lhwa outbox cancel 01KAN5 --reason "The date has changed"',
    ],
)
def cancel(
    ctx: typer.Context,
    message: _Id,
    reason: Annotated[str | None, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")] = None,
    dry_run: _DryRun = False,
) -> None:
    """Take a message back that has not left. What has left, or may have, cannot be taken back."""
    from lhwa.services.messaging.outbox_decisions import cancel_outbound

    session = Session.of(ctx)
    with open_firm(session) as firm:
        row = firm.store.write(cancel_outbound, firm.principal, message, reason=reason, dry_run=dry_run)
    _tell(session, row, "It would be cancelled, and never leave." if dry_run else "")


@app.add("retry", examples=['lhwa outbox retry 01KAN5T9YB6Q2R8W4X7V3M0ZJD --reason "The payment is settled"'])
def retry(ctx: typer.Context, message: _Id, reason: _Reason, dry_run: _DryRun = False) -> None:
    """Send a message again that certainly failed. The gates are asked anew. For one in doubt use `resolve`."""
    from lhwa.services.messaging.outbox_decisions import retry_outbound

    session = Session.of(ctx)
    with open_firm(session) as firm:
        row = firm.store.write(retry_outbound, firm.principal, message, reason=reason, dry_run=dry_run)
        _wake(session, firm)
    _tell(session, row, "It would leave again, if the gates let it." if dry_run else "", leaves=True)


def _wake(session: Session, firm: Firm) -> None:
    from lhwa.store import wake

    wake.touch(session.home.wake_dir, firm.principal.tenant)


def _tell(session: Session, row: OutboundRow, would: str, *, leaves: bool = False) -> None:
    """Say what was done.

    Args:
        row: the message as it is now.
        would: what would happen; empty when it has happened.
        leaves: it has been put on its way.
    """
    state = row.state.value
    says = f"Message {row.id} is {state}."
    session.out.done(f"{says} {would} Nothing is changed." if would else says, {"id": row.id, "state": state})
    if leaves and not would:
        say_unless_serving(session)


def _decision(firm: Firm, people: dict[str, str], decision: Decision) -> str:
    """One line: what was decided, by whom, when and why."""
    why = f": {decision.reason}" if decision.reason else ""
    return f"{decision.what} by {people.get(decision.by, decision.by)}, {firm.clock(decision.at)}{why}"
