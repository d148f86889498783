"""`lhwa operator`: people and services that act in a firm."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.domain.access import Role

if TYPE_CHECKING:
    from lhwa.registry.views import OperatorView

app = Group("People and services that act in a firm, and their roles.")

_Name = Annotated[str, typer.Argument(help="Short name of the operator, such as sari.", metavar="NAME")]
_Role = Annotated[Role, typer.Option(help="What the operator may do in the firm.")]


@app.add(
    "add",
    examples=[
        "lhwa operator add sari --role lawyer",
        'lhwa operator add budi --role staff --full-name "Budi Contoh" --tenant firma',
    ],
)
def add(
    ctx: typer.Context,
    name: _Name,
    role: _Role,
    full_name: Annotated[str | None, typer.Option(help="The name that people read.", metavar="TEXT")] = None,
) -> None:
    """Add an operator to a firm. They act with a token: `lhwa token issue NAME`."""
    from lhwa.services.access.operators import add_operator

    session = Session.of(ctx)
    with session.registry() as registry:
        tenant = session.tenant(registry)
        view = add_operator(
            registry, session.caller, tenant, operator=name, name=full_name or name, role=role.value, now=session.now
        )
    session.out.done(f"{view.id} is {role.value} in {tenant}. Next: lhwa token issue {view.id} -t {tenant}", view)


@app.add("list", examples=["lhwa operator list", "lhwa --json operator list -t firma"])
def list_(ctx: typer.Context) -> None:
    """List the operators of a firm; for who installed lhwa, of all firms unless one is named."""
    from lhwa.services.access.operators import list_operators

    session = Session.of(ctx)
    with session.registry() as registry:
        everywhere = session.wanted_tenant is None and session.caller.token is None
        tenant = None if everywhere else session.tenant(registry)
        found = list_operators(registry, session.caller, tenant, now=session.now)
    session.out.table(
        found,
        {
            "operator": lambda each: each.id,
            "name": lambda each: each.name,
            "state": lambda each: each.state,
            "roles": _roles,
            "installer": lambda each: each.is_installer,
        },
    )


@app.add("set-role", examples=["lhwa operator set-role sari --role owner -t firma"])
def set_role(ctx: typer.Context, name: _Name, role: _Role) -> None:
    """Give an operator another role in a firm; one who was disabled there comes back."""
    from lhwa.services.access import operators

    session = Session.of(ctx)
    with session.registry() as registry:
        tenant = session.tenant(registry)
        view = operators.set_role(registry, session.caller, tenant, operator=name, role=role.value, now=session.now)
    session.out.done(f"{view.id} is {role.value} in {tenant}.", view)


@app.add(
    "disable",
    examples=[
        'lhwa operator disable budi --reason "Left the firm" -t firma',
        'lhwa operator disable budi --reason "Laptop stolen" --everywhere',
    ],
)
def disable(
    ctx: typer.Context,
    name: _Name,
    reason: Annotated[str, typer.Option(help="Why; it stays in the audit log.", metavar="TEXT")],
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="In all firms; only for who installed lhwa.")
    ] = False,
) -> None:
    """Take an operator out of a firm. Their tokens there end now."""
    from lhwa.services.access.operators import disable_operator

    session = Session.of(ctx)
    with session.registry() as registry:
        tenant = None if everywhere else session.tenant(registry)
        caller = session.installer if everywhere else session.caller
        view = disable_operator(registry, caller, tenant, operator=name, reason=reason, now=session.now)
    session.out.done(f"{view.id} is disabled {'everywhere' if tenant is None else f'in {tenant}'}.", view)


def _roles(view: OperatorView) -> list[str]:
    return [
        f"{each.role.value} in {each.tenant}" + ("" if each.state.value == "active" else " (disabled)")
        for each in view.memberships
    ]
