"""`lhwa login` and `lhwa whoami`: who acts on this machine."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli import ask
from lhwa.cli.group import Group
from lhwa.cli.session import TOKEN, Session

if TYPE_CHECKING:
    from lhwa.registry.registry import Registry
    from lhwa.registry.views import Membership

app = Group("Who acts on this machine.")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acts, and how lhwa knows."""

    operator: str
    tenant: str | None
    role: str | None
    proof: str
    """`environment`, `login` or `user`."""
    is_installer: bool
    memberships: tuple[Membership, ...]


@app.add(
    "login",
    examples=["lhwa login", "lhwa token issue sari -t firma | lhwa login", "lhwa login --forget -t firma"],
)
def login(
    ctx: typer.Context,
    forget: Annotated[bool, typer.Option("--forget", help="Forget the kept token instead.")] = False,
) -> None:
    """Keep your token on this machine: in the keyring if there is a safe one, else in a file only you can read.

    The token comes from stdin or a hidden prompt and is checked before it is kept. LHWA_TOKEN, where set, comes first.
    """
    from lhwa.cli.stored_token import StoredTokens
    from lhwa.services.access.callers import Caller, authenticate, pick_tenant

    session = Session.of(ctx)
    kept = StoredTokens(session.home, session.environ)
    if forget:
        kept.forget(session.wanted_tenant)
        session.out.done("Forgotten on this machine. To end a token everywhere: lhwa token revoke", {"forgotten": True})
        return
    with session.registry() as registry:
        token = ask.secret_of_stdin("Token")
        caller = Caller(token=token)
        tenant = pick_tenant(registry, caller, session.wanted_tenant, now=session.now)
        principal = authenticate(registry, caller, tenant, now=session.now)
    where = kept.keep(tenant, token)
    session.out.done(
        f"You act as {principal.operator}, {principal.role.value} in {tenant}. Token kept in: {where}",
        {"operator": principal.operator, "tenant": tenant, "role": principal.role, "keptIn": where},
    )
    if TOKEN in session.environ:
        session.out.warn(f"{TOKEN} is set and comes first.")


@app.add("whoami", examples=["lhwa whoami", "lhwa --json whoami -t firma"])
def whoami(ctx: typer.Context) -> None:
    """Show who acts, in which firm, under which role, and how lhwa knows."""
    session = Session.of(ctx)
    with session.registry() as registry:
        identity = _of_user(session, registry) if session.caller.token is None else _of_token(session, registry)
    proofs = {"environment": f"token in {TOKEN}", "login": "token kept by lhwa login", "user": "user of this machine"}
    session.out.record(
        identity,
        {
            "operator": identity.operator,
            "firm": identity.tenant,
            "role": identity.role,
            "known by": proofs[identity.proof],
            "installer": identity.is_installer,
            "firms": [f"{each.tenant} ({each.role.value})" for each in identity.memberships],
        },
    )


def _of_token(session: Session, registry: Registry) -> Identity:
    from lhwa.registry.views import Membership, OperatorState

    principal = session.principal(registry)
    return Identity(
        operator=principal.operator,
        tenant=principal.tenant,
        role=principal.role.value,
        proof="environment" if TOKEN in session.environ else "login",
        is_installer=False,
        memberships=(Membership(principal.tenant, principal.role, OperatorState.ACTIVE),),
    )


def _of_user(session: Session, registry: Registry) -> Identity:
    """The installer, who may have no firm yet, or several."""
    from lhwa.registry.views import OperatorState
    from lhwa.services.access.callers import require_installer
    from lhwa.services.access.operators import list_operators

    with registry.read() as view:
        operator = require_installer(view, session.caller)
    everybody = list_operators(registry, session.caller, None, now=session.now)
    own = next(each for each in everybody if each.id == operator).memberships
    active = tuple(each for each in own if each.state is OperatorState.ACTIVE)
    wanted = session.wanted_tenant
    chosen = session.tenant(registry) if wanted or len(active) == 1 else None
    role = next((each.role.value for each in active if each.tenant == chosen), None)
    return Identity(operator, chosen, role, "user", is_installer=True, memberships=active)
