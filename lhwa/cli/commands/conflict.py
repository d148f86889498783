"""`lhwa conflict`: the names of an intake, compared with those of every other matter and intake of the firm."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from typing import Annotated

import typer

from lhwa.cli.deciding import SEEN_HELP
from lhwa.cli.firm import open_firm
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.domain.intake.choices import ConflictDecision, PartyRole

app = Group("Names compared with those of every other matter.")

_Id = Annotated[str, typer.Argument(help="Id of the intake, from `lhwa intake list`.", metavar="ID")]


@app.add("check", examples=["lhwa conflict check 01KAN5T9YB6Q2R8W4X7V3M0ZJD"])
def check(ctx: typer.Context, intake: _Id) -> None:
    """Compare the names of an intake now; shows why each hit is one. The check goes on record."""
    from lhwa.cli.intake_page import show_check
    from lhwa.services.intake.conflicts import check_conflicts

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(check_conflicts, firm.principal, intake)
    show_check(session, shown)


@app.add(
    "decide",
    examples=['lhwa conflict decide 01KAN5T9YB6Q2R8W4X7V3M0ZJD waived --reason "Both agreed in writing"'],
)
def decide(
    ctx: typer.Context,
    intake: _Id,
    verdict: Annotated[ConflictDecision, typer.Argument(help="no_conflict, waived or conflict.", metavar="VERDICT")],
    reason: Annotated[str, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")],
    seen: Annotated[int | None, typer.Option(help=SEEN_HELP, min=1, metavar="N")] = None,
) -> None:
    """Say what the newest check means. Only a lawyer does; it holds for these names and hits alone."""
    from lhwa.services.intake.conflicts import decide_conflicts

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(decide_conflicts, firm.principal, intake, verdict, reason=reason, seen=seen)
    session.out.done(f"Decided: {verdict.value}.", shown)


@app.add("party", examples=['lhwa conflict party 01KAN5T9YB6Q2R8W4X7V3M0ZJD --name "PT Contoh Jaya" --role opponent'])
def party(
    ctx: typer.Context,
    intake: _Id,
    name: Annotated[str, typer.Option(help="As it is written.", metavar="NAME")],
    role: Annotated[PartyRole, typer.Option(help="client, opponent or related.", metavar="ROLE")] = PartyRole.OPPONENT,
) -> None:
    """Name a party. What was compared before is compared again, and old matters that it touches are flagged."""
    from lhwa.services.intake.parties import add_party

    session = Session.of(ctx)
    with open_firm(session) as firm:
        added = firm.store.write(add_party, firm.principal, intake, name=name, role=role.value)
    session.out.done("Named.", {"id": added, "intake": intake, "role": role.value})


@app.add("flagged", examples=["lhwa conflict flagged"])
def flagged(ctx: typer.Context) -> None:
    """List matters that a later name touches: a lawyer checks them again."""
    from lhwa.services.intake.conflicts import flagged_matters

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(flagged_matters, firm.principal)
    session.out.table(
        shown,
        {
            "matter": lambda each: each.id,
            "intake": lambda each: each.intake_id,
            "title": lambda each: each.title,
            "lawyer": lambda each: each.lawyer,
            "since": lambda each: firm.clock(each.since),
        },
        empty="No matter waits for another check.",
    )
