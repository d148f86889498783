"""The options that every command takes, before or after its name: `--home --tenant --json --quiet --plain`.

They are added to each command and to each group when it is built, and kept out of the commands' signatures: their
callbacks write into one `Globals` that belongs to the invocation. What stands further right wins.
"""

# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

from lhwa.errors import UsageError

PANEL = "Global options"
_TRUE = ("1", "true", "yes", "on")


@dataclass(slots=True)
class Globals:
    """What one invocation asked for. `home` and `tenant` hold flags only: their other layers live in lhwa.config."""

    home: Path | None = None
    tenant: str | None = None
    json: bool = False
    quiet: bool = False
    plain: bool = False
    words: tuple[str, ...] = ()
    """The command line, for what happens before the options are understood."""

    @staticmethod
    def before_flags(words: Sequence[str], environ: Mapping[str, str]) -> Globals:
        """The state before any flag: LHWA_JSON, LHWA_QUIET and LHWA_PLAIN switch on what the flag would."""
        return Globals(
            words=tuple(words),
            json=_is_true(environ.get("LHWA_JSON")),
            quiet=_is_true(environ.get("LHWA_QUIET")),
            plain=_is_true(environ.get("LHWA_PLAIN")) or environ.get("TERM") == "dumb",
        )

    @property
    def json_wanted(self) -> bool:
        """True when `--json` was understood, or stands among words that could not be understood."""
        before_rest = self.words[: self.words.index("--")] if "--" in self.words else self.words
        return self.json or "--json" in before_rest


def _is_true(text: str | None) -> bool:
    return text is not None and text.strip().lower() in _TRUE


def refuse_bytes(words: Sequence[str]) -> None:
    """Raise UsageError for a word that is no text: no id and no name is. A path is bytes, so --home may be."""
    for before, word in zip(("", *words), words, strict=False):
        is_path = before == "--home" or word.startswith("--home=")
        if not is_path and any("\ud800" <= character <= "\udfff" for character in word):
            raise UsageError("An argument is not UTF-8 text.", hint="Type it again, or copy it from lhwa's own output.")


def globals_of(context: Any) -> Globals:
    """The one `Globals` of this invocation."""
    found = context.find_object(Globals)
    if isinstance(found, Globals):
        return found
    context.find_root().obj = made = Globals()
    return made


def _note(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    # A flag that was not given arrives as None or False and must not undo the same flag further left.
    if value is not None and value is not False:
        setattr(globals_of(context), parameter.name.removeprefix("global_"), value)
    return value


def _option(*names: str, about: str, metavar: str | None = None) -> Any:
    return typer.Option(
        *names,
        help=about,
        metavar=metavar,
        callback=_note,
        expose_value=False,
        show_default=False,
        rich_help_panel=PANEL,
    )


def _show_help(context: typer.Context, wanted: bool) -> None:  # noqa: FBT001 -- typer calls it with the flag's value
    if wanted and not context.resilient_parsing:
        from lhwa.cli.output import write  # noqa: PLC0415 -- output knows these options

        write(context.get_help() + "\n")
        raise typer.Exit


def _carrier(
    global_home: Annotated[
        Path | None, _option("--home", metavar="PATH", about="Where lhwa keeps its files.  [env: LHWA_HOME]")
    ] = None,
    global_tenant: Annotated[
        str | None, _option("--tenant", "-t", metavar="ID", about="The firm to act in.  [env: LHWA_TENANT]")
    ] = None,
    global_json: Annotated[bool, _option("--json", about="Write data as JSON.  [env: LHWA_JSON]")] = False,
    global_quiet: Annotated[bool, _option("--quiet", "-q", about="Data and errors only.  [env: LHWA_QUIET]")] = False,
    global_plain: Annotated[
        bool, _option("--plain", about="No colours and no boxes.  [env: LHWA_PLAIN, NO_COLOR]")
    ] = False,
    global_help: Annotated[
        bool,
        typer.Option(
            "--help", "-h", help="Show this message and exit.", is_eager=True, expose_value=False, callback=_show_help
        ),
    ] = False,
) -> None:
    """Carry the declarations; never called."""


@cache
def global_parameters() -> tuple[Any, ...]:
    """These options as typer builds them. They hold no state, so all commands share them."""
    carrier = typer.Typer(add_completion=False, rich_markup_mode=None)
    carrier.command()(_carrier)
    return tuple(typer.main.get_command(carrier).params)
