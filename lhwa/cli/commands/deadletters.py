"""`lhwa deadletters`: what could not be processed, until a person decides."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

import json
from typing import Annotated

import typer

from lhwa.cli.columns import utc_moment
from lhwa.cli.firm import open_firm, open_spool, open_spool_reader, without_none
from lhwa.cli.group import Group
from lhwa.cli.session import Session

app = Group("What could not be processed, until a person decides.")

_Id = Annotated[str, typer.Argument(help="Its id, from `deadletters list`.", metavar="ID")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]


@app.add(
    "list", examples=["lhwa deadletters list", "lhwa --json deadletters list --all", "lhwa deadletters list --requests"]
)
def list_(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that somebody has decided.")] = False,
    requests: Annotated[
        bool,
        typer.Option("--requests", help="Whole requests that no firm got: unreadable or unrouted; for the installer."),
    ] = False,
    limit: Annotated[int, typer.Option(help="At most this many.", min=1, max=100_000, metavar="N")] = 100,
) -> None:
    """List dead letters, oldest first; also retried ones whose retry has not run yet."""
    from lhwa.services.messaging.dead_letters import list_dead_letters

    session = Session.of(ctx)
    if requests:
        _list_requests(session, rows_max=limit)
        return

    with open_firm(session) as firm, open_spool_reader(session) as spool:
        shown = firm.store.read(
            list_dead_letters,
            firm.principal,
            include_decided=everything,
            rows_max=limit,
            request_state=spool.state_of,
        )
    session.out.table(
        shown,
        {
            "id": lambda each: each.id,
            "since": lambda each: firm.moment(each.created_at),
            "kind": lambda each: each.kind,
            "reason": lambda each: each.reason,
            "tries": lambda each: each.tries,
            "state": lambda each: each.state,
            "request": lambda each: each.raw_event,
            "position": lambda each: each.position,
        },
        empty="No dead letter waits.",
        important=("reason", "kind", "since", "state"),
    )


def _list_requests(session: Session, *, rows_max: int) -> None:
    """Requests that are kept aside, without their content."""
    from lhwa.services.access.kept_requests import kept_requests

    with session.registry() as registry, open_spool_reader(session) as spool:
        shown = kept_requests(registry, session.installer, spool=spool, rows_max=rows_max)
    session.out.table(
        shown,
        {
            "id": lambda each: each.id,
            "received (UTC)": lambda each: utc_moment(each.received_at),
            "app": lambda each: each.app,
            "state": lambda each: each.state,
            "reason": lambda each: each.reason,
            "bytes": lambda each: each.bytes,
        },
        empty="No request is kept aside.",
        important=("reason", "state", "received (UTC)"),
    )


@app.add("show", examples=["lhwa deadletters show 01KAN5T9YB6Q2R8W4X7V3M0ZJD"])
def show(ctx: typer.Context, letter: _Id) -> None:
    """Show one dead letter with what it holds, where your role may read content."""
    from lhwa.services.messaging.dead_letters import show_dead_letter

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.write(show_dead_letter, firm.principal, letter)
    content = shown.content
    session.out.record(
        shown,
        without_none(
            {
                "dead letter": shown.id,
                "since": firm.clock(shown.created_at),
                "kind": shown.kind,
                "reason": shown.reason,
                "tries": shown.tries,
                "state": shown.state,
                "request": shown.raw_event,
                "position": shown.position,
                "content": content
                if isinstance(content, str) or content is None
                else json.dumps(content, ensure_ascii=False),
            }
        ),
    )


@app.add("retry", examples=["lhwa deadletters retry 01KAN5T9YB6Q2R8W4X7V3M0ZJD"])
def retry(ctx: typer.Context, letter: _Id, dry_run: _DryRun = False) -> None:
    """Send a dead letter back to work, for instance after an update of lhwa. It comes back if it fails again.

    A letter that was retried before can be retried again.
    """
    from lhwa.services.messaging.dead_letters import retry_dead_letter
    from lhwa.store import wake
    from lhwa.store.spool_rows import requeue

    session = Session.of(ctx)
    with open_firm(session) as firm, open_spool(session) as spool:
        firm.store.write(
            retry_dead_letter,
            firm.principal,
            letter,
            spool=spool.read,
            requeue=lambda seq: spool.change(requeue([seq])).result(),
            dry_run=dry_run,
        )
        if not dry_run:
            wake.touch(session.home.wake_dir, wake.SPOOL)
    verb = "would go" if dry_run else "goes"
    session.out.done(f"Dead letter {letter} {verb} back to work.", {"id": letter, "retried": not dry_run})


@app.add(
    "discard",
    examples=[
        'lhwa deadletters discard 01KAN5T9YB6Q2R8W4X7V3M0ZJD --reason "test event"',
        'lhwa deadletters discard 01KAN5T9YB6Q2R8W4X7V3M0ZJD --request --reason "Meta\'s test button"',
    ],
)
def discard(
    ctx: typer.Context,
    letter: _Id,
    reason: Annotated[str, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")],
    request: Annotated[
        bool, typer.Option("--request", help="It is a whole request, from `list --requests`; for the installer.")
    ] = False,
    dry_run: _DryRun = False,
) -> None:
    """Decide that a dead letter will never be processed. Its sealed bytes stay as evidence.

    A whole request stays until the retention time of the spool is over.
    """
    from lhwa.services.messaging.dead_letters import discard_dead_letter

    session = Session.of(ctx)
    if request:
        from lhwa.cli.unrouted import discard_request

        discard_request(session, letter, reason=reason, dry_run=dry_run)
        session.out.done(
            f"Request {letter} {'would be' if dry_run else 'is'} discarded.", {"id": letter, "discarded": not dry_run}
        )
        return
    with open_firm(session) as firm:
        firm.store.write(discard_dead_letter, firm.principal, letter, reason=reason, dry_run=dry_run)
    verb = "would be" if dry_run else "is"
    session.out.done(f"Dead letter {letter} {verb} discarded.", {"id": letter, "discarded": not dry_run})
