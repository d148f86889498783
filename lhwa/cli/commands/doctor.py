"""`lhwa doctor`: is this machine and this home fit for the job."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

import typer

from lhwa.cli.group import Group
from lhwa.cli.session import Session

app = Group("Check this machine and this home.")


@app.add("doctor", examples=["lhwa doctor", "lhwa --json doctor"])
def doctor(ctx: typer.Context) -> None:
    """Check versions, files, keys, disk and databases; exit code 1 when something must be mended."""
    from lhwa.cli.checkup import Verdict, examine
    from lhwa.errors import LhwaError

    session = Session.of(ctx)
    findings = examine(session)
    session.out.table(
        findings,
        {
            "": lambda each: each.verdict.value,
            "check": lambda each: each.check,
            "found": lambda each: each.found,
            "what to do": lambda each: each.hint,
        },
    )
    bad = [finding for finding in findings if finding.verdict is Verdict.BAD]
    if bad:
        raise LhwaError(f"{len(bad)} of {len(findings)} checks failed.", hint=bad[0].hint)
