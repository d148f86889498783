"""One connection to registry.db through Python's SQLite, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lhwa.errors import ConfigError, ConflictError, SealError, StorageError, UnavailableError, VerificationError

BUSY_TIMEOUT_S = 5.0
SQLITE_VERSION_MIN = (3, 37, 0)
"""STRICT tables. Source: sqlite.org/stricttables.html"""
PRAGMAS = (
    "foreign_keys = ON",
    "synchronous = FULL",
    "secure_delete = ON",
    "temp_store = MEMORY",
    "trusted_schema = OFF",
    "query_only = ON",
)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_UNLIKE_OURS = (ValueError, TypeError, LookupError, ArithmeticError, SealError)
"""What reading a row raises when lhwa never wrote it so."""


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing file for reading; writing has to be switched on for one transaction."""
    refuse_missing(path)
    with storage_errors():
        connection = sqlite3.connect(as_uri(path), uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        except BaseException:
            connection.close()
            raise
    if mode != "delete":
        connection.close()
        raise ConfigError(f"registry.db has the journal mode {mode}; lhwa wants a rollback journal.")
    return connection


def as_uri(path: Path) -> str:
    """`mode=rw`: never create, but let SQLite roll back what a killed writer left behind."""
    return f"{path.absolute().as_uri()}?mode=rw"


def refuse_missing(path: Path) -> None:
    """Raise ConfigError when there is no installation."""
    if not path.exists():
        raise ConfigError("There is no lhwa installation here.", hint=f"Run `lhwa init`; looked for {path}.")


def create_empty(path: Path) -> None:
    """A new file that only its owner can read; FileExistsError when there is one."""
    if sqlite3.sqlite_version_info < SQLITE_VERSION_MIN:
        raise ConfigError(f"Python's SQLite is {sqlite3.sqlite_version}; lhwa needs 3.37 or newer.")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600))


@contextmanager
def storage_errors() -> Iterator[None]:
    """Say in our words what SQLite says in its own."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise ConflictError(f"The registry refuses this: {error}.") from error
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
            raise UnavailableError(
                "The registry is busy.", hint="Another command is writing; try again.", retry_after_s=1
            ) from error
        if _is_damage(error):
            raise damaged("a table is not as lhwa made it") from None
        raise StorageError(f"The registry cannot be used: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise damaged(f"{error}") from error


@contextmanager
def rows_of(table: str) -> Iterator[None]:
    """Around the reading of a table, also as a decorator: what cannot be understood there is damage, not our defect.

    The cause is left out: it may quote what is in the row.
    """
    try:
        yield
    except _UNLIKE_OURS:
        raise damaged(f"the table {table} holds what lhwa never wrote") from None
    except sqlite3.OperationalError as error:
        if not _is_damage(error):
            raise
        raise damaged(f"the table {table} is not as lhwa made it") from None


def damaged(how: str) -> VerificationError:
    """What is in registry.db cannot be true."""
    return VerificationError(
        f"registry.db is damaged: {how}.",
        hint="Restore it from a backup; `lhwa audit verify --control-plane` says whether its records are whole.",
    )


def _is_damage(error: sqlite3.OperationalError) -> bool:
    # A table or column is gone; or a text is no text, which Python finds out and gives no code.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR
