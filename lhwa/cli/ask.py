"""Secrets and answers from a person or a pipe, never from argv.

On a terminal lhwa prompts on stderr, hidden where it matters; elsewhere it reads stdin and waits for nobody.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

import typer

from lhwa.cli import diagnostics, streams
from lhwa.errors import UsageError

STDIN_CHARS_MAX = 64 * 1024
"""More than any set of secrets needs; a wrong file at stdin must not fill the memory."""


def on_terminal() -> bool:
    """True when a person can answer."""
    return streams.is_person()


def secrets_of_stdin(labels: Mapping[str, str], *, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Named secrets: prompted for on a terminal, else one JSON object on stdin.

    Args:
        labels: name -> what to ask for, such as `{"app_secret": "App secret"}`.
        optional: names that may be missing; a prompt for them can be left empty.
    """
    if on_terminal():
        answers = {name: _prompted(label, optional=name in optional) for name, label in labels.items()}
        return {name: answer for name, answer in answers.items() if answer}
    example = json.dumps(dict.fromkeys(labels, "…"), ensure_ascii=False)
    hint = f"Pipe one JSON object: {example}"
    try:
        given = json.loads(_stdin())
    except (ValueError, RecursionError):
        # The parser's own text would quote what it read.
        raise UsageError("Stdin holds no JSON.", hint=hint) from None
    if not isinstance(given, dict):
        raise UsageError("Stdin holds JSON, but no object.", hint=hint)
    if any(name not in labels for name in given):
        raise UsageError("The JSON object has a field that this command does not know.", hint=hint)
    missing = [name for name in labels if name not in given and name not in optional]
    if missing:
        raise UsageError(f"The JSON object has no {missing[0]}.", hint=hint)
    if not all(isinstance(value, str) and value.strip() for value in given.values()):
        raise UsageError("Every field of the JSON object is a text that is not empty.", hint=hint)
    return {name: value.strip() for name, value in given.items()}


def secret_of_stdin(label: str) -> str:
    """One secret: prompted for on a terminal, else all of stdin."""
    if on_terminal():
        return _prompted(label, optional=False)
    text = _stdin().strip()
    if not text or any(character.isspace() for character in text):
        raise UsageError(f"Stdin does not hold one {label.lower()}.", hint="Pipe it in, with nothing else beside it.")
    return text


def answer(question: str, *, default: str) -> str:
    """An answer on a terminal; the default elsewhere."""
    if not on_terminal():
        return default
    # typer.prompt and input() write a part of the question to stdout, where only data belongs.
    diagnostics.ask(f"{question} [{default}]: ")
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise UsageError("The answer is no UTF-8 text.") from None
    if not line:
        raise typer.Abort
    return line.strip() or default


def _prompted(label: str, *, optional: bool) -> str:
    from getpass import getpass  # noqa: PLC0415 -- only where somebody types a secret

    try:
        secret = getpass(f"{label} (hidden{'; empty for none' if optional else ''}): ", stream=sys.stderr).strip()
    except EOFError:
        raise typer.Abort from None
    if not secret and not optional:
        raise UsageError(f"The {label.lower()} is empty.", hint="Run the command again and paste it.")
    return secret


def _stdin() -> str:
    try:
        text = sys.stdin.read(STDIN_CHARS_MAX + 1)
    except UnicodeDecodeError:
        raise UsageError("Stdin is no UTF-8 text.") from None
    if len(text) > STDIN_CHARS_MAX:
        raise UsageError(f"Stdin holds more than {STDIN_CHARS_MAX} characters.")
    return text
