"""One written value -> one checked value of the setting's type."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lhwa.config.settings import SECTIONS
from lhwa.domain.access import GRANTS, Permission, Role
from lhwa.domain.ids import is_tenant_id
from lhwa.domain.text import safe_text

_SENDING_ROLES = frozenset(role.value for role in Role if Permission.WRITE_TO_CLIENTS in GRANTS[role])
_TRUE_FALSE = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class WrongValueError(ValueError):
    """A written value is not a value of the setting; the text says what would be."""


@cache
def known_keys() -> Mapping[str, tuple[Field[Any], Any]]:
    """Every setting as `section.key`, with its field and type, in the order of the document."""
    found = {}
    for section, kind in SECTIONS.items():
        types = get_type_hints(kind)
        for field in fields(kind):
            found[f"{section}.{field.name}"] = (field, types[field.name])
    return MappingProxyType(found)


def checked(key: str, written: object, *, as_text: bool) -> Any:
    """The value of a known key.

    Args:
        written: what the layer holds; never shown in full in an error.
        as_text: True for layers that hold only text, such as the environment.
    Raises: WrongValueError with what would be right.
    """
    field, kind = known_keys()[key]
    value = _of_type(kind, _from_text(kind, str(written)) if as_text else written)
    _in_range(value, least=field.metadata["least"], most=field.metadata["most"])
    shape = _SHAPES.get(field.metadata["shape"])
    for item in value if isinstance(value, tuple) else (value,):
        if shape is not None and not shape[0](item):
            raise WrongValueError(f"wants {shape[1]}, not {_shown(item)}")
    return value


def _from_text(kind: Any, text: str) -> object:
    if kind is int:
        try:
            return int(text, 10)
        except ValueError:
            return text
    if kind is bool:
        return _TRUE_FALSE.get(text.lower(), text)
    if get_origin(kind) is tuple:
        return [item.strip() for item in text.split(",") if item.strip()]
    return text


def _of_type(kind: Any, value: object) -> Any:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise WrongValueError(f"wants one of {', '.join(get_args(kind))}, not {_shown(value)}")
        return value
    if get_origin(kind) is tuple:
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            raise WrongValueError(f"wants a list of texts, not {_shown(value)}")
        return tuple(value)
    # bool is an int to Python, but `port = true` is a mistake to everyone else.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        wanted = {int: "a whole number", bool: "true or false", str: "a text"}[kind]
        raise WrongValueError(f"wants {wanted}, not {_shown(value)}")
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise WrongValueError("wants text in UTF-8")
    return value


def _in_range(value: object, *, least: int | None, most: int | None) -> None:
    if not isinstance(value, int) or ((least is None or value >= least) and (most is None or value <= most)):
        return
    wanted = f"a number of at least {least}" if most is None else f"a number from {least} to {most}"
    raise WrongValueError(f"wants {wanted}, not {value}")


def _shown(value: object) -> str:
    return safe_text(repr(value), newlines=False, chars_max=40)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", text) is not None


def _is_distribution(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", text) is not None


def _is_graph_url(text: str) -> bool:
    """Https anywhere, plain http on this machine alone: the access token goes with every request."""
    found = re.fullmatch(r"(https?)://([a-z0-9.-]+|\[::1\])(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?", text)
    return found is not None and (found[1] == "https" or found[2] in ("127.0.0.1", "localhost", "[::1]"))


def _is_quiet_hours(text: str) -> bool:
    clock = r"([01][0-9]|2[0-3]):[0-5][0-9]"
    found = re.fullmatch(rf"({clock})-({clock})", text)
    return text == "" or (found is not None and found[1] != found[3])


_SHAPES: dict[str, tuple[Callable[[str], bool], str]] = {
    "network": (_is_network, "an address or a network such as 10.0.0.0/8"),
    "name": (_is_name, "a lower-case name"),
    "distribution": (_is_distribution, "the name of an installed distribution"),
    "graph_url": (_is_graph_url, "an https address, or http on this machine such as http://127.0.0.1:9191"),
    "api_version": (lambda text: re.fullmatch(r"v[0-9]{1,3}\.[0-9]{1,2}", text) is not None, "a version such as v25.0"),
    "role": (lambda text: text in _SENDING_ROLES, "a role that may write to clients: owner, lawyer or staff"),
    "quiet_hours": (_is_quiet_hours, "two times such as 21:00-07:00"),
    "key": (
        lambda text: re.fullmatch(r"[a-z][a-z_.-]*=[^\s=,]\S*( [^\s,]\S*)*", text) is not None,
        "an action and its keys, such as approve=ctrl+a or list.next=j down",
    ),
    "tenant": (lambda text: text == "" or is_tenant_id(text), "a tenant id such as firma-contoh"),
}
