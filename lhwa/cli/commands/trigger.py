"""`lhwa trigger`: send signed test webhooks, as Meta would."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from typing import Annotated

import typer

from lhwa.cli.group import Group
from lhwa.cli.session import Session

app = Group("Send signed test webhooks.")

SEED_MAX = 2**31 - 1


@app.add(
    "trigger",
    examples=[
        "lhwa trigger --list",
        "lhwa trigger text",
        'lhwa trigger text --set entry.0.changes.0.value.messages.0.text.body="Selamat siang"',
        "lhwa trigger status_read --count 20 --shuffle --duplicate",
        "lhwa trigger document --to http://127.0.0.1:8080/webhooks/whatsapp --dry-run",
    ],
)
def trigger(
    ctx: typer.Context,
    kind: Annotated[str | None, typer.Argument(help="What to send; see --list.", metavar="KIND")] = None,
    list_kinds: Annotated[bool, typer.Option("--list", help="List every kind.")] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Change one value of the body; repeatable.", metavar="PATH=VALUE")
    ] = None,
    count: Annotated[int, typer.Option(help="How many different ones.", min=1, max=100_000, metavar="N")] = 1,
    duplicate: Annotated[bool, typer.Option("--duplicate", help="Send each one twice.")] = False,
    shuffle: Annotated[bool, typer.Option("--shuffle", help="Send them in random order.")] = False,
    seed: Annotated[
        int, typer.Option(help="Ids and order follow from it; 0: new ones each time.", min=0, max=SEED_MAX)
    ] = 0,
    to: Annotated[str | None, typer.Option(help="Where to; the running daemon when left out.", metavar="URL")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the bodies instead of sending them.")] = False,
) -> None:
    """Send signed test webhooks to the daemon, made from sample people and signed with the firm's own app secret."""
    from lhwa.cli.triggering import Volley, kinds, send_volley
    from lhwa.errors import UsageError

    session = Session.of(ctx)
    if list_kinds:
        session.out.table(
            kinds(),
            {"kind": lambda each: each.name, "field": lambda each: each.field, "what": lambda each: each.summary},
        )
        return
    if kind is None:
        raise UsageError("Say which kind to send.", hint="lhwa trigger --list shows them all.")
    volley = Volley(
        kind=kind, changes=tuple(set_ or ()), count=count, duplicate=duplicate, shuffle=shuffle, seed=seed, to=to
    )
    send_volley(session, volley, dry_run=dry_run)
