"""`lhwa intake`: clients on their way from the first message to a lawyer's decision."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.deciding import SEEN_HELP
from lhwa.cli.firm import colleague_of, open_firm
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.domain.access import Permission
from lhwa.domain.intake.choices import RejectionCode

if TYPE_CHECKING:
    from lhwa.cli.firm import Firm

app = Group("Clients on their way to a lawyer's decision.")

_Id = Annotated[str, typer.Argument(help="Its id, from `lhwa intake list`.", metavar="ID")]
_Reason = Annotated[str, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")]
_Seen = Annotated[int | None, typer.Option(help=SEEN_HELP, min=1, metavar="N")]
_Number = Annotated[str, typer.Argument(help="A telephone number with its country code.", metavar="NUMBER")]


@app.add("list", examples=["lhwa intake list", "lhwa --json intake list --all"])
def list_(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are decided or have ended.")] = False,
    limit: Annotated[int, typer.Option(help="At most this many.", min=1, max=100_000, metavar="N")] = 100,
) -> None:
    """List open intakes: the most urgent first, of these the one that waits longest."""
    from lhwa.services.intake.views import list_intakes

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(list_intakes, firm.principal, everything=everything, rows_max=limit)
    session.out.table(
        shown,
        {
            "id": lambda each: each.id,
            "state": lambda each: f"{each.state} (with a person)" if each.with_person else each.state,
            "urgency": lambda each: each.urgency,
            "contact": lambda each: each.contact,
            "tree": lambda each: f"{each.tree} {each.version}",
            "conflicts": lambda each: each.conflicts,
            "started": lambda each: firm.clock(each.started_at),
            "assigned": lambda each: each.assigned_to,
        },
        important=("state", "urgency", "contact", "conflicts"),
        empty="No intake is open. Ended ones: lhwa intake list --all.",
    )


@app.add("show", examples=["lhwa intake show 01KAN5T9YB6Q2R8W4X7V3M0ZJD"])
def show(ctx: typer.Context, intake: _Id) -> None:
    """Show one intake: answers with the message each came from, consents, conflicts, flags and its history."""
    from lhwa.cli.intake_page import show_page
    from lhwa.services.intake.views import show_intake

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(show_intake, firm.principal, intake)
    show_page(session, firm, shown)


@app.add("assign", examples=["lhwa intake assign 01KAN5T9YB6Q2R8W4X7V3M0ZJD --to budi"])
def assign(
    ctx: typer.Context,
    intake: _Id,
    to: Annotated[str, typer.Option("--to", help="Operator of this firm who looks at it.", metavar="OPERATOR")],
) -> None:
    """Say whose intake it is. One that waits for the firm is under review from here on."""
    from lhwa.services.intake.reviewing import assign as assign_to

    session = Session.of(ctx)
    with open_firm(session) as firm:
        person = colleague_of(session, firm, to, able_to=Permission.READ_CONTENT)
        row = firm.store.write(assign_to, firm.principal, intake, operator=person)
    session.out.done(f"It is {person}'s now ({row.state.value}).", {"id": row.id, "assignedTo": person})


@app.add("take-over", examples=["lhwa intake take-over 01KAN5T9YB6Q2R8W4X7V3M0ZJD"])
def take_over(ctx: typer.Context, intake: _Id) -> None:
    """Speak with the client yourself: the tree asks nothing more until it is handed back."""
    from lhwa.services.intake.reviewing import take_over as take

    session = Session.of(ctx)
    with open_firm(session) as firm:
        row = firm.store.write(take, firm.principal, intake)
    session.out.done("The tree is silent now. Write with `lhwa send`.", {"id": row.id, "withPerson": True})


@app.add("hand-back", examples=["lhwa intake hand-back 01KAN5T9YB6Q2R8W4X7V3M0ZJD"])
def hand_back(ctx: typer.Context, intake: _Id) -> None:
    """Let the tree go on where it was; the open question is asked again."""
    from lhwa.services.intake.reviewing import hand_back as give

    session = Session.of(ctx)
    with open_firm(session) as firm:
        row = firm.store.write(give, firm.principal, intake)
        _wake(session, firm)
    session.out.done("The tree goes on.", {"id": row.id, "withPerson": False})


@app.add("ask", examples=["lhwa intake ask 01KAN5T9YB6Q2R8W4X7V3M0ZJD --question children"])
def ask(
    ctx: typer.Context,
    intake: _Id,
    question: Annotated[str, typer.Option(help="Which question of its tree; see `lhwa tree show`.", metavar="NODE")],
    seen: _Seen = None,
) -> None:
    """Have one of the tree's approved questions put to the client, again or for the first time."""
    from lhwa.services.intake.reviewing import ask_more

    session = Session.of(ctx)
    with open_firm(session) as firm:
        row = firm.store.write(ask_more, firm.principal, intake, question=question, seen=seen)
        _wake(session, firm)
    session.out.done("The client is asked.", {"id": row.id, "state": row.state.value})


@app.add(
    "accept",
    examples=[
        'lhwa intake accept 01KAN5T9YB6Q2R8W4X7V3M0ZJD --reason "Clear case"',
        'lhwa intake accept 01KAN5T9YB6Q2R8W4X7V3M0ZJD --reason "Clear case" --seen 14',
        'lhwa intake accept 01KAN5T9YB6Q2R8W4X7V3M0ZJD --reason "Clear case" --title "Sengketa tanah" --lawyer budi',
    ],
)
def accept(
    ctx: typer.Context,
    intake: _Id,
    reason: _Reason,
    title: Annotated[str | None, typer.Option(help="Of the matter; else the tree and the day.", metavar="TEXT")] = None,
    lawyer: Annotated[
        str | None, typer.Option(help="Responsible lawyer; else whose intake it is, else you.", metavar="OPERATOR")
    ] = None,
    external_ref: Annotated[
        str | None, typer.Option("--external-ref", help="Its name in your system of record.", metavar="TEXT")
    ] = None,
    seen: _Seen = None,
) -> None:
    """Take the client: the intake becomes a matter. The names are compared first; hits need a lawyer's decision."""
    from lhwa.cli.deciding import accept_intake

    session = Session.of(ctx)
    with open_firm(session) as firm:
        responsible = None if lawyer is None else colleague_of(session, firm, lawyer, able_to=Permission.DECIDE_INTAKE)
        done = accept_intake(
            firm,
            intake,
            reason=reason,
            title=title,
            lawyer=responsible,
            external_reference=external_ref,
            seen=seen,
        )
    session.out.done(f"Accepted: it is matter {done.matter_id}.", done)


@app.add(
    "reject",
    examples=['lhwa intake reject 01KAN5T9YB6Q2R8W4X7V3M0ZJD --code no_capacity --reason "No lawyer is free"'],
)
def reject(
    ctx: typer.Context,
    intake: _Id,
    reason: _Reason,
    code: Annotated[RejectionCode, typer.Option(help="The kind of reason.", metavar="CODE")],
    seen: _Seen = None,
) -> None:
    """Do not take the client. Nothing is sent: a closing text is offered, and you decide.

    CODE: conflict, outside_practice, no_capacity, no_legal_matter, not_reached, other.
    """
    from lhwa.services.intake.reviewing import reject as turn_down

    session = Session.of(ctx)
    with open_firm(session) as firm:
        done = firm.store.write(turn_down, firm.principal, intake, code=code, reason=reason, seen=seen)
    session.out.done("Rejected. Nothing was sent. A text that the firm approved, if you want to send it:", done)
    if not session.out.json:
        session.out.line(done.closing_text)
        session.out.say(f"Send it with: lhwa send {done.contact_id} --text …")


@app.add("exempt", examples=["lhwa intake exempt +6281230009999", "lhwa intake exempt +6281230009999 --end"])
def exempt(
    ctx: typer.Context,
    number: _Number,
    end: Annotated[bool, typer.Option("--end", help="Let it begin intakes again.")] = False,
) -> None:
    """Never begin an intake with a number: staff, courts, other firms."""
    from lhwa.services.intake.exemptions import end_exemption
    from lhwa.services.intake.exemptions import exempt as spare

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(end_exemption if end else spare, firm.principal, number)
    says = "may begin intakes again" if end else "never begins an intake"
    session.out.done(f"{shown} {says}.", {"number": shown, "exempt": not end})


@app.add("exemptions", examples=["lhwa intake exemptions"])
def exemptions(ctx: typer.Context) -> None:
    """List the numbers that never begin an intake, masked."""
    from lhwa.services.intake.exemptions import list_exemptions

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(list_exemptions, firm.principal)
    session.out.table(shown, {"number": lambda each: each.number}, empty="Every number may begin an intake.")


def _wake(session: Session, firm: Firm) -> None:
    from lhwa.store import wake

    wake.touch(session.home.wake_dir, firm.principal.tenant)
