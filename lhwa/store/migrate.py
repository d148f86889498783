"""Migrations: numbered SQL files per kind of database, applied in order, each in one transaction.

`schema/<kind>.sql` is the readable result; a test proves that both build the same database. A file newer than
this program is refused, so that an old program cannot damage it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import apsw

from lhwa.errors import UsageError, VerificationError
from lhwa.store.in_place import PUT_BACK

DatabaseKind = Literal["tenant", "spool", "keys"]
_FOLDER = Path(__file__).parent
"""Read without importlib.resources: its import takes longer than opening a firm's file."""


@cache
def migrations(kind: DatabaseKind) -> tuple[str, ...]:
    """The SQL of each migration; number n leads to `user_version` n, from 1."""
    folder = _FOLDER / "migrations" / kind
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    if [int(name[:4]) for name in names] != list(range(1, len(names) + 1)):
        raise AssertionError(f"the migrations of {kind} are not numbered 0001, 0002, ...")
    return tuple((folder / name).read_text(encoding="utf-8") for name in names)


def readable_schema(kind: DatabaseKind) -> str:
    """The schema that all migrations together build, as a person reads it."""
    return (_FOLDER / "schema" / f"{kind}.sql").read_text(encoding="utf-8")


def migrate(connection: apsw.Connection, kind: DatabaseKind, *, create: bool = True) -> int:
    """Bring a database to the newest schema; returns the version.

    Two processes may do this at once: the version is read again inside the write transaction.

    Args:
        create: also when the file is empty. Where data must be, an empty file is a loss, and building tables in it
            would hide that.
    Raises: UsageError on a schema from a newer lhwa; VerificationError on an empty file that must not be built.
    """
    steps = migrations(kind)
    version = _version(connection)
    if version == 0 and not create:
        raise VerificationError(
            f"The {kind} database is empty.", hint=f"Somebody emptied or replaced the file. {PUT_BACK}"
        )
    if version > len(steps):
        raise UsageError(
            f"This {kind} database has schema {version}; this lhwa knows {len(steps)}.",
            hint="Install the lhwa version that wrote it, or a newer one.",
        )
    if version == len(steps):
        return version
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_version(connection), len(steps)):
            for _ in connection.execute(steps[number]):
                pass
            connection.execute(f"PRAGMA user_version = {number + 1}")
    except BaseException:
        # A full disk may have ended the transaction already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return len(steps)


def _version(connection: apsw.Connection) -> int:
    row = connection.execute("PRAGMA user_version").fetchone()
    return int(row[0]) if row else 0
