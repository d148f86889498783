"""`lhwa events`: what happened, for people and for scripts; and sending stored requests through again."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lhwa.cli.firm import Firm, open_firm, open_spool
from lhwa.cli.group import Group
from lhwa.cli.session import Session

if TYPE_CHECKING:
    from lhwa.cli.rebuilding import Rebuilt
    from lhwa.store.tables.events import StoredEvent

app = Group("What happened, and sending stored requests through again.")

TAIL_LOOK_S = 0.25
_Limit = Annotated[int, typer.Option("--limit", help="At most this many.", min=1, max=1_000_000, metavar="N")]


@app.add("list", examples=["lhwa events list", "lhwa --json events list --after 1200 --limit 500"])
def list_(
    ctx: typer.Context,
    limit: _Limit = 50,
    after: Annotated[
        int | None, typer.Option(help="Only after this place in the order.", min=0, max=2**63 - 1, metavar="SEQ")
    ] = None,
) -> None:
    """List events, oldest first. With --json: CloudEvents, each with its place `seq` and its `rawEvent`."""
    from lhwa.services.messaging.flow import read_events

    session = Session.of(ctx)
    with open_firm(session) as firm:
        events = firm.store.read(read_events, firm.principal, after=after, rows_max=limit)
    if session.out.json:
        session.out.emit([_as_json(stored) for stored in events])
        return
    session.out.table(events, _columns(firm), empty="No event yet.", important=("type", "time", "what", "about"))


@app.add("tail", examples=["lhwa events tail", "lhwa --json events tail | jq .type"])
def tail(ctx: typer.Context, limit: _Limit = 10) -> None:
    """Show the newest events and then each new one as it happens, until Ctrl-C. With --json: one event a line."""
    from lhwa.services.messaging.flow import read_events

    session = Session.of(ctx)
    with open_firm(session) as firm, suppress(KeyboardInterrupt):
        events = firm.store.read(read_events, firm.principal, after=None, rows_max=limit)
        last = 0
        while True:
            for stored in events:
                last = stored.seq
                _show_one(session, firm, stored)
            if not events:
                time.sleep(TAIL_LOOK_S)
            events = firm.store.read(read_events, firm.principal, after=last, rows_max=1_000)
    # Ctrl-C is how this command ends: no complaint, and the exit code that shells know.
    raise typer.Exit(130)


@app.add(
    "replay",
    examples=[
        "lhwa events replay 01KAN5T9YB6Q2R8W4X7V3M0ZJD",
        "lhwa events replay --all --dry-run",
        "# after `tenant add-number`: give what nobody owned to its firm",
        "lhwa events replay --unrouted",
        "# build the firm's records anew elsewhere, from all that is stored, and compare them",
        "lhwa events replay --all --into /srv/lhwa-rebuilt",
    ],
)
def replay(
    ctx: typer.Context,
    requests: Annotated[list[str] | None, typer.Argument(help="Ids of stored requests.", metavar="[ID]...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything of the firm that is still stored.")] = False,
    since: Annotated[str | None, typer.Option(help="Everything since this time.", metavar="TIME")] = None,
    unrouted: Annotated[bool, typer.Option("--unrouted", help="What no firm owned; for the installer.")] = False,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", help="With --all: build the firm anew in a new home there, and compare; 7: they differ."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
) -> None:
    """Send stored webhook requests through the normalizer again. What was applied before changes nothing."""
    from lhwa.errors import UsageError

    session = Session.of(ctx)
    chosen = [bool(requests), everything, since is not None, unrouted]
    if sum(chosen) != 1:
        raise UsageError("Say what to replay: ids, --all, --since or --unrouted; one of them.")
    if into is not None:
        if not everything:
            raise UsageError("--into goes with --all: a home is built anew from everything that is stored.")
        _rebuild(session, into.expanduser().absolute(), dry_run=dry_run)
    elif unrouted:
        _replay_unrouted(session, dry_run=dry_run)
    else:
        _replay_own(session, requests or [], since=since, dry_run=dry_run)


def _replay_own(session: Session, requests: list[str], *, since: str | None, dry_run: bool) -> None:
    from lhwa.cli.commands.messages import unix_ms
    from lhwa.domain.access import NOT_YOURS
    from lhwa.errors import NotAllowedError
    from lhwa.services.messaging.flow import note_replay, requests_to_replay
    from lhwa.store import wake
    from lhwa.store.spool_rows import requeue

    since_ms = None if since is None else unix_ms(since)
    with open_firm(session) as firm, open_spool(session) as spool:
        wanted = list(dict.fromkeys(requests))
        seqs = requests_to_replay(firm.principal, spool=spool.read, events=wanted, since_ms=since_ms)
        if len(seqs) < len(wanted):
            raise NotAllowedError(NOT_YOURS, hint="List what is stored: `lhwa messages why ID`.")
        if not dry_run and seqs:
            firm.store.write(note_replay, firm.principal, requests=len(seqs))
            spool.change(requeue(seqs)).result()
            wake.touch(session.home.wake_dir, wake.SPOOL)
    verb = "would be" if dry_run else "are"
    session.out.done(f"{len(seqs)} stored requests {verb} replayed.", {"requests": len(seqs), "dryRun": dry_run})


def _replay_unrouted(session: Session, *, dry_run: bool) -> None:
    from lhwa.cli.unrouted import reroute_all

    outcome = reroute_all(session, dry_run=dry_run)
    verb = "would get" if dry_run else "got"
    session.out.done(
        f"{outcome.routed} of {outcome.seen} unrouted requests {verb} their firm.",
        {"seen": outcome.seen, "routed": outcome.routed, "dryRun": dry_run},
    )


def _rebuild(session: Session, target: Path, *, dry_run: bool) -> None:
    from lhwa.cli.interrupts import end_like_ctrl_c
    from lhwa.cli.rebuilding import rebuild, require_free
    from lhwa.domain.access import Permission
    from lhwa.errors import VerificationError
    from lhwa.services.messaging.comparison import note_rebuild
    from lhwa.store.copies import count_requests

    require_free(target)
    with open_firm(session) as firm:
        firm.principal.require(Permission.MANAGE_FIRM)
        requests = count_requests(session.home.spool_db, firm.principal.tenant)
        if dry_run:
            session.out.done(
                f"{requests} stored requests would be applied in a new home.", {"requests": requests, "dryRun": True}
            )
            return
        end_like_ctrl_c()
        firm.store.write(note_rebuild, firm.principal, requests=requests)
        rebuilt = rebuild(
            session, firm, target, on_progress=lambda done: session.out.say(f"{done} of {requests} requests")
        )
    _show_rebuilt(session, rebuilt)
    if not rebuilt.is_same:
        names = ", ".join(table.table for table in rebuilt.tables if not table.is_same)
        raise VerificationError(
            f"The records here and the rebuilt ones differ: {names}.",
            hint="Both homes are as they are; look at what differs before you trust either.",
        )


def _show_rebuilt(session: Session, rebuilt: Rebuilt) -> None:
    if session.out.json:
        facts = ("requests", "elements", "postponed", "unreadable", "waiting")
        session.out.emit(
            {name: getattr(rebuilt, name) for name in facts} | {"same": rebuilt.is_same, "tables": rebuilt.tables}
        )
        return
    session.out.table(
        rebuilt.tables,
        {
            "table": lambda each: each.table,
            "here": lambda each: each.here,
            "rebuilt": lambda each: each.there,
            "compared": lambda each: each.compared,
            "differ": lambda each: each.different + each.missing_here + each.missing_there,
            "not comparable": lambda each: each.not_comparable,
        },
    )
    left = sum(table.not_comparable for table in rebuilt.tables)
    session.out.say(f"{rebuilt.elements} elements of {rebuilt.requests} requests applied.")
    if left:
        session.out.warn(f"{left} rows could not be compared: their requests are not stored any more, or wait here.")
    if rebuilt.postponed or rebuilt.unreadable:
        session.out.warn(
            f"{rebuilt.postponed} elements could not be applied, {rebuilt.unreadable} requests do not open."
        )
    if rebuilt.is_same:
        session.out.say("All that could be compared is identical.")


def _show_one(session: Session, firm: Firm, stored: StoredEvent) -> None:
    if session.out.json:
        session.out.emit(_as_json(stored))
    else:
        session.out.line("  ".join(str(get(stored)) for get in _columns(firm).values()))


def _as_json(stored: StoredEvent) -> dict[str, Any]:
    import msgspec

    event: dict[str, Any] = msgspec.to_builtins(stored.event)
    return {"seq": stored.seq, **event, "rawEvent": stored.raw_event}


def _columns(firm: Firm) -> dict[str, Any]:
    return {
        "seq": lambda each: each.seq,
        "time": lambda each: firm.moment(each.event.time),
        "type": lambda each: each.event.type.value,
        "about": lambda each: each.event.subject,
        "what": lambda each: _gist(each.event.data),
        "request": lambda each: each.raw_event,
    }


def _gist(data: dict[str, Any]) -> str:
    words = [
        data.get(name) for name in ("direction", "messageType", "status", "errorCode", "field", "event", "severity")
    ]
    return " ".join(str(word) for word in words if word not in (None, ""))
