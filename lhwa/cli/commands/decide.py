"""`lhwa pending`, `approve`, `reject`: whatever waits for a person's decision."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.deciding import SEEN_HELP
from lhwa.cli.firm import open_firm, people_of, say_unless_serving
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.errors import UsageError

if TYPE_CHECKING:
    from lhwa.cli.firm import Firm

app = Group("Whatever waits for a person's decision.")

_Id = Annotated[
    str, typer.Argument(help="Its id, from `lhwa pending`, or 6 or more characters of its beginning.", metavar="ID")
]

_Seen = Annotated[int | None, typer.Option(help=SEEN_HELP, min=1, metavar="N")]


@app.add("pending", examples=["lhwa pending", "lhwa --json pending"])
def pending(ctx: typer.Context) -> None:
    """List everything that waits for somebody's decision, oldest first."""
    from lhwa.services.inbox.queues import Queue, list_approvals, open_queue

    session = Session.of(ctx)
    with open_firm(session) as firm:
        firm.store.write(open_queue, firm.principal, Queue.APPROVALS)
        shown = firm.store.read(list_approvals, firm.principal)
        people = people_of(session, firm)
    session.out.table(
        shown,
        {
            "id": lambda each: each.id,
            "what": lambda each: each.kind,
            "since": lambda each: firm.moment(each.since),
            "by": lambda each: people.get(each.by, each.by),
            "about": lambda each: each.about,
            "text": lambda each: each.text,
        },
        important=("text", "what", "by", "about"),
        empty="Nothing waits for approval. What is in doubt: lhwa outbox list --open.",
    )


@app.add(
    "approve",
    examples=[
        "lhwa approve 01KAN5T9YB6Q2R8W4X7V3M0ZJD",
        'lhwa approve 01KAN5T9YB6Q2R8W4X7V3M0ZJD --reason "Clear case"',
    ],
)
def approve(
    ctx: typer.Context,
    item: _Id,
    reason: Annotated[str | None, typer.Option(help="Why; an intake needs one.", metavar="TEXT")] = None,
    seen: _Seen = None,
) -> None:
    """Approve what somebody else wrote. Who wrote it cannot. A template is posted to Meta at once.

    A tree is in force from here on. An intake is accepted, and becomes a matter.
    """
    from lhwa.services.messaging.meant import Item, item_meant

    session = Session.of(ctx)
    with open_firm(session) as firm:
        meant, kind = firm.store.read(item_meant, firm.principal, item)
        if kind is Item.INTAKE:
            _accept_intake(session, firm, meant, reason, seen)
        else:
            _refuse_seen(seen)
            approving = {Item.TEMPLATE: _approve_template, Item.TREE: _publish_tree}
            approving.get(kind, _approve_message)(session, firm, meant)
    if kind is Item.MESSAGE:
        say_unless_serving(session)


@app.add("reject", examples=['lhwa reject 01KAN5T9YB6Q2R8W4X7V3M0ZJD --reason "The tone is wrong"'])
def reject(
    ctx: typer.Context,
    item: _Id,
    reason: Annotated[str, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")],
    seen: _Seen = None,
) -> None:
    """Decline what waits, with a reason. Nothing is sent to a client by that."""
    from lhwa.services.messaging.meant import Item, item_meant

    session = Session.of(ctx)
    with open_firm(session) as firm:
        meant, kind = firm.store.read(item_meant, firm.principal, item)
        if kind is Item.INTAKE:
            _reject_intake(session, firm, meant, reason, seen)
        else:
            _refuse_seen(seen)
            declining = {Item.TEMPLATE: _decline_template, Item.TREE: _decline_tree}
            declining.get(kind, _decline_message)(session, firm, meant, reason)


def _refuse_seen(seen: int | None) -> None:
    if seen is not None:
        raise UsageError("--seen is for an intake.", hint="Nothing else changes while it waits: leave it out.")


def _approve_message(session: Session, firm: Firm, item: str) -> None:
    from lhwa.services.messaging.outbox_decisions import approve_outbound
    from lhwa.store import wake

    row = firm.store.write(approve_outbound, firm.principal, item)
    wake.touch(session.home.wake_dir, firm.principal.tenant)
    session.out.done(f"Message {item} is {row.state.value}.", {"id": item, "state": row.state.value})


def _approve_template(session: Session, firm: Firm, item: str) -> None:
    from lhwa.cli.template_work import approve_template

    submitted = approve_template(session, firm, item)
    says = f"Template {submitted.name} ({submitted.language}) is at Meta, for review."
    session.out.done(says, {"id": item, "state": submitted.state.value})


def _publish_tree(session: Session, firm: Firm, item: str) -> None:
    from lhwa.services.intake.publishing import publish_tree

    tree = firm.store.write(publish_tree, firm.principal, item)
    says = f"Tree {tree.name} version {tree.version} is in force."
    session.out.done(says, {"id": item, "state": tree.state, "version": tree.version})


def _accept_intake(session: Session, firm: Firm, item: str, reason: str | None, seen: int | None) -> None:
    from lhwa.cli.deciding import accept_intake

    done = accept_intake(firm, item, reason=reason, seen=seen)
    session.out.done(f"Accepted: it is matter {done.matter_id}.", done)


def _decline_message(session: Session, firm: Firm, item: str, reason: str) -> None:
    from lhwa.services.messaging.outbox_decisions import decline_outbound

    row = firm.store.write(decline_outbound, firm.principal, item, reason=reason)
    session.out.done(f"Message {item} is {row.state.value}.", {"id": item, "state": row.state.value})


def _decline_template(session: Session, firm: Firm, item: str, reason: str) -> None:
    from lhwa.services.messaging.template_submissions import decline_template

    declined = firm.store.write(decline_template, firm.principal, item, reason=reason)
    says = f"Template {declined.name} ({declined.language}) is {declined.state.value}."
    session.out.done(says, {"id": item, "state": declined.state.value})


def _decline_tree(session: Session, firm: Firm, item: str, reason: str) -> None:
    from lhwa.services.intake.publishing import decline_tree

    refused = firm.store.write(decline_tree, firm.principal, item, reason=reason)
    session.out.done(f"Tree {refused.name} is {refused.state}.", {"id": item, "state": refused.state})


def _reject_intake(session: Session, firm: Firm, item: str, reason: str, seen: int | None) -> None:
    from lhwa.domain.intake.choices import RejectionCode
    from lhwa.services.intake.reviewing import reject as turn_down

    code = RejectionCode.OTHER
    done = firm.store.write(turn_down, firm.principal, item, code=code, reason=reason, seen=seen)
    session.out.done("Rejected. Nothing was sent.", done)
