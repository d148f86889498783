"""The checks of `lhwa doctor`, each on a home that lacks one thing."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lhwa.adapters.secret_store.file import FileSecretStore
from lhwa.adapters.secret_store.root_key import make_root_key
from lhwa.bootstrap import open_clock
from lhwa.cli import checkup
from lhwa.cli.checkup import Finding, Verdict, examine
from lhwa.cli.firm import open_firm
from lhwa.cli.options import Globals
from lhwa.cli.session import Session
from lhwa.services.access.apps import add_app
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.installation import init_installation
from lhwa.services.access.tenants import add_tenant
from lhwa.store.spool import create_spool


class Usage(NamedTuple):
    """What `shutil.disk_usage` gives."""

    total: int
    used: int
    free: int


GIB = 1024**3


@pytest.fixture
def home(tmp_path: Path) -> Path:
    root = tmp_path / "home"
    root.mkdir(mode=0o700)
    key = make_root_key(FileSecretStore(root / "secrets"))
    create_spool(root / "spool.db")
    (root / "lhwa.toml").write_text('[root_key]\nstore = "file"\n')
    now, me = open_clock().now(), Caller(os_uid=os_uid())
    with init_installation(
        root / "registry.db", key, operator="sari", name="Sari Contoh", os_uid=os_uid(), now=now
    ) as registry:
        add_app(registry, me, "main", app_secret="x" * 32, verify_token="verify-me", now=now)
        add_tenant(
            registry, me, "firma", name="Firma", waba_id="200300400500600", phone_number_ids=["301301301301301"],
            app="main", now=now,
        )  # fmt: skip
    return root


def _look(home: Path) -> dict[str, Finding]:
    session = Session(Globals(home=home), {})
    return {finding.check: finding for finding in examine(session)}


def _verdicts(home: Path, verdict: Verdict) -> dict[str, Finding]:
    return {check: finding for check, finding in _look(home).items() if finding.verdict is verdict}


def test_a_fresh_home_has_nothing_to_mend(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(100 * GIB, 10 * GIB, 90 * GIB))
    found = _look(home)
    assert [finding for finding in found.values() if finding.verdict is Verdict.BAD] == []
    assert set(_verdicts(home, Verdict.ADVICE)) <= {"open files", "root key", "daemon"}
    assert found["spool"].found == "sound"
    assert not [check for check in found if check.startswith("firma:")]


def _open_to_others(home: Path) -> None:
    home.chmod(0o755)


def _without_root_key(home: Path) -> None:
    shutil.rmtree(home / "secrets")


def _with_bad_settings(home: Path) -> None:
    (home / "lhwa.toml").write_text("[server]\nport = 'many'\n")


def _with_a_rotten_spool(home: Path) -> None:
    (home / "spool.db").write_bytes(b"rubbish " * 4096)


def _with_an_emptied_spool(home: Path) -> None:
    (home / "spool.db").write_bytes(b"")


def _without_a_spool(home: Path) -> None:
    (home / "spool.db").unlink()


def _with_a_rotten_registry(home: Path) -> None:
    (home / "registry.db").write_bytes(b"rubbish " * 4096)


def _without_apps(home: Path) -> None:
    with closing(sqlite3.connect(home / "registry.db")) as registry, registry:
        for table in ("token", "membership", "phone_number", "tenant_key", "tenant_access_token", "tenant"):
            known = registry.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
            if known:
                registry.execute(f"DELETE FROM {table}")
        registry.execute("DELETE FROM meta_app_secret")
        registry.execute("DELETE FROM meta_app")


def _with_a_gap_in_its_log(home: Path) -> None:
    _tamper(home / "registry.db", "DELETE FROM audit_entry WHERE seq = 1")


def _with_records_and_no_keys(home: Path) -> None:
    (home / "tenants" / "firma").mkdir(parents=True)
    with closing(sqlite3.connect(home / "tenants" / "firma" / "tenant.db")) as database, database:
        database.execute("CREATE TABLE one (id)")


def _without_a_firms_files(home: Path) -> None:
    for path in _founded(home).glob("*.db*"):
        path.unlink()


def _that_cannot_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*, dir: Path) -> None:  # noqa: A002 -- the name of the parameter it stands for
        raise PermissionError(errno.EACCES, "Permission denied", str(dir))

    assert home.is_dir()
    # Root, which runs these tests in some places, may write everywhere.
    monkeypatch.setattr(checkup, "TemporaryFile", refuse)


def _tamper(database: Path, *statements: str) -> None:
    """Somebody with the file and any SQLite tool."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)


SPOILT: list[tuple[str, Callable[[Path], None], str, str]] = [
    # label, what was done, which check notices, what its hint says
    ("others may look in", _open_to_others, "home", "chmod 700"),
    ("no root key", _without_root_key, "root key", ""),
    ("a wrong setting", _with_bad_settings, "root key", ""),
    ("a rotten spool", _with_a_rotten_spool, "spool", "backup"),
    ("an emptied spool", _with_an_emptied_spool, "spool", "--new-spool"),
    ("no spool", _without_a_spool, "spool", "--new-spool"),
    ("a rotten registry", _with_a_rotten_registry, "registry", ""),
    ("no app", _without_apps, "Meta apps", "lhwa app add main"),
    ("a tampered log", _with_a_gap_in_its_log, "control plane: audit log", "lhwa audit verify"),
    ("no keys", _with_records_and_no_keys, "firma: keys.db", "backup"),
]


@pytest.mark.parametrize(("label", "spoil", "check", "hint"), SPOILT, ids=[case[0] for case in SPOILT])
def test_what_is_wrong_is_found_and_nothing_else(
    home: Path, monkeypatch: pytest.MonkeyPatch, label: str, spoil: Callable[[Path], None], check: str, hint: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(100 * GIB, 10 * GIB, 90 * GIB))
    spoil(home)
    bad = _verdicts(home, Verdict.BAD)
    assert set(bad) == {check}
    assert hint in bad[check].hint


def test_all_files_of_a_firm_that_had_some_are_missed(home: Path) -> None:
    _without_a_firms_files(home)
    bad = _verdicts(home, Verdict.BAD)
    assert {"firma: tenant.db", "firma: keys.db"} <= set(bad)
    assert "backup" in bad["firma: tenant.db"].hint


def test_a_check_makes_no_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not for a firm whose files vanish between the look at them and their opening."""
    _without_a_firms_files(home)
    (home / "spool.db").unlink()
    with closing(sqlite3.connect(home / "registry.db")) as registry, registry:
        registry.execute("UPDATE tenant SET founded_at = NULL")
    monkeypatch.setattr(checkup, "_firm_files", lambda *_: iter([Finding("x", Verdict.OK, "")]))
    (home / "tenants" / "firma" / "keys.db").touch()
    before = sorted(str(path) for path in home.rglob("*"))
    assert _look(home)["firma: audit log"].verdict is Verdict.BAD
    assert sorted(str(path) for path in home.rglob("*")) == before


def test_a_home_that_cannot_be_written_is_bad(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _that_cannot_be_written(home, monkeypatch)
    bad = _verdicts(home, Verdict.BAD)["home"]
    assert ("Permission denied" in bad.found, "owner" in bad.hint) == (True, True)


def _founded(home: Path) -> Path:
    """The firm's folder, after somebody opened it."""
    session = Session(Globals(home=home, tenant="firma"), {})
    with open_firm(session):
        return home / "tenants" / "firma"


def test_a_sound_firm_has_three_good_findings(home: Path) -> None:
    _founded(home)
    found = {check: finding for check, finding in _look(home).items() if check.startswith("firma: ")}
    assert {check: finding.verdict for check, finding in found.items()} == {
        "firma: tenant.db": Verdict.OK,
        "firma: keys.db": Verdict.OK,
        "firma: audit log": Verdict.OK,
    }
    assert found["firma: audit log"].found == "sound, 1 records"


FIRMS: list[tuple[str, str, tuple[str, ...], str]] = [
    # label, file, what was done, what is found
    ("an entry changed", "tenant.db", ("UPDATE audit_entry SET entry = x'7b7d'",), "record 0: the entry was changed"),
    (
        "a log emptied",
        "tenant.db",
        ("DELETE FROM audit_entry", "UPDATE audit_frontier SET n = 0, stack = x''"),
        "empty",
    ),
    ("no log", "tenant.db", ("DROP TABLE audit_entry",), "table audit_entry is missing"),
    ("no frontier", "tenant.db", ("DROP TABLE audit_frontier",), "damaged"),
    ("no guards", "tenant.db", (), "trigger audit_entry_no_update is missing"),
    ("another firm's", "tenant.db", ("UPDATE firm SET tenant = 'lain'",), "another firm"),
    ("no firm", "tenant.db", ("DELETE FROM firm",), ""),
    ("no keys", "keys.db", ("DELETE FROM data_key",), ""),
    ("no key of the keyed hashes", "keys.db", ("DELETE FROM data_key WHERE subject = 'blind'",), ""),
]


@pytest.mark.parametrize(("label", "file", "statements", "found"), FIRMS, ids=[case[0] for case in FIRMS])
@pytest.mark.parametrize("records_max", [100_000, 0], ids=["whole", "end"])
def test_a_firm_whose_log_or_files_were_changed_is_bad(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    label: str,
    file: str,
    statements: tuple[str, ...],
    found: str,
    records_max: int,
) -> None:
    _tamper(_founded(home) / file, *statements)
    monkeypatch.setattr(checkup, "AUDIT_RECORDS_MAX", records_max)
    bad = {check: finding for check, finding in _verdicts(home, Verdict.BAD).items() if check.startswith("firma: ")}
    assert set(bad) == {"firma: audit log"}
    assert bad["firma: audit log"].hint
    if records_max:
        assert found in bad["firma: audit log"].found


def test_of_a_long_log_the_end_is_looked_at_and_the_finding_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _founded(home)
    monkeypatch.setattr(checkup, "AUDIT_RECORDS_MAX", 0)
    finding = _look(home)["firma: audit log"]
    assert finding.verdict is Verdict.OK
    assert finding.found == "sound at its end, 1 records; `lhwa audit verify` checks them all"


DISKS = [
    ("full", Usage(100 * GIB, 100 * GIB, 0), Verdict.BAD),
    ("nearly full", Usage(100 * GIB, 90 * GIB, 10 * GIB), Verdict.ADVICE),
    ("roomy", Usage(100 * GIB, 50 * GIB, 50 * GIB), Verdict.OK),
]


@pytest.mark.parametrize(("label", "usage", "verdict"), DISKS, ids=[case[0] for case in DISKS])
def test_the_disk(home: Path, monkeypatch: pytest.MonkeyPatch, label: str, usage: Any, verdict: Verdict) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert _look(home)["disk"].verdict is verdict


def test_an_unsafe_sqlite_is_bad(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "sqlite_version", lambda: (3, 51, 0))
    assert _look(home)["SQLite"].verdict is Verdict.BAD


def test_without_a_home_the_rest_is_not_asked(tmp_path: Path) -> None:
    assert set(_look(tmp_path / "nowhere")) == {"versions", "SQLite", "open files", "home"}
