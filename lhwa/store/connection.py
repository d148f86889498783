"""Opening SQLite files: pragmas, the version gate, and the guard of the audit log.

Invariants: every connection is WAL with `synchronous=FULL`; no connection made here can change or drop what an
append-only table holds.
Source: SQLite WAL-reset bug, fixed in 3.51.3 with backports 3.50.7 and 3.44.6.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from lhwa.errors import InvariantError, LhwaError, SealError, StorageError, UnavailableError, VerificationError
from lhwa.store.in_place import PUT_BACK, is_checkpoint_open

BUSY_TIMEOUT_MS = 5_000
SETTLING_TIMEOUT_MS = 20
PAGE_BYTES = 8_192
CACHE_KIB = 8_192
"""Pages that one connection keeps in memory. With SQLite's 2 MiB those of evenly spread keys are read over and over."""
DATABASE_BYTES_MIN = 512
"""The smallest page that SQLite knows."""
APPEND_ONLY = frozenset({"audit_entry", "audit_checkpoint", "note"})
"""Tables whose rows are never changed: refused by trigger and by authorizer."""
FILE_MODE = 0o600
FOLDER_MODE = 0o700
FOLDERS_MADE_MAX = 2
"""`tenants/` and the firm's own."""

_ROW_CHANGES = (apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE)
_SCHEMA_CHANGES = frozenset(
    code
    for name, code in apsw.mapping_authorizer_function.items()
    if isinstance(name, str) and isinstance(code, int) and name.startswith(("SQLITE_CREATE_", "SQLITE_DROP_"))
) | {apsw.SQLITE_ALTER_TABLE, apsw.SQLITE_ATTACH}
"""Migrations are over when the guard is set; a trigger or a second schema could undo what it guards."""


def is_wal_safe(version: tuple[int, int, int]) -> bool:
    """True when this SQLite cannot lose commits through the WAL-reset bug."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def sqlite_version() -> tuple[int, int, int]:
    """The version of the SQLite that apsw carries."""
    major, minor, patch = apsw.sqlite_lib_version().split(".")[:3]
    return int(major), int(minor), int(patch)


def require_safe_sqlite() -> None:
    """Raise InvariantError on a SQLite that can lose commits."""
    if not is_wal_safe(sqlite_version()):
        raise InvariantError(
            f"SQLite {apsw.sqlite_lib_version()} can lose committed rows (WAL-reset bug).",
            hint="Install an apsw that carries SQLite 3.51.3 or newer.",
        )


def open_connection(path: Path, *, secure_delete: bool = False, create: bool = False) -> apsw.Connection:
    """Open one file with the pragmas that every lhwa file has.

    Args:
        path: the database file; its folder must exist unless `create`. An empty one is refused before SQLite sees
            it, which would throw away the log of an empty file.
        secure_delete: overwrite deleted rows with zeroes, for files that hold keys.
        create: make the folder (0700) and the file (0600) when missing.
    Raises: StorageError when the file is missing or cannot be opened; VerificationError when it is empty;
        InvariantError on an unsafe SQLite.
    """
    require_safe_sqlite()
    if create:
        # One by one: `parents=True` would ignore the mode on the way. Never the home: it may only be away for a moment.
        for folder in reversed(path.parents[:FOLDERS_MADE_MAX]):
            if not folder.exists():
                folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))
    elif path.is_file() and path.stat().st_size < DATABASE_BYTES_MIN:
        raise VerificationError(f"{path.name} is empty.", hint=f"Somebody emptied or replaced the file. {PUT_BACK}")
    with storage_errors(path.name):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=128)
        try:
            _set_pragmas(connection, secure_delete=secure_delete)
        except BaseException:
            let_go(connection)
            raise
    return connection


def let_go(connection: apsw.Connection) -> None:
    """Close a connection that is in trouble: what its closing has to say changes nothing any more."""
    with suppress(apsw.Error):
        connection.close(True)


def _set_pragmas(connection: apsw.Connection, *, secure_delete: bool) -> None:
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    # Else some statements are compiled anew for each value that is bound to them, at several times their cost.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.pragma("page_size", PAGE_BYTES)
    _use_wal(connection)
    connection.pragma("synchronous", "full")
    connection.pragma("foreign_keys", True)
    connection.pragma("trusted_schema", False)
    connection.pragma("temp_store", "memory")
    connection.pragma("cell_size_check", True)
    connection.pragma("cache_size", -CACHE_KIB)
    connection.pragma("journal_size_limit", 16 * 1024 * 1024)
    if secure_delete:
        connection.pragma("secure_delete", True)


def _use_wal(connection: apsw.Connection) -> None:
    """Switch to WAL. While another process makes the same switch, SQLite is busy at once and does not wait."""
    deadline_s = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.pragma("journal_mode", "wal")
        except apsw.BusyError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.01)
        else:
            return


def settle_log(connection: apsw.Connection, path: Path) -> None:
    """Make durable what was read anew from a log, before anything is written behind it.

    After a crash or a failed fsync the log may hold frames that are in the memory of the system alone: they read well,
    no later fsync writes them, and a power loss takes them together with every commit behind them. So they are copied
    into the database and synced there, and the log begins anew. Costs nothing while the log is in use.

    A checkpoint of another process looks the same while it lasts, so it is waited for.

    Raises: StorageError when that fails; UnavailableError while somebody reads an older moment.
    """
    deadline_s = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while is_checkpoint_open(f"{path}-shm"):
        try:
            with storage_errors(path.name):
                connection.set_busy_timeout(SETTLING_TIMEOUT_MS)
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except UnavailableError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(SETTLING_TIMEOUT_MS / 1000)
        finally:
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)


def guard_append_only(connection: apsw.Connection) -> None:
    """Refuse UPDATE and DELETE on append-only tables, and every change of the schema, before SQLite compiles them."""
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.set_authorizer(_refuse_changes_of_history)


def _refuse_changes_of_history(
    action: int, first: str | None, _second: str | None, _database: str | None, _trigger: str | None
) -> int:
    if action in _SCHEMA_CHANGES or (action in _ROW_CHANGES and first in APPEND_ONLY):
        return apsw.SQLITE_DENY
    if action == apsw.SQLITE_PRAGMA and (first or "").lower() == "writable_schema":
        return apsw.SQLITE_DENY
    if action == apsw.SQLITE_DELETE and not (first or "").startswith("sqlite_"):
        # Deletes all the same, but row by row: emptying a table at one stroke would escape the update hook.
        return apsw.SQLITE_IGNORE
    return apsw.SQLITE_OK


def quick_check(path: Path) -> str:
    """What is wrong with a file's structure; empty when it is sound."""
    connection = open_connection(path)
    try:
        with storage_errors(path.name):
            found = [str(row[0]) for row in rows(connection, "PRAGMA quick_check(10)")]
    finally:
        connection.close()
    return "" if found == ["ok"] else "; ".join(found)


def rows(connection: apsw.Connection, sql: str, bindings: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query. The tables are STRICT, so the caller knows the types."""
    return connection.execute(sql, tuple(bindings)).fetchall()


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """Turn SQLite's errors into ours: busy and full files are worth another try, damage is not.

    Args:
        what: the name of the file for the message, never its path: paths can hold people's names.
    """
    try:
        yield
    except apsw.BusyError:
        raise UnavailableError(
            f"{what} is busy.", hint="Another process is writing; try again.", retry_after_s=1.0
        ) from None
    except apsw.FullError:
        raise StorageError(f"{what}: the disk is full.", hint="Free some space; lhwa goes on by itself.") from None
    except (apsw.CorruptError, apsw.NotADBError):
        raise VerificationError(f"{what} is damaged.", hint=PUT_BACK) from None
    except (apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError) as error:
        raise StorageError(
            f"{what} cannot be read or written ({type(error).__name__}).",
            hint="Look at the disk and at its permissions.",
        ) from None
    except apsw.AuthError:
        raise InvariantError("Something tried to change an append-only table, or the schema.") from None


def is_storage_failure(error: BaseException) -> bool:
    """True for errors of the disk rather than of one row: a whole batch fails on them, not an element."""
    if isinstance(error, LhwaError):
        # A seal that does not open concerns one row: a destroyed key must not stop the whole firm.
        return isinstance(error, UnavailableError | VerificationError) and not isinstance(error, SealError)
    return isinstance(error, apsw.Error) and not isinstance(error, apsw.ConstraintError | apsw.SQLError)
