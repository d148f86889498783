"""The only writer of stdout: data, as JSON for programs, as tables for people, as aligned text for pipes.

Invariants: JSON is ASCII and in camelCase; everything else passes `safe_text` and is never read as markup.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from pathlib import PurePath
from typing import Any, TypeVar

from lhwa.cli import diagnostics, streams
from lhwa.cli.columns import Brief, aligned
from lhwa.cli.options import Globals
from lhwa.domain.instants import rfc3339
from lhwa.domain.text import safe_text
from lhwa.errors import InvariantError, LhwaError

Row = TypeVar("Row")
NOTHING = "-"


class OutputError(LhwaError):
    """Stdout takes no more: a full disk, a closed descriptor."""


class Output:
    """Shows the data of one invocation in the form that it asked for."""

    def __init__(self, asked: Globals) -> None:
        self._asked = asked

    @property
    def json(self) -> bool:
        """True when data goes out as JSON."""
        return self._asked.json

    @property
    def boxes(self) -> bool:
        """True when a person looks at a terminal and did not ask for plain text."""
        return streams.out().isatty() and not self._asked.plain

    def emit(self, data: object) -> None:
        """Write one JSON document, whatever was asked: one line in a pipe, indented on a terminal."""
        import json  # noqa: PLC0415 -- not for help

        document = json.dumps(to_json(data), ensure_ascii=True, indent=2 if streams.out().isatty() else None)
        write(document.replace("\x7f", "\\u007f") + "\n")

    def table(
        self,
        rows: Sequence[Row],
        columns: Mapping[str, Callable[[Row], object]],
        *,
        empty: str = "Nothing here yet.",
        important: Sequence[str] = (),
    ) -> None:
        """Show rows; with --json, the rows themselves as an array.

        Args:
            columns: heading -> how to get the cell from a row.
            empty: what to tell a person when there are no rows.
            important: headings of what a narrow terminal shows beside the first column, the most important one first;
                after them come the others from left to right.
        """
        if self.json:
            self.emit(list(rows))
            return
        if not rows:
            self.say(empty)
            return
        values = [[get(row) for get in columns.values()] for row in rows]
        if self.boxes:
            self._box(list(columns), values, important)
        else:
            cells = [[_cell(value) for value in row] for row in values]
            write("".join(f"{line}\n" for line in aligned([[*columns], *cells])))

    def _box(self, headings: list[str], values: Sequence[Sequence[object]], important: Sequence[str]) -> None:
        from lhwa.cli.boxes import boxed  # noqa: PLC0415 -- only a terminal pays for rich

        rows = [[_cell(value) for value in row] for row in values]
        brief = [[_short_cell(value) for value in row] for row in values]
        ranked = dict.fromkeys((0, *map(headings.index, important), *range(len(headings))))
        # Columns that say nothing go.
        order = [place for place in ranked if not place or any(row[place] != NOTHING for row in rows)]
        table, hidden = boxed(headings, rows, brief, order=order, has_colour=not _no_colour())
        write(table)
        if hidden:
            many = "1 column" if len(hidden) == 1 else f"{len(hidden)} columns"
            names = ", ".join(name for name in hidden if name)
            self.say(f"{many} hidden: use a wider terminal, --json or --plain. ({names})")

    def record(self, data: object, pairs: Mapping[str, object]) -> None:
        """Show one thing as names and values; with --json, `data`."""
        if self.json:
            self.emit(data)
            return
        lines = aligned([[name, _cell(value)] for name, value in pairs.items()])
        write("".join(f"{line}\n" for line in lines))

    def heading(self, text: str) -> None:
        """Begin a part of a longer page, with an empty line before it. Not for --json."""
        write(f"\n{safe_text(text, newlines=False)}\n")

    def line(self, text: str) -> None:
        """Write one line of data, such as a token. Not for --json."""
        write(safe_text(text, newlines=False) + "\n")

    def say(self, text: str) -> None:
        """Talk, on stderr; nothing when --quiet or --json."""
        diagnostics.say(text, self._asked)

    def warn(self, text: str) -> None:
        """Say what the person should act on, on stderr."""
        diagnostics.warn(text, self._asked)

    def refuse(self, rule: str, says: str, *, hint: str, allowed: Sequence[str]) -> None:
        """Say that a rule keeps something from being done, and what is allowed instead, on stderr."""
        diagnostics.refuse(rule, says, hint=hint, allowed=allowed, asked=self._asked)

    def done(self, sentence: str, data: object = None) -> None:
        """Tell what was done; with --json, show `data` unless it is None."""
        if self.json:
            if data is not None:
                self.emit(data)
        else:
            self.say(sentence)


def to_json(value: object) -> Any:
    """Plain JSON values of dataclasses, structs, enums, times and containers; names of fields in camelCase."""
    if value is None or isinstance(value, (bool, int, float)):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (str, PurePath)):
        return str(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {_camel(field.name): to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if hasattr(value, "__struct_fields__"):
        import msgspec  # noqa: PLC0415 -- whoever holds a struct has imported it already

        return to_json(msgspec.to_builtins(value))
    if isinstance(value, Mapping):
        return {str(name): to_json(item) for name, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(to_json(item) for item in value)
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        return [to_json(item) for item in value]
    raise InvariantError(f"A {type(value).__name__} has no JSON form.")


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name.strip("_"))


def _cell(value: object) -> str:
    """One value as one line for people."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}Z" if value.utcoffset() is not None else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Enum):
        return safe_text(str(value.value), newlines=False)
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(_cell(item) for item in value) or NOTHING
    return safe_text(str(value), newlines=False)


def _short_cell(value: object) -> str:
    """The same where there is little room."""
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return f"{value:%Y-%m-%d %H:%M}Z"
    return _cell(value.short if isinstance(value, Brief) else value)


def _no_colour() -> bool:
    return bool(os.environ.get("NO_COLOR"))


def write(text: str) -> None:
    """Write text that is safe already, such as help.

    Raises: BrokenPipeError when the reader is gone, OutputError when stdout cannot take it.
    """
    try:
        streams.out().write(text)
        streams.out().flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"The output could not be written: {error.strerror}.") from None
