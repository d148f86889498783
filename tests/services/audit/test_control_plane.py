"""The control plane's log is read and checked for the installer alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import OperatorId
from lhwa.domain.sealing import Key
from lhwa.errors import NotAllowedError
from lhwa.registry.registry import Registry
from lhwa.registry.tables import operators
from lhwa.services.audit.control_plane import read_control_log, verify_control_log, verify_control_plane
from lhwa.services.audit.views import DAMAGED

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
SARI, BUDI = OperatorId("sari"), OperatorId("budi")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def registry(path: Path) -> Iterator[Registry]:
    """Sari installed it; Budi is somebody else. Then come records about two things by turns."""
    with Registry.create(path, Key.random(), now=NOW) as made:
        for person, is_installer in ((SARI, True), (BUDI, False)):
            with made.write(now=NOW) as tx:
                write = tx.record(AuditRecord("system:test", "operator.added", f"operator:{person}"))
                operators.insert(write, person, name="Contoh", os_uid=None, is_installer=is_installer)
        for number in range(6):
            with made.write(now=NOW) as tx:
                tx.record(AuditRecord("system:test", "test.noted", f"t:{number % 2}"))
        yield made


def seqs(registry: Registry, *, start: int | None = None, rows_max: int = 99, target: str | None = None) -> list[int]:
    with registry.read() as view:
        return [each.seq for each in read_control_log(view, SARI, start=start, rows_max=rows_max, target=target)]


def test_the_newest_or_those_from_a_number_on(registry: Registry) -> None:
    assert seqs(registry) == list(range(9))
    assert seqs(registry, rows_max=2) == [7, 8]
    assert seqs(registry, start=4, rows_max=2) == [4, 5]
    assert seqs(registry, start=1 << 70) == []
    assert seqs(registry, target="t:1") == [4, 6, 8]
    assert seqs(registry, target="t:1", rows_max=2) == [6, 8]
    assert seqs(registry, target="t:1", start=5, rows_max=1) == [6]


def test_a_damaged_record_is_shown_whatever_was_asked_for(registry: Registry, path: Path) -> None:
    with sqlite3.connect(path) as other:
        for (trigger,) in other.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {trigger}")
        other.execute("UPDATE audit_entry SET entry = x'7878' WHERE seq = 3")
    other.close()
    with registry.read() as view:
        shown = read_control_log(view, SARI, start=None, rows_max=99, target="t:1")
        found = verify_control_log(view, SARI)
    assert (shown[0].seq, shown[0].action) == (3, DAMAGED)
    assert [each.seq for each in shown] == [3, 4, 6, 8]
    assert (found.ok, found.first_bad) == (False, 3)


def test_a_sound_log_is_sound(registry: Registry) -> None:
    with registry.read() as view:
        assert verify_control_log(view, SARI).ok
        assert verify_control_plane(view).entries == 9


@pytest.mark.parametrize("reader", [BUDI, OperatorId("absent")])
def test_nobody_else_reads_it(registry: Registry, reader: OperatorId) -> None:
    with registry.read() as view:
        with pytest.raises(NotAllowedError):
            read_control_log(view, reader, start=None, rows_max=1, target=None)
        with pytest.raises(NotAllowedError):
            verify_control_log(view, reader)
