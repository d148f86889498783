"""Audit records: who did what to which row, in a form that outsiders can hash again.

Invariants: no personal data; no floats; canonical JSON of at most 65,535 bytes.
Source: RFC 8785 for the canonical form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from lhwa.domain.instants import Instant, rfc3339
from lhwa.errors import InvariantError

ENTRY_BYTES_MAX = 65_535
"""Source: c2sp.org/tlog-tiles, an entry's length is a big-endian uint16."""
ENTRY_VERSION = 1
_ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)+")

GATEWAY = "system:gateway"
NORMALIZER = "system:normalizer"
WORKER = "system:worker"
DAEMON = "system:daemon"


def operator_actor(operator_id: str) -> str:
    """How an operator is named in audit records."""
    return f"operator:{operator_id}"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One act.

    Args:
        actor: `system:<part>` or `operator:<id>`.
        action: dotted lower-case words, noun first: `message.recorded`.
        target: the row it is about: `message:<id>`.
        data: ids, counts, codes and reasons; str, int, bool, None and lists or dicts of these.
    """

    actor: str
    action: str
    target: str
    data: dict[str, Any] = field(default_factory=dict)

    def canonical(self, *, seq: int, at: Instant) -> bytes:
        """The exact bytes that are stored and hashed."""
        if not _ACTION.fullmatch(self.action):
            raise InvariantError(f"The audit action {self.action!r} is not noun.verb.")
        try:
            entry = rfc8785.dumps(
                {
                    "action": self.action,
                    "actor": self.actor,
                    "data": _without_floats(self.data),
                    "seq": seq,
                    "target": self.target,
                    "ts": rfc3339(at),
                    "v": ENTRY_VERSION,
                }
            )
        except ValueError as error:  # rfc8785's own errors, and lone surrogates; their texts repeat the value
            raise InvariantError(
                f"The audit record {self.action} has no canonical form ({type(error).__name__})."
            ) from None
        if len(entry) > ENTRY_BYTES_MAX:
            raise InvariantError(f"The audit record {self.action} is longer than {ENTRY_BYTES_MAX} bytes.")
        return entry


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        raise InvariantError("An audit record holds no floats.")
    if isinstance(value, dict):
        return {key: _without_floats(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_floats(item) for item in value]
    return value
