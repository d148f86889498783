"""`lhwa serve`: the daemon."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import Annotated, Any

import typer

from lhwa.cli.group import Group
from lhwa.cli.session import Session

app = Group("The daemon.")


@app.add(
    "serve",
    examples=[
        "lhwa serve",
        "lhwa serve --port 8080 --admin-port 9090",
        "lhwa serve --sandbox",
        "lhwa serve --graph-url http://127.0.0.1:9191",
        "curl --fail http://127.0.0.1:9090/readyz",
    ],
)
def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address of the webhook listener.", metavar="ADDRESS")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the webhook listener; 0: any.", metavar="PORT")] = None,
    admin_host: Annotated[str | None, typer.Option(help="Address for health and metrics.", metavar="ADDRESS")] = None,
    admin_port: Annotated[int | None, typer.Option(help="Port for health and metrics; 0: any.", metavar="PORT")] = None,
    graph_url: Annotated[
        str | None, typer.Option(help="Where messages are posted; a sandbox instead of Meta.", metavar="URL")
    ] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Run a sandbox beside it, in Meta's place.")] = False,
) -> None:
    """Receive webhooks, store them, and turn them into messages, until Ctrl-C or SIGTERM.

    Put a reverse proxy with TLS before it; the README shows one. Logs go to stderr.
    """
    from lhwa import bootstrap
    from lhwa.config import load_settings
    from lhwa.telemetry import logs

    session = Session.of(ctx)
    asked: dict[str, Any] = {
        "server.host": host,
        "server.port": port,
        "server.admin_host": admin_host,
        "server.admin_port": admin_port,
        "outbound.graph_url": graph_url,
    }
    home = bootstrap.open_home(session.environ, session.asked.home)
    settings = load_settings(home, session.environ, {**session.flags, **asked}).settings
    root = bootstrap.open_root_key(home, settings, session.environ)
    logs.configure(settings.log.level, settings.log.format)
    with ExitStack() as beside:
        if sandbox:
            from lhwa.cli.sandbox_beside import sandbox_beside

            url = beside.enter_context(sandbox_beside(home.root, session.environ, webhook_port=settings.server.port))
            session.out.say(f"The sandbox is at {url}: lhwa sandbox say +6281230001111 TEXT --url {url}")
            settings = replace(settings, outbound=replace(settings.outbound, graph_url=url))
        from lhwa.daemon.running import run_daemon

        run_daemon(home, settings, root)
