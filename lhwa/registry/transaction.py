"""What a transaction of the registry can do: read, and after an audit record, write.

View    reads
Tx      reads, and `record` hands out a Writer
Writer  reads and writes
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lhwa.domain.audit import AuditRecord
from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key

if TYPE_CHECKING:
    from sqlite_utils.db import Database


@dataclass(frozen=True, slots=True)
class View:
    """A consistent look at the registry."""

    db: sqlite3.Connection = field(repr=False)
    root: Key

    def rows(self, sql: str, *parameters: object) -> list[dict[str, Any]]:
        """All rows of a query."""
        cursor = self.db.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def row(self, sql: str, *parameters: object) -> dict[str, Any] | None:
        """The first row, or None."""
        return next(iter(self.rows(sql, *parameters)), None)


@dataclass(frozen=True, slots=True)
class Writer(View):
    """Writes that belong to an audit record of the same transaction."""

    now: Instant
    _tables: Database = field(repr=False)

    def insert(self, table: str, **values: object) -> None:
        """Add one row."""
        self._tables.table(table).insert(values)

    def execute(self, sql: str, *parameters: object) -> int:
        """Run one statement; returns the number of rows that it changed."""
        return int(self.db.execute(sql, parameters).rowcount)


@dataclass(frozen=True, slots=True)
class Tx(View):
    """A write transaction before its record: SQLite itself refuses writes."""

    now: Instant
    _append: Callable[[AuditRecord], None] = field(repr=False)

    def record(self, record: AuditRecord) -> Writer:
        """Append the audit record of the act, and hand out the means to do it."""
        self._append(record)
        return Writer(self.db, self.root, self.now, tables_of(self.db))


def tables_of(connection: sqlite3.Connection) -> Database:
    """The same connection as sqlite-utils sees it."""
    from sqlite_utils.db import Database  # noqa: PLC0415 -- slow to import, and most commands only read

    # Plugins of sqlite-utils are other people's code on our connection.
    return Database(connection, execute_plugins=False)
