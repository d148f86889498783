"""`lhwa app`: the Meta apps whose webhooks are accepted."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli import ask
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.services.access.rules import KEEP_OLD_SECRET

if TYPE_CHECKING:
    from lhwa.registry.views import AppView

app = Group("Meta apps and their secrets.")

LABELS = {"app_secret": "App secret", "verify_token": "Verify token"}
_Name = Annotated[str, typer.Argument(help="Short name of the app; part of its webhook address.", metavar="NAME")]


@app.add(
    "add",
    examples=[
        "lhwa app add main",
        '# in a script: {"app_secret": …, "verify_token": …} on stdin, from a file or a password manager',
        "lhwa app add main < main-app.json",
    ],
)
def add(ctx: typer.Context, name: _Name) -> None:
    """Make a Meta app known, with its app secret and verify token.

    Asks for the secrets on a terminal. Elsewhere it reads one JSON object from stdin with the fields app_secret and
    verify_token. Secrets never stand on the command line, where other users of the machine could read them.
    """
    from lhwa.services.access.apps import add_app

    session = Session.of(ctx)
    with session.registry() as registry:
        secrets = ask.secrets_of_stdin(LABELS)
        view = add_app(registry, session.installer, name, **secrets, now=session.now)
    session.out.done(
        f"App {view.name} added. Next: lhwa tenant add ID --name NAME --waba ID --phone-number-id ID --app {view.name}",
        view,
    )


@app.add(
    "rotate-secret",
    examples=["lhwa app rotate-secret main", "lhwa app rotate-secret main --keep-old-days 0 < new-secret.json"],
)
def rotate_secret(
    ctx: typer.Context,
    name: _Name,
    keep_old_days: Annotated[
        int, typer.Option(help="Days for which the old secret still counts.", min=0, max=30)
    ] = KEEP_OLD_SECRET.days,
) -> None:
    """Put a new app secret in force; the old one ends by itself.

    Reads the same JSON object as `lhwa app add`; verify_token may be left out and then stays as it is. With
    --keep-old-days 0 the old secret ends at once: for a secret that somebody has seen.
    """
    from lhwa.services.access.apps import rotate_app_secret

    session = Session.of(ctx)
    with session.registry() as registry:
        secrets = ask.secrets_of_stdin(LABELS, optional=("verify_token",))
        until = session.now + timedelta(days=keep_old_days)
        view = rotate_app_secret(registry, session.installer, name, **secrets, keep_old_until=until, now=session.now)
    session.out.done(f"New secret of {view.name} in force; the old one ends {until:%Y-%m-%d %H:%M} UTC.", view)


@app.add("list", examples=["lhwa app list", "lhwa --json app list"])
def list_(ctx: typer.Context) -> None:
    """List the Meta apps, with fingerprints of their secrets and when old ones end."""
    from lhwa.services.access.apps import list_apps

    session = Session.of(ctx)
    with session.registry() as registry:
        found = list_apps(registry, session.installer)
    session.out.table(
        found,
        {
            "app": lambda each: each.name,
            "firms": lambda each: each.tenants,
            "secrets": _secrets,
            "added": lambda each: each.created_at,
        },
        empty="No Meta app yet. Add one: lhwa app add NAME",
    )


def _secrets(view: AppView) -> list[str]:
    shown = []
    for secret in view.secrets:
        until = "" if secret.not_after is None else f" until {secret.not_after:%Y-%m-%d %H:%M}Z"
        shown.append(f"{secret.kind.value} {secret.fingerprint}{until}")
    return shown
