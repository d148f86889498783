"""`lhwa inbox`: the screen at which lawyers and staff spend their day."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.diagnostics import ExitCode
from lhwa.cli.firm import Firm, open_firm, people_of
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.errors import UsageError

if TYPE_CHECKING:
    from lhwa.tui.desk import Desk

app = Group("Where lawyers and staff spend their day.")

WEB_PORT = 8090
_DESK_BYTES = 8
_WEB_DRIVER = "TEXTUAL_DRIVER"
"""Set by whatever serves the inbox to a browser: it draws no terminal, so none is asked for."""


@app.add(
    "inbox",
    examples=["lhwa inbox", "lhwa inbox --language id --theme light", "lhwa inbox --plain", "lhwa inbox --web"],
)
def inbox(
    ctx: typer.Context,
    language: Annotated[
        str | None, typer.Option(help="Of the labels: en or id; else inbox.language.", metavar="CODE")
    ] = None,
    theme: Annotated[str | None, typer.Option(help="dark or light; else inbox.theme.", metavar="THEME")] = None,
    web: Annotated[
        bool, typer.Option("--web", help="Serve it to a browser on this machine, behind a login link used once.")
    ] = False,
    port: Annotated[int, typer.Option(help="For --web.", min=0, max=65_535, metavar="PORT")] = WEB_PORT,
) -> None:
    """Read, answer and decide: conversations, intake review, approvals, outbox, alerts and the audit log.

    Keys: j and k, Enter, Esc, r to reply, a to approve, x to reject, / to filter, : for commands, ? for help, ctrl+q to
    end. Every act is an `lhwa` line that is shown as it runs. With --plain the same acts go line by line, for screen
    readers. It works without a running daemon: then nothing arrives and nothing leaves.
    """
    from lhwa.tui.surroundings import let_go_of_textual_settings, read_any_bytes

    session = Session.of(ctx)
    let_go_of_textual_settings(os.environ)
    language = _one_of("language", language or session.settings.inbox.language, ("en", "id"))
    theme = _one_of("theme", theme or session.settings.inbox.theme, ("dark", "light"))
    if web:
        _serve(session, language=language, theme=theme, port=port)
        return
    is_line_mode = session.asked.plain
    if not is_line_mode and not (sys.stdin.isatty() and sys.stdout.isatty()) and _WEB_DRIVER not in os.environ:
        raise UsageError("The inbox needs a terminal.", hint="In a pipe, or for a screen reader: lhwa inbox --plain")
    with open_firm(session) as firm:
        desk = desk_of(session, firm)
        if is_line_mode:
            _run_plainly(session, desk, language=language)
        else:
            from lhwa.tui.app import InboxApp
            from lhwa.tui.keys import keymap_of

            read_any_bytes()
            settings = session.settings.inbox
            screen = InboxApp(
                desk,
                language=language,
                theme=theme,
                lock_minutes=settings.lock_minutes,
                keymap=keymap_of(settings.keys),
            )
            screen.run()
            if screen.failure is not None:
                raise screen.failure


def _run_plainly(session: Session, desk: Desk, *, language: str) -> None:
    from lhwa.cli.line_voice import open_voice
    from lhwa.tui.plain.loop import PlainInbox

    voice = open_voice(session.out)
    inbox = PlainInbox(desk, voice, language=language, lock_minutes=session.settings.inbox.lock_minutes)
    if not inbox.run() and not voice.is_person:
        raise typer.Exit(ExitCode.FAILED)


def desk_of(session: Session, firm: Firm) -> Desk:
    """The desk of the one who acts. What it does runs as `lhwa` lines of the same person in the same firm."""
    from lhwa.cli.commands.send import policy_of
    from lhwa.cli.firm import zone_of
    from lhwa.cli.inside import known_lines, run_line
    from lhwa.daemon.lock import running_daemon
    from lhwa.services.access.tenants import show_tenant
    from lhwa.tui.desk import Desk

    tenant = firm.principal.tenant
    with session.registry() as registry:
        name = show_tenant(registry, session.caller, tenant, now=session.now).name
    return Desk(
        store=firm.store,
        principal=firm.principal,
        people=people_of(session, firm),
        zone=zone_of(firm.time_zone),
        policy=policy_of(session, firm),
        run_line=partial(run_line, home=session.asked.home, tenant=tenant),
        is_serving=lambda: running_daemon(session.home.lock_file) is not None,
        is_welcome=partial(_is_same, session, firm, None),
        unlock=partial(_is_same, session, firm),
        needs_token=session.caller.token is not None,
        id=os.urandom(_DESK_BYTES).hex(),
        firm=name,
        known_lines=known_lines,
    )


def _is_same(session: Session, firm: Firm, token: str | None) -> bool:
    """Whether somebody is still the one who opened the inbox, under the same role.

    Args:
        token: typed at the lock; None to ask whether the one who sits here is still welcome.
    """
    from lhwa import bootstrap
    from lhwa.errors import NotAllowedError
    from lhwa.services.access.callers import Caller, authenticate

    caller = session.caller
    if token is not None and caller.token is not None:
        caller = Caller(token=token, os_uid=caller.os_uid)
    try:
        with session.registry() as registry:
            now = bootstrap.open_clock().now()
            return authenticate(registry, caller, firm.principal.tenant, now=now) == firm.principal
    except NotAllowedError:
        return False


def _serve(session: Session, *, language: str, theme: str, port: int) -> None:
    from lhwa import bootstrap
    from lhwa.cli import diagnostics
    from lhwa.tui.web.limits import WebLimits
    from lhwa.tui.web.serving import serve

    with open_firm(session) as firm:  # who may not act here learns it now, and not in a browser
        tenant = firm.principal.tenant
    words = [sys.executable, "-P", "-m", "lhwa", "--tenant", tenant, "inbox", "--language", language, "--theme", theme]
    serve(
        words,
        {**os.environ, "LHWA_HOME": str(session.home.root)},
        port=port,
        clock=bootstrap.open_clock(),
        say=diagnostics.tell,
        terminal=sys.stdin if sys.stdin.isatty() else None,
        limits=WebLimits(idle_s=session.settings.inbox.lock_minutes * 60.0),
    )


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise UsageError(f"--{name} is one of {', '.join(known)}.")
    return value
