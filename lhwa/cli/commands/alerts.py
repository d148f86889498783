"""`lhwa alerts`: what somebody should know or do besides what waits for a decision."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from typing import Annotated

import typer

from lhwa.cli.firm import open_firm, people_of
from lhwa.cli.group import Group
from lhwa.cli.session import Session

app = Group("What somebody should know or do besides.")


@app.add("list", examples=["lhwa alerts list", "lhwa --json alerts list --all"])
def list_(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that ended, and good news from Meta, behind them.")
    ] = False,
    limit: Annotated[int, typer.Option(help="At most this many.", min=1, max=10_000, metavar="N")] = 100,
) -> None:
    """List alerts, the most urgent first: the account, numbers, templates, and whoever waits too long."""
    from lhwa.domain.instants import rfc3339_ms
    from lhwa.services.inbox.alerts import list_alerts
    from lhwa.services.inbox.queues import Queue, open_queue

    session = Session.of(ctx)
    with open_firm(session) as firm:
        firm.store.write(open_queue, firm.principal, Queue.ALERTS)
        shown = firm.store.read(list_alerts, firm.principal, everything=everything, rows_max=limit)
        people = people_of(session, firm)
    session.out.table(
        shown,
        {
            "severity": lambda each: each.severity.value,
            "since": lambda each: firm.moment(rfc3339_ms(each.at_ms)),
            "alert": lambda each: each.title,
            "says": lambda each: each.detail,
            "what to do": lambda each: each.hint,
            "acknowledged by": lambda each: people.get(each.acknowledged_by or "", each.acknowledged_by),
            "id": lambda each: each.id,
        },
        important=("alert", "severity", "what to do", "since"),
        empty="Nothing asks for anybody. What did before: lhwa alerts list --all.",
    )


@app.add(
    "acknowledge", examples=['lhwa alerts acknowledge 01KAN5T9YB6Q2R8W4X7V3M0ZJD --reason "Another template is sent"']
)
def acknowledge(
    ctx: typer.Context,
    alert: Annotated[
        str,
        typer.Argument(help="Its id, from `alerts list`, or 6 or more characters of its beginning.", metavar="ID"),
    ],
    reason: Annotated[str, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")],
) -> None:
    """Say that you have seen what Meta told. What still is so ends with its cause: the alert says what to do."""
    from lhwa.services.inbox.alerts import acknowledge_alert

    session = Session.of(ctx)
    with open_firm(session) as firm:
        done = firm.store.write(acknowledge_alert, firm.principal, alert, reason=reason)
    session.out.done("Acknowledged.", {"id": done})
