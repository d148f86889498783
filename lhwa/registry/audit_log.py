"""The registry's own audit log, in the same form as a firm's: entries, leaf hashes and a frontier.

Invariants: seq starts at 0 and has no gaps; `n` of the frontier is the number of entries: the registry's revision.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from typing import NamedTuple

from lhwa.domain.audit import (
    END_ROWS_MAX,
    REGISTRY_LOG,
    AuditRecord,
    Schema,
    require_appendable,
    stored_frontier,
)
from lhwa.domain.instants import Instant
from lhwa.domain.merkle import leaf_hash
from lhwa.registry.transaction import tables_of

SEQ_MIN, SEQ_MAX = -(1 << 63), (1 << 63) - 1


class AuditRow(NamedTuple):
    """One entry as stored."""

    seq: int
    entry: bytes
    leaf_hash: bytes


class FrontierRow(NamedTuple):
    """The right edge of the tree as stored; see `Frontier.from_bytes`."""

    n: int
    stack: bytes


class StoredLog:
    """The log as it lies in the file, for a check; inside a transaction it is that of one moment."""

    kind = REGISTRY_LOG

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def schema(self) -> Schema:
        """What stands around the log in this file, as SQLite keeps it."""
        return _schema_of(self._db)

    def written_schema(self) -> Schema:
        """The same in a file that nobody touched."""
        from lhwa.registry.migrations import migrations  # noqa: PLC0415 -- needs sqlite_utils, slow to import

        with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
            migrations.apply(tables_of(db))
            return _schema_of(db)

    def frontier_row(self) -> FrontierRow | None:
        """The right edge; None when there is no such row."""
        with _damage_named():
            found = self._db.execute("SELECT n, stack FROM audit_frontier").fetchone()
        return None if found is None else FrontierRow(*REGISTRY_LOG.checked_frontier(found))

    def entries(self, *, first: int = SEQ_MIN) -> Iterator[AuditRow]:
        """Entries from number `first` on, in order; without it every row, also one that no append could make."""
        with _damage_named():
            for row in self._db.execute(
                "SELECT seq, entry, leaf_hash FROM audit_entry WHERE seq >= ? ORDER BY seq", (min(first, SEQ_MAX),)
            ):
                yield AuditRow(*REGISTRY_LOG.checked_row(row))

    def tail(self, first: int) -> list[AuditRow]:
        """Rows from number `first` on: as many as a look at the end needs."""
        return list(islice(self.entries(first=first), END_ROWS_MAX + 1))

    def lowest(self) -> int | None:
        """The smallest number of all rows; None when there are none."""
        with _damage_named():
            (lowest,) = self._db.execute("SELECT min(seq) FROM audit_entry").fetchone()
        return None if lowest is None else int(lowest)


def append(db: sqlite3.Connection, record: AuditRecord, *, at: Instant) -> int:
    """Append inside the transaction that does what the record says. Returns its number.

    Raises: VerificationError when somebody changed the end of the log, or the log is empty and should not be.
    """
    log = StoredLog(db)
    edge = stored_frontier(log)
    require_appendable(log, edge, record)
    entry = record.canonical(seq=edge.size, at=at)
    leaf = leaf_hash(entry)
    grown = edge.append(leaf)
    try:
        with _damage_named():
            db.execute("INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES (?, ?, ?)", (edge.size, entry, leaf))
            db.execute("UPDATE audit_frontier SET n = ?, stack = ?", (grown.size, grown.to_bytes()))
    except sqlite3.IntegrityError:
        raise REGISTRY_LOG.refused() from None
    return edge.size


def frontier(db: sqlite3.Connection) -> FrontierRow:
    """Size and stack, sound or not; VerificationError when they are gone."""
    found = StoredLog(db).frontier_row()
    if found is None:
        raise REGISTRY_LOG.without_frontier()
    return found


def entries(db: sqlite3.Connection, *, first: int = 0) -> Iterator[AuditRow]:
    """Every entry from number `first` on, in order."""
    return StoredLog(db).entries(first=first)


@contextmanager
def _damage_named() -> Iterator[None]:
    """Say that the tables of the log are not as they were, where SQLite cannot run a statement of ours on them."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise REGISTRY_LOG.damaged() from None


def _schema_of(db: sqlite3.Connection) -> Schema:
    # Every trigger of the file: one on another table could reach for the log, and lhwa has none there.
    found = db.execute(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema"
        " WHERE type = 'trigger' OR lower(tbl_name) IN ('audit_entry', 'audit_frontier')"
    )
    return {(kind, name): sql for kind, name, sql in found}
