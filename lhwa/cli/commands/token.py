"""`lhwa token`: tokens with which operators prove who they are."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from typing import Annotated, Any

import typer

from lhwa.cli.group import Group
from lhwa.cli.output import to_json
from lhwa.cli.session import Session
from lhwa.services.access.rules import TOKEN_DAYS, TOKEN_DAYS_MAX

app = Group("Tokens with which operators prove who they are.")


@app.add(
    "issue",
    examples=[
        "lhwa token issue sari -t firma",
        "# straight into another program; the token is the only line on stdout",
        'lhwa token issue robot --days 7 --label "nightly report" | lhwa login',
    ],
)
def issue(
    ctx: typer.Context,
    operator: Annotated[str, typer.Argument(help="Who will act with it.", metavar="OPERATOR")],
    days: Annotated[int, typer.Option(help="Days until it ends by itself.", min=1, max=TOKEN_DAYS_MAX)] = TOKEN_DAYS,
    label: Annotated[str, typer.Option(help="What it is for.", metavar="TEXT")] = "",
) -> None:
    """Make a token for an operator in a firm. It is shown once and never again: lhwa keeps only its hash."""
    from lhwa.services.access.tokens import issue_token

    session = Session.of(ctx)
    with session.registry() as registry:
        tenant = session.tenant(registry)
        issued = issue_token(
            registry, session.caller, tenant, operator=operator, days=days, label=label, now=session.now
        )
    if session.out.json:
        session.out.emit({"token": issued.text, **to_json(issued.view)})
        return
    session.out.line(issued.text)
    session.out.say(
        f"Token {issued.view.id} of {operator} in {tenant}, until {issued.view.expires_at:%Y-%m-%d}. "
        "Shown only now; hand it over by a safe way. It is used by `lhwa login` or in LHWA_TOKEN."
    )


@app.add("list", examples=["lhwa token list", "lhwa --json token list -t firma"])
def list_(ctx: typer.Context) -> None:
    """List the tokens of a firm, ended ones too; never their text."""
    from lhwa.services.access.tokens import list_tokens

    session = Session.of(ctx)
    with session.registry() as registry:
        found = list_tokens(registry, session.caller, session.tenant(registry), now=session.now)
    session.out.table(
        found,
        {
            "token": lambda each: each.id,
            "operator": lambda each: each.operator,
            "label": lambda each: each.label,
            "state": lambda each: _state(each, session),
            "ends": lambda each: each.expires_at,
            "last used": lambda each: each.last_used_at,
        },
        empty="No token yet. Make one: lhwa token issue OPERATOR",
        important=("operator", "state", "ends"),
    )


@app.add("revoke", examples=["lhwa token revoke 01KAN00000000000000000000A -t firma"])
def revoke(
    ctx: typer.Context,
    token_id: Annotated[str, typer.Argument(help="Id of the token, as `token list` shows it.", metavar="TOKEN_ID")],
) -> None:
    """End a token now: your own, or anybody's in a firm that you own."""
    from lhwa.services.access.tokens import revoke_token

    session = Session.of(ctx)
    with session.registry() as registry:
        tenant = session.tenant(registry)
        view = revoke_token(registry, session.caller, tenant, token_id=token_id, now=session.now)
    session.out.done(f"Token {view.id} of {view.operator} ended.", view)


def _state(view: Any, session: Session) -> str:
    if view.live_at(session.now):
        return "live"
    return "ended" if view.revoked_at is None else "revoked"
