"""`lhwa tenant`: law firms and their WhatsApp numbers."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli import ask
from lhwa.cli.group import Group
from lhwa.cli.session import Session

if TYPE_CHECKING:
    from lhwa.registry.views import TenantView

app = Group("Law firms and their WhatsApp numbers.")

ACCESS_TOKEN = "Access token"  # noqa: S105 -- what the prompt says
_Id = Annotated[str, typer.Argument(help="Short id of the firm, such as firma.", metavar="ID")]
_AnyId = Annotated[str | None, typer.Argument(help="The firm; --tenant or your only one when left out.", metavar="ID")]
_NumberId = Annotated[str, typer.Argument(help="Meta's id of the number.", metavar="PHONE_NUMBER_ID")]
_Reason = Annotated[str, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")]


@app.add(
    "add",
    examples=[
        'lhwa tenant add firma --name "Firma Contoh" --waba 200300400500600 \\',
        "    --phone-number-id 301301301301301 --app main",
        "# with the access token of a system user, from a file",
        'lhwa tenant add firma --name "Firma Contoh" --waba 200300400500600 \\',
        "    --phone-number-id 301301301301301 --app main --time-zone WITA --access-token-stdin < token.txt",
    ],
)
def add(
    ctx: typer.Context,
    tenant: _Id,
    name: Annotated[str, typer.Option(help="Name of the firm.", metavar="NAME")],
    waba: Annotated[str, typer.Option(help="Id of its WhatsApp Business Account.", metavar="ID")],
    phone_number_id: Annotated[
        list[str], typer.Option(help="Meta's id of one of its numbers, not the number; repeatable.", metavar="ID")
    ],
    meta_app: Annotated[str, typer.Option("--app", help="The Meta app that sends its webhooks.", metavar="NAME")],
    time_zone: Annotated[str, typer.Option(help="WIB, WITA, WIT or a zone's name.", metavar="ZONE")] = "Asia/Jakarta",
    access_token_stdin: Annotated[
        bool, typer.Option("--access-token-stdin", help="Read the firm's access token from stdin or a hidden prompt.")
    ] = False,
) -> None:
    """Add a firm with its own file and its own keys; you become its first owner."""
    from lhwa.services.access.tenants import add_tenant

    session = Session.of(ctx)
    with session.registry() as registry:
        view = add_tenant(
            registry,
            session.installer,
            tenant,
            name=name,
            waba_id=waba,
            phone_number_ids=phone_number_id,
            app=meta_app,
            time_zone=time_zone,
            access_token=ask.secret_of_stdin(ACCESS_TOKEN) if access_token_stdin else None,
            now=session.now,
        )
    session.out.done(f"Firm {view.id} added, with {_numbers(view)}. Next: lhwa serve", view)


@app.add("list", examples=["lhwa tenant list", "lhwa --json tenant list"])
def list_(ctx: typer.Context) -> None:
    """List the firms that you may know about."""
    from lhwa.services.access.tenants import list_tenants

    session = Session.of(ctx)
    with session.registry() as registry:
        found = list_tenants(registry, session.caller, now=session.now)
    session.out.table(
        found,
        {
            "firm": lambda each: each.id,
            "name": lambda each: each.name,
            "state": lambda each: each.state,
            "WABA": lambda each: each.waba_id,
            "numbers": lambda each: each.phone_number_ids,
            "app": lambda each: each.app,
        },
        empty="No firm yet. Add one: lhwa tenant add --help",
    )


@app.add("show", examples=["lhwa tenant show firma", "lhwa --json tenant show -t firma"])
def show(ctx: typer.Context, tenant: _AnyId = None) -> None:
    """Show one firm: its numbers, app, time zone and state."""
    from lhwa.services.access.tenants import show_tenant

    session = Session.of(ctx)
    with session.registry() as registry:
        view = show_tenant(registry, session.caller, session.tenant(registry, tenant), now=session.now)
    _shown(session, view)


@app.add("suspend", examples=['lhwa tenant suspend firma --reason "Number is being moved"'])
def suspend(ctx: typer.Context, tenant: _Id, reason: _Reason) -> None:
    """Stop serving a firm. Webhooks that arrive meanwhile are kept and processed after `resume`."""
    from lhwa.services.access.tenants import suspend_tenant

    session = Session.of(ctx)
    with session.registry() as registry:
        view = suspend_tenant(registry, session.caller, tenant, reason=reason, now=session.now)
    session.out.done(f"Firm {view.id} suspended. Undo: lhwa tenant resume {view.id} --reason TEXT", view)


@app.add("resume", examples=['lhwa tenant resume firma --reason "Number has moved"'])
def resume(ctx: typer.Context, tenant: _Id, reason: _Reason) -> None:
    """Serve a suspended firm again, and process what arrived meanwhile."""
    from lhwa.services.access.tenants import resume_tenant

    session = Session.of(ctx)
    with session.registry() as registry:
        view = resume_tenant(registry, session.caller, tenant, reason=reason, now=session.now)
    session.out.done(f"Firm {view.id} is served again.", view)


@app.add("add-number", examples=["lhwa tenant add-number firma 302302302302302"])
def add_number(ctx: typer.Context, tenant: _Id, phone_number_id: _NumberId) -> None:
    """Route one more WhatsApp number to a firm."""
    from lhwa.services.access.tenants import add_phone_number

    session = Session.of(ctx)
    with session.registry() as registry:
        view = add_phone_number(registry, session.installer, tenant, phone_number_id=phone_number_id, now=session.now)
    session.out.done(f"Firm {view.id} has {_numbers(view)}.", view)


@app.add("remove-number", examples=["lhwa tenant remove-number firma 302302302302302"])
def remove_number(ctx: typer.Context, tenant: _Id, phone_number_id: _NumberId) -> None:
    """Stop routing a WhatsApp number to a firm, such as one entered by mistake. What it received stays."""
    from lhwa.services.access.tenants import remove_phone_number

    session = Session.of(ctx)
    with session.registry() as registry:
        view = remove_phone_number(
            registry, session.installer, tenant, phone_number_id=phone_number_id, now=session.now
        )
    session.out.done(f"Number removed; firm {view.id} keeps {_numbers(view)}.", view)


@app.add("set-access-token", examples=["lhwa tenant set-access-token firma < token.txt"])
def set_token(ctx: typer.Context, tenant: _Id) -> None:
    """Keep a new access token for a firm, from stdin or a hidden prompt; it replaces the one before."""
    from lhwa.services.access.tenants import set_access_token

    session = Session.of(ctx)
    with session.registry() as registry:
        token = ask.secret_of_stdin(ACCESS_TOKEN)
        view = set_access_token(registry, session.caller, tenant, access_token=token, now=session.now)
    if view.founded_at is not None:
        _try_what_waits(session, tenant)
    session.out.done(f"New access token of {view.id} kept, sealed.", view)


def _try_what_waits(session: Session, tenant: str) -> None:
    """What waits for a working token leaves now."""
    from contextlib import suppress

    from lhwa.cli.firm import open_firm
    from lhwa.errors import LhwaError
    from lhwa.services.messaging.sending import account_changed
    from lhwa.store import wake

    # The token is kept, whatever becomes of this: the daemon tries again by itself, only later.
    with suppress(LhwaError), open_firm(session, tenant) as firm:
        firm.store.write(account_changed, firm.principal)
        wake.touch(session.home.wake_dir, firm.principal.tenant)


def _numbers(view: TenantView) -> str:
    count = len(view.phone_number_ids)
    return f"{count} number" if count == 1 else f"{count} numbers"


def _shown(session: Session, view: TenantView) -> None:
    session.out.record(
        view,
        {
            "firm": view.id,
            "name": view.name,
            "state": view.state,
            "WABA": view.waba_id,
            "numbers": view.phone_number_ids,
            "app": view.app,
            "time zone": view.time_zone,
            "access token": "kept, sealed" if view.has_access_token else "none",
            "added": view.created_at,
        },
    )
