"""Canonical JSON of audit records: the exact bytes that are stored and hashed.

Two ways to the same bytes: a fast encoder for plain records, which nearly all are, and the reference for all others.

Source: RFC 8785.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache
from typing import Any

import msgspec
import rfc8785

from lhwa.domain.instants import Instant, rfc3339
from lhwa.errors import InvariantError

_INT_MAX = (1 << 53) - 1
"""Source: RFC 8785, numbers are IEEE 754 doubles."""


class _Canonical(msgspec.Struct, frozen=True):
    """A stored record with its fields in the order of RFC 8785."""

    action: str
    actor: str
    data: dict[str, Any]
    seq: int
    target: str
    ts: str
    v: int


_spelled = msgspec.json.Encoder(order="deterministic").encode
"""Spells plain records as RFC 8785 does: both sort keys, and both escape the same characters in the same way."""


def spelled_entry(
    *, action: str, actor: str, data: dict[str, Any], seq: int, target: str, at: Instant, version: int
) -> bytes:
    """The bytes of one record.

    Raises: InvariantError for a float; ValueError for anything else that has no canonical form.
    """
    # The text of one instant serves all records of a transaction. In other zones equal instants may differ in it.
    ts = _utc_text(at) if at.tzinfo is UTC else rfc3339(at)
    entry = _Canonical(action, actor, data, seq, target, ts, version)
    return _spelled(entry) if _is_plain(data) else _spelled_by_reference(entry)


_utc_text = lru_cache(maxsize=16)(rfc3339)


def _spelled_by_reference(entry: _Canonical) -> bytes:
    """What RFC 8785 says about any record, at thirty times the cost."""
    return rfc8785.dumps(msgspec.structs.asdict(entry) | {"data": _without_floats(entry.data)})


def _is_plain(data: Mapping[str, Any]) -> bool:
    """True for plain values and lists of texts under ASCII keys: RFC 8785 sorts other keys by UTF-16 units."""
    for key, value in data.items():
        if type(key) is not str or not key.isascii():
            return False
        kind = type(value)
        if kind is list:
            if not all(type(item) is str for item in value):
                return False
        elif kind is not str and kind is not bool and value is not None and (kind is not int or abs(value) > _INT_MAX):
            return False
    return True


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        raise InvariantError("An audit record holds no floats.")
    if isinstance(value, dict):
        return {key: _without_floats(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_floats(item) for item in value]
    return value
