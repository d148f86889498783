"""The audit log of one firm: appended inside the transaction of the change, together with the tree's frontier.

Invariants: nothing is appended to a log whose end is not the one that its frontier describes; a log that was changed
from outside raises VerificationError, never an error of SQLite.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import apsw

from lhwa.domain.audit import (
    END_ROWS_MAX,
    FIRM_LOG,
    AuditRecord,
    Schema,
    require_appendable,
    require_sound_end,
    stored_frontier,
)
from lhwa.domain.instants import Instant
from lhwa.domain.merkle import Frontier, leaf_hash
from lhwa.store.connection import rows
from lhwa.store.migrate import migrate

_SEQ_MIN, _SEQ_MAX = -(1 << 63), (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row as it lies in the file; `entry` is canonical JSON."""

    seq: int
    entry: bytes
    leaf_hash: bytes


UNWRITTEN_MAX = 1_024
"""So many new records are held back in memory, to be written in one go."""


class AuditLog:
    """Appends and reads. The frontier is read once per transaction and written once, before the commit.

    New records are held back and written together; whatever reads the log, or makes a savepoint, writes them first.
    """

    kind = FIRM_LOG

    def __init__(self, connection: apsw.Connection, *, now: Instant) -> None:
        self._connection = connection
        self._now = now
        self._frontier: Frontier | None = None
        self._written_size: int | None = None
        self._size = 0
        self._leaves: list[bytes] = []
        """Of records that the frontier does not have yet."""
        self._unwritten: list[tuple[int, bytes, bytes]] = []
        self._is_end_sound = False
        self.appended = 0

    def append(self, record: AuditRecord) -> int:
        """Append one record; returns its number.

        Raises: VerificationError when somebody changed the end of the log, or the log is empty and should not be.
        """
        if not self._is_end_sound:
            require_appendable(self, self.frontier(), record)
            self._is_end_sound = True
        seq = self._size
        entry = record.canonical(seq=seq, at=self._now)
        leaf = leaf_hash(entry)
        self._unwritten.append((seq, entry, leaf))
        self._leaves.append(leaf)
        self._size += 1
        self.appended += 1
        if len(self._unwritten) >= UNWRITTEN_MAX:
            self.write_entries()
        return seq

    def write_entries(self) -> None:
        """Write the records that were held back.

        Raises: VerificationError when the table does not take them.
        """
        if not self._unwritten:
            return
        try:
            with _damage_named():
                self._connection.executemany(
                    "INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES (?, ?, ?)", self._unwritten
                )
        except apsw.ConstraintError:
            raise FIRM_LOG.refused() from None
        self._unwritten.clear()

    def require_sound_end(self) -> None:
        """Compare the newest rows with the frontier: a few rows, however long the log is.

        Raises: VerificationError when they differ.
        """
        require_sound_end(self, self.frontier())

    def frontier(self) -> Frontier:
        """The frontier as of this transaction; VerificationError when the stored one is damaged."""
        if self._frontier is None:
            self._frontier = stored_frontier(self)
            self._written_size = self._size = self._frontier.size
        if self._leaves:
            self._frontier = self._frontier.extend(self._leaves)
            self._leaves.clear()
        return self._frontier

    def stored_frontier(self) -> tuple[int, bytes]:
        """Size and packed hashes as they lie in the file, sound or not; VerificationError when they are gone."""
        found = self.frontier_row()
        if found is None:
            raise FIRM_LOG.without_frontier()
        return found

    def frontier_row(self) -> tuple[int, bytes] | None:
        """Size and packed hashes as they lie in the file; None when they are gone."""
        with _damage_named():
            found = rows(self._connection, "SELECT n, stack FROM audit_frontier WHERE id = 1")
        return FIRM_LOG.checked_frontier(found[0]) if found else None

    def write_frontier(self) -> None:
        """Store the frontier when entries were added since it was read."""
        if self._frontier is not None and self._size != self._written_size:
            self.write_entries()
            frontier = self.frontier()
            self._connection.execute(
                "UPDATE audit_frontier SET n = ?, stack = ? WHERE id = 1", (frontier.size, frontier.to_bytes())
            )
            self._written_size = frontier.size

    def mark(self) -> tuple[Frontier, int]:
        """Where the log is now, for `rewind` after a savepoint was rolled back. Comes before the savepoint."""
        self.write_entries()
        return self.frontier(), self.appended

    def rewind(self, mark: tuple[Frontier, int]) -> None:
        """Forget what was appended since `mark`; its rows are gone with the savepoint."""
        self._frontier, self.appended = mark
        self._size = self._frontier.size
        self._leaves.clear()
        self._unwritten.clear()

    def entries(self, *, start: int | None = None, stop: int | None = None) -> Iterator[StoredEntry]:
        """Rows with `start <= seq < stop`, in order; without bounds every row, also one that no append could make."""
        first = _SEQ_MIN if start is None else min(start, _SEQ_MAX)
        last = _SEQ_MAX if stop is None else min(stop, _SEQ_MAX) - 1
        self.write_entries()
        with _damage_named():
            for row in self._connection.execute(
                "SELECT seq, entry, leaf_hash FROM audit_entry WHERE seq BETWEEN ? AND ? ORDER BY seq", (first, last)
            ):
                yield _stored(row)

    def newest(self, *, rows_max: int, start: int = _SEQ_MIN) -> list[StoredEntry]:
        """The newest rows, none before `start`; oldest first."""
        self.write_entries()
        with _damage_named():
            found = rows(
                self._connection,
                "SELECT seq, entry, leaf_hash FROM audit_entry WHERE seq >= ? ORDER BY seq DESC LIMIT ?",
                (start, rows_max),
            )
        return [_stored(row) for row in reversed(found)]

    def tail(self, first: int) -> list[StoredEntry]:
        """Rows from number `first` on: as many as a look at the end needs."""
        return self.newest(rows_max=END_ROWS_MAX + 1, start=first)

    def about(self, target: str) -> list[StoredEntry]:
        """Entries whose target is this row, oldest first; after damage also those whose target nobody can read."""
        self.write_entries()
        with _damage_named():
            try:
                found = rows(
                    self._connection,
                    "SELECT seq, entry, leaf_hash FROM audit_entry"
                    " WHERE json_extract(CAST(entry AS TEXT), '$.target') = ? ORDER BY seq",
                    (target,),
                )
            except apsw.SQLError:
                # The index is gone, and some entry is no JSON: look at each, and let none stop the others.
                found = rows(
                    self._connection,
                    "SELECT seq, entry, leaf_hash FROM audit_entry NOT INDEXED"
                    " WHERE CASE json_valid(CAST(entry AS TEXT)) WHEN 1"
                    " THEN json_extract(CAST(entry AS TEXT), '$.target') = ? ELSE 1 END ORDER BY seq",
                    (target,),
                )
        return [_stored(row) for row in found]

    def assignments(self, target: str) -> list[StoredEntry]:
        """Entries that say whose a thread is from then on, oldest first. They have an index of their own."""
        self.write_entries()
        try:
            found = rows(
                self._connection,
                "SELECT seq, entry, leaf_hash FROM audit_entry"
                " WHERE json_extract(CAST(entry AS TEXT), '$.target') = ?"
                """ AND substr(entry, 1, 34) = CAST('{"action":"conversation.assigned",' AS BLOB) ORDER BY seq""",
                (target,),
            )
        except apsw.SQLError:
            return []  # the log is damaged, and whoever looks at it is told
        return [_stored(row) for row in found]

    def schema(self) -> Schema:
        """What stands around the log in this file, as SQLite keeps it."""
        return _schema_of(self._connection)

    def written_schema(self) -> Schema:
        """The same in a file that nobody touched."""
        return _written_schema()

    def lowest(self) -> int | None:
        """The smallest number of all rows; None when there are none."""
        self.write_entries()
        with _damage_named():
            ((lowest,),) = rows(self._connection, "SELECT min(seq) FROM audit_entry")
        return None if lowest is None else int(lowest)


@contextmanager
def _damage_named() -> Iterator[None]:
    """Say that the tables of the log are not as they were, where SQLite cannot run a statement of ours on them."""
    try:
        yield
    except apsw.SQLError:
        raise FIRM_LOG.damaged() from None


def _stored(row: tuple[object, ...]) -> StoredEntry:
    return StoredEntry(*FIRM_LOG.checked_row(row))


def _schema_of(connection: apsw.Connection) -> Schema:
    # Every trigger of the file: one on another table could reach for the log, and lhwa has none there.
    found = rows(
        connection,
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE type = 'trigger'"
        " OR lower(tbl_name) IN ('audit_entry', 'audit_frontier', 'audit_checkpoint')",
    )
    return {(kind, name): sql for kind, name, sql in found}


@cache
def _written_schema() -> Schema:
    connection = apsw.Connection(":memory:")
    try:
        migrate(connection, "tenant")
        return _schema_of(connection)
    finally:
        connection.close()
