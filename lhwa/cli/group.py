"""The shape of every command and group: global options, help with examples, and groups that load when they are used.

Typer's rich help costs more than the rest of `lhwa --help` together, so help is plain text here.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import typer
import typer.core
import typer.main

from lhwa.cli.options import PANEL, global_parameters, globals_of
from lhwa.cli.plain_values import read_plainly
from lhwa.errors import UsageError

MEANT = {"logout": "lhwa login --forget", "start": "lhwa serve", "help": "lhwa --help", "version": "lhwa --version"}
"""Names that people try, and the command that they look for."""

Function = TypeVar("Function", bound=Callable[..., Any])


def _write_sections(command: Any, context: Any, formatter: Any) -> None:
    """Arguments, own options, global options: each under its heading."""
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], PANEL: []}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None:
            continue
        panel = getattr(parameter, "rich_help_panel", None)
        heading = "Arguments" if parameter.param_type_name == "argument" else (panel or "Options")
        sections.setdefault(heading, []).append(record)
    for heading, records in sections.items():
        if records:
            with formatter.section(heading):
                formatter.write_dl(records)


def _write_examples(examples: str | None, formatter: Any) -> None:
    if examples:
        with formatter.section("Examples"):
            for line in examples.splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


class Command(typer.core.TyperCommand):
    """A command that takes the global options too. Its epilog holds its examples, one per line."""

    def __init__(self, name: str | None, *, params: list[Any] | None = None, **attributes: Any) -> None:
        super().__init__(name, params=[*(params or []), *global_parameters()], **attributes)
        read_plainly(self.params)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options by panel."""
        _write_sections(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 -- typer's signature
        """Write the examples as they are: a wrapped command line cannot be copied."""
        _write_examples(self.epilog, formatter)


class CommandGroup(typer.core.TyperGroup):
    """A group that takes the global options too, and shows its help when no command is named."""

    def __init__(self, *, params: list[Any] | None = None, **attributes: Any) -> None:
        super().__init__(params=[*(params or []), *global_parameters()], **attributes)
        read_plainly(self.params)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help, as wrong usage, when there is nothing to parse."""
        if not args and not ctx.resilient_parsing and not globals_of(ctx).json:
            typer.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; a name that people expect here gets the one that does it."""
        meant = MEANT.get(args[0]) if args and ctx.parent is None and args[0] not in self.commands else None
        if meant is not None:
            raise UsageError(f"There is no command {args[0]!r}.", hint=f"Use: {meant}")
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands first, by panel, then the options."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            if not command.hidden:
                panel = getattr(command, "rich_help_panel", None) or "Commands"
                panels.setdefault(panel, []).append((name, command.get_short_help_str(limit=200)))
        for panel, records in panels.items():
            with formatter.section(panel):
                formatter.write_dl(records)
        _write_sections(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 -- typer's signature
        """Write the examples as they are."""
        _write_examples(self.epilog, formatter)


class Group(typer.Typer):
    """One file's commands. Every command names itself and gives at least one example."""

    def __init__(self, about: str) -> None:
        super().__init__(
            cls=CommandGroup,
            help=about,
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )

    def add(self, name: str, *, examples: Sequence[str]) -> Callable[[Function], Function]:
        """Register a function as the command `name`.

        Args:
            examples: command lines that can be copied; a line that starts with `#` explains the next one.
        """
        return self.command(name, cls=Command, epilog="\n".join(examples))


class Deferred(typer.core.TyperCommand):
    """A top-level name with its one-line summary; its module is imported when the name is used.

    Args:
        module: holds `app`, a `Group`.
        command: the command of that group that this name means; None means the group itself.
    """

    def __init__(self, name: str, *, summary: str, panel: str, module: str, command: str | None = None) -> None:
        super().__init__(name, short_help=summary, rich_help_panel=panel)
        self.module = module
        self.wanted = command

    @functools.cache  # noqa: B019 -- there is one of each name in a process
    def load(self) -> Any:
        """The real command or group."""
        group = typer.main.get_group(importlib.import_module(self.module).app)
        real = group if self.wanted is None else group.commands[self.wanted]
        real.name = self.name
        return real

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Parse with the real command: the context that comes back runs it."""
        return self.load().make_context(info_name, args, parent, **extra)
