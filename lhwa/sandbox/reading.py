"""Reading the body of a request: members of the right type and length, refused in Meta's way when they are not."""

from __future__ import annotations

from typing import Any

from lhwa.sandbox.errors import INVALID_PARAMETER, Refused

Json = dict[str, Any]


def text_in(holder: Json, key: str, where: str, *, chars_max: int, code: int = INVALID_PARAMETER) -> str:
    """A text that must be there and not empty.

    Args:
        where: the place of the text for the error, such as `text['body']`.
        code: with which Meta refuses it.
    """
    value = holder.get(key)
    if value is None or value == "":
        raise Refused(code, f"The parameter {where} is required.")
    return _text(value, where, chars_max=chars_max, code=code)


def optional_text(holder: Json, key: str, where: str, *, chars_max: int, code: int = INVALID_PARAMETER) -> str | None:
    """A text that may be left out."""
    value = holder.get(key)
    return None if value is None else _text(value, where, chars_max=chars_max, code=code)


def object_in(holder: Json, key: str, where: str, *, code: int = INVALID_PARAMETER) -> Json:
    """An object that must be there."""
    value = holder.get(key)
    if not isinstance(value, dict):
        raise Refused(code, f"The parameter {where} is required and must be an object.")
    return value


def objects_in(holder: Json, key: str, where: str, *, most: int, code: int = INVALID_PARAMETER) -> list[Json]:
    """A list of at least one object."""
    value = holder.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        raise Refused(code, f"The parameter {where} is required and must be a list of objects.")
    if len(value) > most:
        raise Refused(code, f"{where} has more than {most} members.")
    return value


def _text(value: object, where: str, *, chars_max: int, code: int) -> str:
    if not isinstance(value, str):
        raise Refused(code, f"Param {where} must be a string.")
    if len(value) > chars_max:
        raise Refused(code, f"Param {where} must be at most {chars_max} characters long.")
    return value
