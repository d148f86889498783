"""`NAME=VALUE` words of a command line."""

from __future__ import annotations

from lhwa.errors import UsageError


def values_from(words: list[str]) -> dict[str, str]:
    """`NAME=VALUE` words as values. Raises: UsageError; it does not repeat a word, which a client may read."""
    values: dict[str, str] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name:
            raise UsageError("--param wants NAME=VALUE.", hint="`lhwa templates preview NAME` shows the names.")
        values[name] = value
    return values
