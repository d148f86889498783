"""Words of the command line whose meaning is plain, without typer's validator: its import takes longer than a command.

Only what is surely right is read here. Everything else, and so every complaint, is left to the validator.
"""

# ruff: noqa: SLF001 -- typer has no public way to say how a value is read; without this one it is only slower

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_NOT_PLAIN = object()


class PlainValues:
    """Stands in a parameter's place for the validator. Typer calls `coerce`."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value of a parameter, as its function takes it."""
        plain = _plain(value, param)
        if plain is not _NOT_PLAIN:
            return plain
        param._runtime_param = None  # makes typer build its own
        try:
            return param.get_runtime_param().coerce(value, param=param, ctx=ctx)
        finally:
            param._runtime_param = self  # the next command line of this process is read like the first


_PLAIN_VALUES = PlainValues()


def read_plainly(parameters: Iterable[Any]) -> None:
    """Let these parameters be read without the validator as long as that is sure."""
    for parameter in parameters:
        parameter._runtime_param = _PLAIN_VALUES


def _plain(value: Any, param: Any) -> Any:
    """The value, or _NOT_PLAIN when somebody else has to look at it."""
    many = param.multiple or param.nargs == -1
    if value is None:
        return () if many else None
    kind = param.type_descriptor.annotation
    if many:
        is_plain = kind == list[str] and not isinstance(value, str) and all(isinstance(each, str) for each in value)
        return list(value) if is_plain else _NOT_PLAIN
    if not isinstance(kind, type):
        return _NOT_PLAIN
    if kind is not Path and isinstance(value, kind) and kind is not int:
        return value
    return _plain_word(value, kind, param) if isinstance(value, str) or kind is int else _NOT_PLAIN


def _plain_word(value: Any, kind: type, param: Any) -> Any:
    """One word, or a number that is the default."""
    if kind is int:
        return _plain_number(value, param)
    if issubclass(kind, Enum):
        return next((member for member in kind if member.value == value), _NOT_PLAIN)
    if kind is Path:
        wanted = param.type_descriptor.parameter_info
        is_checked = wanted.exists or wanted.resolve_path or wanted.path_type is not None
        return _NOT_PLAIN if is_checked else Path(value)
    return _NOT_PLAIN


def _plain_number(value: Any, param: Any) -> Any:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = int(value)
    is_low = param.min is not None and isinstance(value, int) and value < param.min
    is_high = param.max is not None and isinstance(value, int) and value > param.max
    return value if type(value) is int and not is_low and not is_high else _NOT_PLAIN
