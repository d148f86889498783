"""`lhwa demo`: lhwa at work, without a Meta account."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lhwa.cli.group import Group
from lhwa.cli.interrupts import end_like_ctrl_c
from lhwa.cli.session import Session

app = Group("Watch lhwa at work.")

NARROWEST = 120
"""Columns of a pipe or a file, which have no width of their own."""


@app.add("demo", examples=["lhwa demo", "lhwa demo --once", "lhwa --json demo --once"])
def demo(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End by itself; exit code 1 if anything is missing.")] = False,
) -> None:
    """Watch about forty webhooks become sealed, audited messages of two sample firms, in a temporary home.

    Runs until Ctrl-C, so that you can look around; your own home is not touched.
    """
    from rich.console import Console

    from lhwa.cli.demo.play import play
    from lhwa.errors import LhwaError

    session = Session.of(ctx)
    end_like_ctrl_c()
    quiet = session.out.json or session.asked.quiet
    console = Console(
        file=sys.stderr if quiet else sys.stdout,
        quiet=quiet,
        highlight=False,
        no_color=True if session.asked.plain else None,
        force_terminal=False if session.asked.plain else None,
        width=None if sys.stdout.isatty() else NARROWEST,
    )
    verdict = play(console, once=once)
    if session.out.json:
        session.out.emit(
            {
                "ok": verdict.ok,
                "webhooks": verdict.webhooks,
                "checks": [{"name": name, "ok": held, "found": detail} for name, held, detail in verdict.checks],
            }
        )
    if not verdict.ok:
        raise LhwaError("The demo did not end as it should.", hint="See the lines marked with a cross.")
