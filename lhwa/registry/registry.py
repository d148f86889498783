"""The registry for commands: created, migrated and written through sqlite-utils, read without waiting for it."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant, to_ms
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.errors import ConflictError, InvariantError, LhwaError, StorageError
from lhwa.registry import audit_log, connection, seals, versions
from lhwa.registry.tables import tenants
from lhwa.registry.transaction import Tx, View, tables_of

REGISTRY = "system:registry"


class Registry:
    """An open registry.db. One thread; close it, or use it in a `with`."""

    def __init__(self, db: sqlite3.Connection, root: Key) -> None:
        self._db = db
        self._root = root

    @classmethod
    def create(cls, path: Path, root: Key, *, now: Instant) -> Registry:
        """Make a new registry under this root key; ConflictError when there is one.

        It is built beside and linked into place, so a crash never leaves half a registry under the name.
        """
        if path.exists():
            raise ConflictError("There is an lhwa installation here already.", hint=f"See {path}.")
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection.create_empty(beside)
            _build(beside, root, now=now)
            os.link(beside, path)
        except FileExistsError:
            raise ConflictError("There is an lhwa installation here already.", hint=f"See {path}.") from None
        except OSError as error:
            raise StorageError(f"{path} could not be made: {error.strerror}.") from None
        finally:
            beside.unlink(missing_ok=True)
        return cls.open(path, root)

    @classmethod
    def open(cls, path: Path, root: Key) -> Registry:
        """Open an existing registry.

        Raises: ConfigError when there is none, the root key is another one, or the schema is newer than this lhwa.
        """
        db = connection.connect(path)
        try:
            with connection.storage_errors():
                _migrate(db)
                canary = db.execute("SELECT sealed FROM root_canary").fetchone()
            seals.refuse_other_root(root, canary[0] if canary else None)
        except BaseException:
            db.close()
            raise
        return cls(db, root)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[View]:
        """One consistent look."""
        with connection.storage_errors(), self._transaction(writes=False):
            yield View(self._db, self._root)

    @contextmanager
    def write(self, *, now: Instant) -> Iterator[Tx]:
        """One write transaction: all of the block or nothing. See `Tx.record`.

        Raises: UnavailableError when another process writes for longer than 5 seconds.
        """
        with connection.storage_errors(), self._transaction(writes=True):
            yield Tx(self._db, self._root, now, lambda record: self._append(record, at=now))

    def copy_to(self, path: Path) -> None:
        """A copy of the whole file as it is at one moment, at a place where there is none yet."""
        connection.create_empty(path)
        with connection.storage_errors():
            copy = sqlite3.connect(connection.as_uri(path), uri=True, isolation_level=None)
            try:
                self._db.backup(copy)
            finally:
                copy.close()

    def note_token_use(self, token_id: str, *, now: Instant) -> None:
        """Remember when a token was last used: bookkeeping, the one write without an audit record.

        Best effort: a busy or read-only registry must not keep anybody out.
        """
        with suppress(LhwaError), connection.storage_errors():
            try:
                self._db.execute("PRAGMA busy_timeout = 0")
                self._db.execute("PRAGMA query_only = OFF")
                self._db.execute("UPDATE token SET last_used_at = ? WHERE id = ?", (to_ms(now), token_id))
            finally:
                self._db.execute("PRAGMA query_only = ON")
                self._db.execute(f"PRAGMA busy_timeout = {int(connection.BUSY_TIMEOUT_S * 1000)}")

    def audit_entries(self, *, first: int = 0) -> Iterator[audit_log.AuditRow]:
        """The registry's audit log from entry `first` on."""
        with connection.storage_errors():
            yield from audit_log.entries(self._db, first=first)

    def audit_frontier(self) -> audit_log.FrontierRow:
        """The right edge of the registry's audit log."""
        with connection.storage_errors():
            return audit_log.frontier(self._db)

    def tenant_keys(self, tenant: TenantId) -> TenantKeys:
        """The keys of one firm, unwrapped."""
        with self.read() as view:
            return tenants.keys(view, tenant)

    def _append(self, record: AuditRecord, *, at: Instant) -> None:
        self._db.execute("PRAGMA query_only = OFF")
        audit_log.append(self._db, record, at=at)

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[None]:
        if self._db.in_transaction:
            raise InvariantError("The registry has a transaction open already; join it by passing it on.")
        if writes:
            # SQLite gives the write lock only to a connection that may write; `_append` gives the right back.
            self._db.execute("PRAGMA query_only = OFF")
        try:
            self._db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            self._db.execute("PRAGMA query_only = ON")
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            raise
        finally:
            self._db.execute("PRAGMA query_only = ON")


def _migrate(db: sqlite3.Connection) -> None:
    """Bring the schema up to date."""
    if not versions.pending(db):
        return
    from lhwa.registry.migrations import migrations  # noqa: PLC0415 -- needs sqlite_utils, which is slow to import

    db.execute("PRAGMA query_only = OFF")
    migrations.apply(tables_of(db))
    db.execute("PRAGMA query_only = ON")


def _build(path: Path, root: Key, *, now: Instant) -> None:
    db = connection.connect(path)
    try:
        with connection.storage_errors():
            _migrate(db)
            db.execute("PRAGMA query_only = OFF")
            with tables_of(db).atomic() as tables:
                tables.table("root_canary").insert({"id": 1, "sealed": seals.seal_canary(root)})
                audit_log.append(db, AuditRecord(REGISTRY, "registry.created", "registry"), at=now)
    finally:
        db.close()
