"""Audit records: who did what to which row, in a form that outsiders can hash again.

Invariants: no personal data; no floats; canonical JSON of at most 65,535 bytes.
Source: RFC 8785 for the canonical form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import msgspec

from lhwa.domain.canonical import spelled_entry
from lhwa.domain.instants import Instant, parse_rfc3339
from lhwa.domain.merkle import Frontier, leaf_hash, root_of
from lhwa.errors import InvariantError, VerificationError

ENTRY_BYTES_MAX = 65_535
"""Source: c2sp.org/tlog-tiles, an entry's length is a big-endian uint16."""
ENTRY_VERSION = 1
END_ROWS_MAX = 32
"""So many of the newest rows are compared with the frontier before something is appended."""
_ACTION = re.compile(r"[a-z_]+(\.[a-z_]+)+")

GATEWAY = "system:gateway"
NORMALIZER = "system:normalizer"
_OPERATOR = "operator:"
WORKER = "system:worker"
DAEMON = "system:daemon"
OUTBOUND = "system:outbound"
INTAKE = "system:intake"

FIRM_CREATED = "firm.created"
REGISTRY_CREATED = "registry.created"

Schema = Mapping[tuple[str, str], str]
"""What stands around a log in its file: (`table`, `index` or `trigger`, name) -> the SQL that made it."""


def operator_actor(operator_id: str) -> str:
    """How an operator is named in audit records."""
    return f"{_OPERATOR}{operator_id}"


def operator_of(actor: str) -> str | None:
    """The operator whom an audit record names; None when it was no person."""
    return actor.removeprefix(_OPERATOR) if actor.startswith(_OPERATOR) else None


class AuditRecord(msgspec.Struct, frozen=True):
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
    data: dict[str, Any] = {}

    def canonical(self, *, seq: int, at: Instant) -> bytes:
        """The exact bytes that are stored and hashed."""
        if not _is_action(self.action):
            raise InvariantError(f"The audit action {self.action!r} is not noun.verb.")
        try:
            spelled = spelled_entry(
                action=self.action,
                actor=self.actor,
                data=self.data,
                seq=seq,
                target=self.target,
                at=at,
                version=ENTRY_VERSION,
            )
        except ValueError as error:  # rfc8785's own errors, and lone surrogates; their texts repeat the value
            raise InvariantError(
                f"The audit record {self.action} has no canonical form ({type(error).__name__})."
            ) from None
        if len(spelled) > ENTRY_BYTES_MAX:
            raise InvariantError(f"The audit record {self.action} is longer than {ENTRY_BYTES_MAX} bytes.")
        return spelled


@lru_cache(maxsize=256)
def _is_action(text: str) -> bool:
    return _ACTION.fullmatch(text) is not None


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


@dataclass(frozen=True, slots=True)
class LogKind:
    """One of the two logs: what it begins with, and how errors speak of it. None of them is an error of SQLite."""

    name: str
    opens_with: str
    """The action of its first record."""
    hint: str

    def checked_row(self, found: Sequence[object]) -> tuple[int, bytes, bytes]:
        """Number, entry and leaf hash; VerificationError for a row that no table of ours could hold."""
        seq, entry, leaf = found
        # STRICT tables hold nothing else; one that somebody made in their place might.
        if not isinstance(seq, int) or not isinstance(entry, bytes) or not isinstance(leaf, bytes):
            raise self.damaged()
        return seq, entry, leaf

    def checked_frontier(self, found: Sequence[object]) -> tuple[int, bytes]:
        """Size and packed hashes; VerificationError as in `checked_row`."""
        size, stack = found
        if not isinstance(size, int) or not isinstance(stack, bytes):
            raise self.damaged()
        return size, stack

    def damaged(self) -> VerificationError:
        """The tables are not as they were."""
        return self.broken(f"The tables of the {self.name} are gone or damaged.")

    def without_frontier(self) -> VerificationError:
        """Nothing tells how many records were written."""
        return self.broken(f"The frontier of the {self.name} is gone.")

    def refused(self) -> VerificationError:
        """The guards of the table refuse the next record."""
        return self.broken(f"The {self.name} does not take its next record.")

    def broken(self, message: str) -> VerificationError:
        """An error with what to do next."""
        return VerificationError(message, hint=self.hint)


FIRM_LOG = LogKind(
    "audit log",
    opens_with=FIRM_CREATED,
    hint="Run `lhwa audit verify`; until the file is as it was written, nothing is added to it.",
)
REGISTRY_LOG = LogKind(
    "control plane's audit log", opens_with=REGISTRY_CREATED, hint="Run `lhwa audit verify --control-plane`."
)


class LogEnd(Protocol):
    """The end of a log as it lies in its file."""

    @property
    def kind(self) -> LogKind:
        """Which log it is."""

    def frontier_row(self) -> tuple[int, bytes] | None:
        """Size and packed hashes; None when there is no such row."""

    def tail(self, first: int) -> Sequence[LogRow]:
        """Rows from number `first` on, in order; no more than one above END_ROWS_MAX are needed."""

    def lowest(self) -> int | None:
        """The smallest number of all rows; None when there are none."""


def stored_frontier(log: LogEnd) -> Frontier:
    """The frontier as stored; VerificationError when it is gone or damaged."""
    found = log.frontier_row()
    if found is None:
        raise log.kind.without_frontier()
    try:
        return Frontier.from_bytes(*found)
    except ValueError:
        raise log.kind.broken(f"The frontier of the {log.kind.name} is damaged.") from None


def require_sound_end(log: LogEnd, frontier: Frontier) -> None:
    """Compare the newest rows with the frontier: a few rows, however long the log is.

    Raises: VerificationError when they differ.
    """
    if not is_sound_end(frontier, log.tail(end_start(frontier)), lowest=log.lowest()):
        raise log.kind.broken(f"The {log.kind.name} does not end as its frontier says.")


def require_appendable(log: LogEnd, frontier: Frontier, record: AuditRecord) -> None:
    """Refuse to add to a log whose end somebody changed, or that is empty and should not be."""
    require_sound_end(log, frontier)
    if not frontier.size and record.action != log.kind.opens_with:
        raise log.kind.broken(f"The {log.kind.name} is empty: its records are gone.")
