"""`lhwa audit`: the append-only record of who did what."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from typing import Annotated

import typer

from lhwa.cli.firm import open_firm
from lhwa.cli.group import Group
from lhwa.cli.session import Session

app = Group("The append-only record of who did what.")

_Control = Annotated[
    bool, typer.Option("--control-plane", help="The log of firms, apps, operators and tokens; for the installer.")
]


@app.add(
    "log",
    examples=[
        "lhwa audit log --limit 20",
        "lhwa --json audit log --start 0 --limit 10000",
        "lhwa audit log --target message:01KAN5T9YB6Q2R8W4X7V3M0ZJD",
    ],
)
def log(
    ctx: typer.Context,
    start: Annotated[
        int | None, typer.Option(help="First record; the newest when left out.", min=0, max=2**63 - 1)
    ] = None,
    limit: Annotated[int, typer.Option(help="At most this many.", min=1, max=1_000_000, metavar="N")] = 50,
    target: Annotated[str | None, typer.Option(help="Only about this row, such as contact:ID.")] = None,
    control_plane: _Control = False,  # noqa: FBT002 -- typer reads this signature
) -> None:
    """Show audit records, oldest first; exit code 7 when one of them is damaged."""
    from lhwa.errors import VerificationError
    from lhwa.services.audit.views import DAMAGED, read_log

    session = Session.of(ctx)
    if control_plane:
        from lhwa.cli.control_plane import read_control_log

        shown = read_control_log(session, start=start, rows_max=limit, target=target)
    else:
        with open_firm(session) as firm:
            shown = firm.store.read(read_log, firm.principal, start=start, rows_max=limit, target=target)
    session.out.table(
        shown,
        {
            "number": lambda each: each.seq,
            "time (UTC)": lambda each: each.at[:19].replace("T", " "),
            "actor": lambda each: each.actor,
            "action": lambda each: each.action,
            "target": lambda each: each.target,
            "data": lambda each: ", ".join(f"{name}={value}" for name, value in each.data.items()),
        },
    )
    damaged = [each.seq for each in shown if each.action == DAMAGED]
    if damaged:
        many = f"{len(damaged)} of these records are not what was written; the first is record {damaged[0]}."
        raise VerificationError(
            many if len(damaged) > 1 else f"Record {damaged[0]} is not what was written.",
            hint="Run `lhwa audit verify --control-plane`." if control_plane else "Run `lhwa audit verify`.",
        )


@app.add("verify", examples=["lhwa audit verify", "lhwa --json audit verify", "lhwa audit verify --control-plane"])
def verify(ctx: typer.Context, control_plane: _Control = False) -> None:  # noqa: FBT002 -- typer reads this signature
    """Recompute the whole log and compare it with what was written; exit code 7 says what is wrong, and where."""
    from lhwa.errors import VerificationError
    from lhwa.services.audit.views import verify as check

    session = Session.of(ctx)
    if control_plane:
        from lhwa.cli.control_plane import verify_control_log

        found = verify_control_log(session)
    else:
        with open_firm(session) as firm:
            found = firm.store.read(check, firm.principal)
    if session.out.json:
        session.out.emit(found)
    elif found.ok:
        session.out.record(found, {"audit log": "sound", "records": found.entries, "root": found.root})
    if not found.ok:
        where = "" if found.first_bad is None else f"record {found.first_bad}: "
        raise VerificationError(
            f"The audit log does not hold: {where}{found.reason}.",
            hint="Keep this home as it is, and compare it with a backup and with copies of the log.",
        )
