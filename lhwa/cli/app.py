"""The `lhwa` command: which top-level names exist, and how one invocation runs from words to exit code.

Nothing heavy is imported here: every name is a summary line until it is used.
"""

# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer
import typer.main

from lhwa import __version__
from lhwa.cli import diagnostics, streams
from lhwa.cli.diagnostics import ExitCode
from lhwa.cli.group import CommandGroup, Deferred
from lhwa.cli.options import Globals, globals_of, refuse_bytes
from lhwa.cli.output import OutputError, write
from lhwa.cli.plain_values import read_plainly

NAME = "lhwa"
_RUN, _PEOPLE, _TALK, _DECIDE, _INTAKE = "Run", "People", "Talk", "Decide", "Intake"
_TRUST, _OPERATE, _TRY = "Trust", "Operate", "Try"

COMMANDS: tuple[tuple[str, str, str, str, str | None], ...] = (
    # name, panel, summary, module below lhwa.cli.commands, command in it (None: the whole group)
    ("init", _RUN, "Make a home: root key, registry and the first owner.", "init", "init"),
    ("demo", _RUN, "Watch lhwa at work, in a temporary home.", "demo", "demo"),
    ("inbox", _RUN, "Where lawyers and staff read, answer and decide.", "inbox", "inbox"),
    ("serve", _RUN, "Receive webhooks and turn them into messages.", "serve", "serve"),
    ("status", _RUN, "Is it running, and does anything wait.", "status", "status"),
    ("doctor", _RUN, "Check this machine and this home.", "doctor", "doctor"),
    ("config", _RUN, "Show settings, and where each value came from.", "config", None),
    ("app", _PEOPLE, "Meta apps and their secrets.", "app", None),
    ("tenant", _PEOPLE, "Law firms and their WhatsApp numbers.", "tenant", None),
    ("operator", _PEOPLE, "People and services that act in a firm, and their roles.", "operator", None),
    ("token", _PEOPLE, "Tokens with which operators prove who they are.", "token", None),
    ("login", _PEOPLE, "Keep a token on this machine.", "login", "login"),
    ("whoami", _PEOPLE, "Show who acts, in which firm, under which role.", "login", "whoami"),
    ("conversations", _TALK, "The firm's threads with its clients.", "conversations", None),
    ("messages", _TALK, "What clients and the firm wrote, and how it got here.", "messages", None),
    ("send", _TALK, "Send a message to a client, if the gates let it leave.", "send", "send"),
    ("outbox", _TALK, "What the firm sends, and what became of it.", "outbox", None),
    ("templates", _TALK, "Message templates: files, Meta's state, and what differs.", "templates", None),
    ("tree", _TALK, "Question trees for new clients: check, list, draw.", "tree", None),
    ("pending", _DECIDE, "Everything that waits for a person's decision.", "decide", "pending"),
    ("approve", _DECIDE, "Approve what somebody else wrote.", "decide", "approve"),
    ("reject", _DECIDE, "Decline what waits, with a reason.", "decide", "reject"),
    ("alerts", _DECIDE, "What somebody should know or do besides.", "alerts", None),
    ("intake", _INTAKE, "Clients on their way to a lawyer's decision.", "intake", None),
    ("consent", _INTAKE, "The ledger of what clients agreed to.", "consent", None),
    ("conflict", _INTAKE, "Names compared with those of every other matter.", "conflict", None),
    ("hold", _TRUST, "What keeps messages from a contact.", "hold", None),
    ("audit", _TRUST, "The append-only record of who did what.", "audit", None),
    ("events", _OPERATE, "What happened, and sending stored requests through again.", "events", None),
    ("deadletters", _OPERATE, "What could not be processed, until a person decides.", "deadletters", None),
    ("sandbox", _TRY, "A Cloud API emulator, to try everything without a Meta account.", "sandbox", None),
    ("trigger", _TRY, "Send a signed test webhook of any kind.", "trigger", "trigger"),
)


def _show_version(context: typer.Context, wanted: bool) -> None:  # noqa: FBT001 -- typer calls it with the flag's value
    if wanted:
        as_json = globals_of(context).json_wanted
        write(f'{{"name": "{NAME}", "version": "{__version__}"}}\n' if as_json else f"{NAME} {__version__}\n")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Run WhatsApp for law firms: every message is evidence, and a lawyer decides."""


@functools.cache
def build() -> Any:
    """The whole command tree, the same each time, with groups that load when they are used."""
    app = typer.Typer(name=NAME, cls=CommandGroup, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback(epilog="lhwa init\nlhwa tenant add --help\nlhwa --json whoami")(_root)
    root: Any = typer.main.get_command(app)
    read_plainly(root.params)  # typer has added its own for completion
    for name, panel, summary, module, command in COMMANDS:
        root.add_command(
            Deferred(name, panel=panel, summary=summary, module=f"lhwa.cli.commands.{module}", command=command)
        )
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    streams.prepare()
    words = list(sys.argv[1:] if arguments is None else arguments)
    asked = Globals.before_flags(words, os.environ)
    root = build()
    if f"_{NAME.upper()}_COMPLETE" in os.environ:
        root.main(words, prog_name=NAME)
    code = run(root, asked)
    return int(_flushed(code, asked))


def run(root: Any, asked: Globals) -> int:
    """Run one command line of a tree that is built already; its exit code. Every error has become a report."""
    try:
        refuse_bytes(asked.words)
        with root.make_context(NAME, list(asked.words), obj=asked) as context:
            root.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    except BrokenPipeError:
        return ExitCode.READER_GONE
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 -- the outermost frame: every error becomes one report
        asked.json = asked.json_wanted
        return diagnostics.complain(error, asked)
    return ExitCode.DONE


def _flushed(code: int, asked: Globals) -> int:
    """Make sure that what was written has left: the interpreter would complain in its own words at exit."""
    try:
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return ExitCode.READER_GONE
        if code == ExitCode.DONE:
            return diagnostics.complain(OutputError(f"The output could not be written: {error.strerror}."), asked)
    return code
