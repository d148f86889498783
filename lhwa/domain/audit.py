"""Audit records: who did what to which row, in a form that outsiders can hash again.

Invariants: no personal data; no floats; canonical JSON of at most 65,535 bytes.
Source: RFC 8785 for the canonical form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
import rfc8785

from lhwa.domain.instants import Instant, parse_rfc3339, rfc3339
from lhwa.domain.merkle import Frontier, leaf_hash, root_of
from lhwa.errors import InvariantError

ENTRY_BYTES_MAX = 65_535
"""Source: c2sp.org/tlog-tiles, an entry's length is a big-endian uint16."""
ENTRY_VERSION = 1
END_ROWS_MAX = 32
"""So many of the newest rows are compared with the frontier before something is appended."""
_ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)+")

GATEWAY = "system:gateway"
NORMALIZER = "system:normalizer"
WORKER = "system:worker"
DAEMON = "system:daemon"

FIRM_CREATED = "firm.created"
REGISTRY_CREATED = "registry.created"

Schema = Mapping[tuple[str, str], str]
"""What stands around a log in its file: (`table`, `index` or `trigger`, name) -> the SQL that made it."""


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


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first record of a log must be. A log that begins otherwise, or is empty, is not the one written."""

    action: str
    target: str


def firm_opening(tenant: str) -> Opening:
    """How the log of a firm begins."""
    return Opening(FIRM_CREATED, f"firm:{tenant}")


REGISTRY_OPENING = Opening(REGISTRY_CREATED, "registry")
"""How the log of the control plane begins."""


class LogRow(Protocol):
    """One stored record, sound or not."""

    @property
    def seq(self) -> int:
        """Its number, from 0."""

    @property
    def entry(self) -> bytes:
        """Canonical JSON, as hashed."""

    @property
    def leaf_hash(self) -> bytes:
        """32 bytes."""


class Entry(msgspec.Struct, frozen=True):
    """What a stored record says."""

    seq: int
    ts: str
    actor: str
    action: str
    target: str
    data: dict[str, Any]
    v: int


class DamagedEntryError(Exception):
    """A stored record cannot be what was written; the text says why, in a few words."""


def read_entry(row: LogRow) -> Entry:
    """What a record says.

    Raises: DamagedEntryError when its hash does not fit, it is no record, or it carries another number than its row.
    """
    if leaf_hash(row.entry) != row.leaf_hash:
        raise DamagedEntryError("the entry was changed")
    try:
        entry = msgspec.json.decode(row.entry, type=Entry)
        parse_rfc3339(entry.ts)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise DamagedEntryError("the entry is no audit record") from None
    if entry.seq != row.seq:
        raise DamagedEntryError("the entry carries another number")
    return entry


def end_start(frontier: Frontier) -> int:
    """From which record on `is_sound_end` wants to see the log.

    The last subtree of the frontier holds the newest leaves; a large one is not read again for each transaction.
    """
    leaves = frontier.newest_subtree()
    return frontier.size - (leaves if leaves <= END_ROWS_MAX else 1)


def is_sound_end(frontier: Frontier, newest: Sequence[LogRow], *, lowest: int | None) -> bool:
    """True when the end of a log is what its frontier says: a few rows, however long the log is.

    Args:
        newest: the rows from `end_start` on; one more than there should be is enough.
        lowest: the smallest number of all rows; None when there are none.
    """
    if lowest != (0 if frontier.size else None):
        return False
    if [row.seq for row in newest] != list(range(end_start(frontier), frontier.size)):
        return False
    if any(leaf_hash(row.entry) != row.leaf_hash for row in newest):
        return False
    is_whole = frontier.newest_subtree() == len(newest)
    return not newest or not is_whole or root_of([row.leaf_hash for row in newest]) == frontier.stack[-1][1]


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        raise InvariantError("An audit record holds no floats.")
    if isinstance(value, dict):
        return {key: _without_floats(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_floats(item) for item in value]
    return value
