"""Which migrations a registry.db has, read without sqlite-utils: most commands only look, and it is slow to import."""

from __future__ import annotations

import sqlite3

from lhwa.errors import ConfigError

MIGRATION_SET = "lhwa.registry"
CONTROL_PLANE = "0001_control_plane"
KNOWN = (CONTROL_PLANE,)


def pending(connection: sqlite3.Connection) -> bool:
    """True when migrations have to run; ConfigError when a newer lhwa has changed the schema."""
    applied = _applied(connection)
    newer = sorted(applied - set(KNOWN))
    if newer:
        raise ConfigError(
            f"registry.db was written by a newer lhwa ({newer[-1]}).", hint="Upgrade lhwa; nothing was changed."
        )
    return applied != set(KNOWN)


def _applied(connection: sqlite3.Connection) -> set[str]:
    table = "SELECT 1 FROM sqlite_schema WHERE name = '_sqlite_migrations'"
    if connection.execute(table).fetchone() is None:
        return set()
    names = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (MIGRATION_SET,))
    return {name for (name,) in names}
