"""`lhwa audit`: the append-only record of who did what."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.columns import utc_moment
from lhwa.cli.firm import open_firm, open_spool_reader
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.errors import UsageError

if TYPE_CHECKING:
    from lhwa.services.audit.completeness import Completeness

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
            "time (UTC)": lambda each: utc_moment(each.at),
            "actor": lambda each: each.actor,
            "action": lambda each: each.action,
            "target": lambda each: each.target,
            "data": lambda each: ", ".join(f"{name}={value}" for name, value in each.data.items()),
        },
        important=("action", "time (UTC)", "actor", "target"),
    )
    damaged = [each.seq for each in shown if each.action == DAMAGED]
    if damaged:
        many = f"{len(damaged)} of these records are not what was written; the first is record {damaged[0]}."
        raise VerificationError(
            many if len(damaged) > 1 else f"Record {damaged[0]} is not what was written.",
            hint="Run `lhwa audit verify --control-plane`." if control_plane else "Run `lhwa audit verify`.",
        )


@app.add("verify", examples=["lhwa audit verify", "lhwa --json audit verify", "lhwa audit verify --proof proof.json"])
def verify(
    ctx: typer.Context,
    control_plane: _Control = False,  # noqa: FBT002 -- typer reads this signature
    proof: Annotated[
        Path | None,
        typer.Option(help="Check this proof instead, from `lhwa --json consent prove`.", metavar="FILE"),
    ] = None,
) -> None:
    """Recompute the whole log and compare it with what was written; exit code 7 says what is wrong, and where."""
    from lhwa.errors import VerificationError
    from lhwa.services.audit.views import verify as check

    session = Session.of(ctx)
    if proof is not None:
        _verify_proof(session, proof)
        return
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


def _verify_proof(session: Session, file: Path) -> None:
    """Check a proof in itself, then against the firm's own log."""
    from lhwa.errors import VerificationError
    from lhwa.services.audit.proofs import PROOF_BYTES_MAX, check_proof, compare_with_log, read_proof

    try:
        with file.open("rb") as source:
            proof = read_proof(source.read(PROOF_BYTES_MAX + 1))
    except OSError as error:
        raise UsageError("The file cannot be read.", hint="Give the file that holds the proof.") from error
    found = check_proof(proof)
    reason = found.reason
    if found.ok:
        with open_firm(session) as firm:
            reason = firm.store.read(compare_with_log, firm.principal, proof) or None
    if reason:
        raise VerificationError(f"The proof does not hold: {reason}.", hint="Keep it, and ask whoever made it.")
    record = found.record or {}
    session.out.record(
        found,
        {
            "proof": "sound",
            "action": record.get("action"),
            "target": record.get("target"),
            "at": record.get("ts"),
            "log size": found.tree_size,
        },
    )


PROGRESS_S = 2.0
_WORDS = {
    "message": "messages",
    "status": "statuses",
    "platform_event": "platform events",
    "dead_letter": "dead letters",
    "waiting_job": "wait as jobs",
    "duplicate": "duplicates",
    "not_applied": "not applied yet",
    "set_aside": "in requests put aside",
    "missing": "missing",
}
_HINTS = {
    "missing": "Send their requests through again: `lhwa events replay ID`; what is recorded already stays as it is.",
    "unreadable_request": "Its bytes do not open: compare spool.db and the root key with a backup.",
}


@app.add(
    "completeness",
    examples=[
        "lhwa audit completeness",
        "lhwa audit completeness -t firma",
        "lhwa --json audit completeness | jq .dispositions",
    ],
)
def completeness(ctx: typer.Context) -> None:
    """Account for every item of every stored webhook request: counts in equal dispositions out.

    The requests that the spool still holds are opened and read anew. Each item must be a row, a dead letter, a waiting
    job, a duplicate or not applied yet; each row must have its audit record, and each record its row. Rows of requests
    that the spool has forgotten are counted apart. The daemon may run meanwhile. Exit code 7 says what is missing.
    """
    from lhwa.errors import VerificationError
    from lhwa.routes import LEDGER
    from lhwa.services.audit.completeness import take_stock

    session = Session.of(ctx)
    with open_firm(session) as firm, open_spool_reader(session) as spool:
        found = take_stock(
            firm.store, firm.principal, spool=spool, keys=firm.keys, reading=LEDGER, on_progress=_progress(session)
        )
    _show_ledger(session, found)
    if not found.balanced:
        first = found.findings[0]
        where = f"{first.kind.replace('_', ' ')} {first.what}"
        if found.missing:
            where = "1 item is missing" if found.missing == 1 else f"{found.missing} items are missing"
        raise VerificationError(
            f"The ledger does not balance: {where}.",
            hint=_HINTS.get(
                first.kind, "Run `lhwa audit verify`, keep this home as it is, and compare it with a backup."
            ),
        )


def _progress(session: Session) -> Callable[[int, int], None]:
    """Talk about long work every few seconds; short work says nothing."""
    said_s = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal said_s
        if done < total and time.monotonic() - said_s > PROGRESS_S:
            said_s = time.monotonic()
            session.out.say(f"{done} of {total} requests ...")

    return tell


def _show_ledger(session: Session, found: Completeness) -> None:
    if session.out.json:
        session.out.emit(found)
        return
    shown: dict[str, object] = {f"requests {state}": number for state, number in found.requests.items()}
    shown["items in"] = found.elements
    shown |= {f"  {_WORDS[name]}": number for name, number in found.dispositions.items()}
    shown["items out"] = sum(found.dispositions.values()) - found.missing
    shown["rows older than the spool"] = found.older_than_spool
    shown |= {f"! {each.kind.replace('_', ' ')} {nth}": each.what for nth, each in enumerate(found.findings, start=1)}
    session.out.record(found, shown)
