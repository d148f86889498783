"""Running a command line within another program, such as the inbox: the same commands, rules and exit codes.

Invariants: nothing is read from or written to the standard streams; who acts is asked anew for every line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lhwa.cli import app, diagnostics, streams
from lhwa.cli.diagnostics import ExitCode
from lhwa.cli.options import Globals
from lhwa.errors import UsageError

COMMANDS = frozenset(
    {
        "alerts",
        "approve",
        "audit",
        "conflict",
        "consent",
        "conversations",
        "deadletters",
        "events",
        "hold",
        "intake",
        "messages",
        "outbox",
        "pending",
        "reject",
        "send",
        "status",
        "templates",
        "tree",
        "whoami",
    }
)
"""What can run inside: it ends by itself, asks for no secret and makes no other program."""
_ENDLESS = ("events", "tail")


@dataclass(frozen=True, slots=True)
class Told:
    """What a command answered."""

    code: ExitCode
    out: str
    """Data."""
    err: str
    """Talk: what was done, or the error with its hint."""

    def __repr__(self) -> str:
        return f"Told({self.code.name})"

    @property
    def is_done(self) -> bool:
        """True when all of it happened."""
        return self.code is ExitCode.DONE


class _Here(Globals):
    """Options of a line that runs here: it acts in the firm and the home of the screen that it runs in."""

    __slots__ = ("is_settled",)

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("home", "tenant") and getattr(self, "is_settled", False):
            raise UsageError(
                "A line that runs here acts in this firm.", hint="Open another one at a prompt: lhwa inbox -t FIRM"
            )
        super().__setattr__(name, value)


def run_line(words: Sequence[str], *, home: Path | None, tenant: str, typed: str = "") -> Told:
    """Run one command line of a firm.

    Args:
        words: without `lhwa`, such as `["approve", ID]`.
        typed: what the command reads from stdin.
    """
    asked = _Here(home=home, tenant=tenant, plain=True, words=tuple(words))
    asked.is_settled = True
    with streams.kept(typed) as kept:
        try:
            _require_here(words)
            code = app.run(_root(), asked)
        except UsageError as error:
            code = diagnostics.complain(error, asked)
    return Told(ExitCode(code), kept.out.getvalue(), kept.err.getvalue())


def _require_here(words: Sequence[str]) -> None:
    name = next((word for word in words if not word.startswith("-")), "")
    if name not in COMMANDS or (name == _ENDLESS[0] and _ENDLESS[1] in words):
        raise UsageError(
            "This command does not run here.", hint="Run it at a prompt. Here run: " + ", ".join(sorted(COMMANDS)) + "."
        )


@cache
def _root() -> Any:
    return app.build()


def known_lines() -> tuple[str, ...]:
    """Every command that runs here, as it is typed. The first call imports them all."""
    root, lines = _root(), list[str]()
    for name in sorted(COMMANDS):
        below = getattr(root.commands[name].load(), "commands", {})
        lines += [f"{name} {each}" for each in below if (name, each) != _ENDLESS] or [name]
    return tuple(lines)
