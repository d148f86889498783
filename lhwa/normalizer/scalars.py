"""Ids, texts and times as Meta's feeds spell them: present or not, text or number, seconds or milliseconds.

Invariants: only `required_id` raises, and only PoisonError; all others answer None or something empty.
"""

from __future__ import annotations

from typing import Any

from lhwa.domain.instants import SECONDS_VS_MILLISECONDS, UNIX_MS_MAX
from lhwa.errors import PoisonError

ID_CHARS_MAX = 1024
"""Longest id that we take for one. Meta's have up to a few hundred characters."""
UNIX_S_MIN = 1_230_768_000
"""2009-01-01: WhatsApp has no messages from before it existed."""
CODE_DIGITS_MAX = 7
"""Longest code of an error. It lies in clear; a longer number could be somebody's."""
_TIME_DIGITS_MAX = 20


def as_dict(value: Any) -> dict[str, Any]:
    """The object itself; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The array itself; an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str | None:
    """Text that says something."""
    return value if isinstance(value, str) and value else None


def id_of(value: Any) -> str | None:
    """An id as text, whether it came as text or as an integer."""
    if value is None:
        return None
    if isinstance(value, str):
        return value if value and len(value) <= ID_CHARS_MAX and value.isprintable() else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def required_id(item: dict[str, Any], key: str = "id") -> str:
    """The id without which an item cannot be stored once.

    Raises: PoisonError `missing_id`, `wrong_type`, or `bad_id` for control characters and absurd lengths.
    """
    value = item.get(key)
    if value is None or value == "":
        raise PoisonError("missing_id")
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise PoisonError("wrong_type")
    found = id_of(value)
    if found is None or not found.strip():
        raise PoisonError("bad_id")
    return found


def instant_ms(value: Any) -> int | None:
    """Unix milliseconds of a time in seconds or milliseconds, text or number; None for anything absurd."""
    if isinstance(value, str):
        digits = value.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _TIME_DIGITS_MAX):
            return None
        number = int(digits)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number = int(value)
    else:
        return None
    unix_ms = number if number >= SECONDS_VS_MILLISECONDS else number * 1000
    return unix_ms if UNIX_S_MIN * 1000 <= unix_ms <= UNIX_MS_MAX else None


def error_codes(item: dict[str, Any]) -> tuple[int, ...]:
    """The codes of an item's `errors`, in order."""
    errors = item.get("errors")
    if not errors:
        return ()
    codes = (as_dict(error).get("code") for error in as_list(errors))
    return tuple(number for code in codes if (number := _code(code)) is not None)


def _code(value: Any) -> int | None:
    text = id_of(value)
    return (
        int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= CODE_DIGITS_MAX else None
    )
