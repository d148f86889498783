from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lhwa.errors import ConfigError
from lhwa.registry import versions
from lhwa.registry.migrations import migrations
from lhwa.registry.registry import Registry
from lhwa.registry.transaction import tables_of


def test_the_known_names_are_the_migrations_in_their_order() -> None:
    with closing(sqlite3.connect(":memory:")) as raw:
        assert tuple(each.name for each in migrations.pending(tables_of(raw))) == versions.KNOWN
        assert versions.pending(raw)


def test_a_new_registry_needs_no_migration(registry: Registry) -> None:
    with registry.read() as view:
        assert not versions.pending(view.db)


def test_every_table_of_ours_is_strict(registry: Registry) -> None:
    with registry.read() as view:
        tables = view.rows("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
    loose = {table["name"] for table in tables if not table["strict"]}
    assert loose == {"_sqlite_migrations", "sqlite_schema"}


def test_migrations_of_others_do_not_count(path: Path, registry: Registry) -> None:
    registry.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('another', 'x', '')")
        raw.commit()
        assert not versions.pending(raw)
        raw.execute("UPDATE _sqlite_migrations SET migration_set = 'lhwa.registry'")
        with pytest.raises(ConfigError):
            versions.pending(raw)
