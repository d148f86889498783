"""A registry.db that somebody damaged: every reader says so, names the table, and shows nothing of what is in it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import AppName, OperatorId, PhoneNumberId, TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key
from lhwa.errors import ConfigError, StorageError, VerificationError
from lhwa.registry import lookup
from lhwa.registry.registry import Registry
from lhwa.registry.tables import apps, operators, tenants, tokens
from lhwa.registry.views import SecretKind, TokenView

MAIN, FIRMA, SARI = AppName("main"), TenantId("firma"), OperatorId("sari")
SHA256 = b"h" * 32
CANARY = "canary-of-the-registry"
FAR = (1 << 63) - 1


@pytest.fixture(autouse=True)
def filled(path: Path, registry: Registry, now: Instant) -> Path:
    """One row in every table, and nobody holds the file."""
    with registry.write(now=now) as tx:
        write = tx.record(AuditRecord("operator:sari", "tenant.added", "tenant:firma"))
        apps.insert(write, MAIN)
        for kind in SecretKind:
            apps.replace_secret(write, MAIN, kind, b"sample secret", keep_old_until=now)
        tenants.insert(write, FIRMA, name="Firma", waba_id="20001", app=MAIN, time_zone="Asia/Jakarta")
        tenants.insert_number(write, FIRMA, PhoneNumberId("30001"))
        tenants.insert_key(write, FIRMA, Key.random(), epoch=1)
        tenants.set_access_token(write, FIRMA, b"sample token")
        operators.insert(write, SARI, name="Sari", os_uid=None, is_installer=True)
        write.execute("INSERT INTO operator_role VALUES ('sari', 'firma', 'owner', 'active')")
        tokens.insert(write, TokenView("T1", SARI, FIRMA, "sample", now, now, None, None), sha256=SHA256)
    registry.close()
    return path


def damage(path: Path, *statements: str) -> None:
    """Do what no lhwa does: without checks, references and triggers."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        for (trigger,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            db.execute(statement)


def read_all(path: Path, root: Key) -> None:
    """Everything that commands read."""
    with Registry.open(path, root) as registry, registry.read() as view:
        apps.every(view)
        apps.find(view, MAIN)
        operators.every(view)
        operators.find(view, SARI)
        operators.active_role(view, SARI, FIRMA)
        operators.membership(view, SARI, FIRMA)
        operators.active_tenants(view, SARI)
        tenants.ids(view)
        tenants.every(view)
        tenants.find(view, FIRMA)
        tenants.keys(view, FIRMA)
        tenants.access_token(view, FIRMA)
        tokens.every(view, of=FIRMA)
        tokens.find(view, "T1", of=FIRMA)
        tokens.with_hash(view, SHA256)


def serve_all(path: Path, root: Key) -> None:
    """Everything that the daemon reads."""

    async def look() -> None:
        table = await lookup.load_routing(path, root)
        await lookup.tenants(path)
        await lookup.changed(path, table)
        table.keys_of(FIRMA)

    asyncio.run(look())


COMMANDS = [
    ("an unknown state of a firm", f"UPDATE tenant SET state = '{CANARY}'", "tenant"),
    ("a firm's id that is no folder name", "UPDATE tenant SET id = '../firma'", "tenant"),
    ("a time outside the calendar", f"UPDATE tenant SET created_at = {FAR}", "tenant"),
    ("a founding outside the calendar", f"UPDATE tenant SET founded_at = {FAR}", "tenant"),
    ("an access token that does not open", "UPDATE tenant SET access_token = zeroblob(90)", "tenant"),
    ("an access token that is too short", "UPDATE tenant SET access_token = x'00'", "tenant"),
    ("an unknown role", f"UPDATE operator_role SET role = '{CANARY}'", "operator_role"),
    ("an unknown state of a membership", f"UPDATE operator_role SET state = '{CANARY}'", "operator_role"),
    ("an unknown state of an operator", f"UPDATE operator SET state = '{CANARY}'", "operator"),
    ("an operator of no time", f"UPDATE operator SET created_at = -{FAR}", "operator"),
    ("an unknown state of a key", f"UPDATE tenant_key SET state = '{CANARY}'", "tenant_key"),
    ("a key that does not open", "UPDATE tenant_key SET wrapped = zeroblob(78)", "tenant_key"),
    ("a key's id that is too short", "UPDATE tenant_key SET key_id = x'00'", "tenant_key"),
    ("a firm without an active key", "UPDATE tenant_key SET state = 'decrypt_only'", "tenant_key"),
    ("a firm without keys", "DELETE FROM tenant_key", "tenant_key"),
    ("an unknown kind of secret", f"UPDATE meta_app_secret SET kind = '{CANARY}' || rowid", "meta_app_secret"),
    ("a secret that ends outside the calendar", f"UPDATE meta_app_secret SET not_after = {FAR}", "meta_app_secret"),
    ("an app of no time", f"UPDATE meta_app SET created_at = {FAR}", "meta_app"),
    ("a token of no time", f"UPDATE token SET expires_at = {FAR}", "token"),
    ("a text that is none", f"UPDATE tenant SET name = CAST(x'ff' || '{CANARY}' AS TEXT)", "tenant"),
    ("a role that is no text", f"UPDATE operator_role SET role = CAST(x'ff' || '{CANARY}' AS TEXT)", "operator_role"),
    ("a canary that is no blob of ours", "UPDATE root_canary SET sealed = x'00'", "root_canary"),
    ("no canary", "DELETE FROM root_canary", "root_canary"),
    ("a missing table", "DROP TABLE token", "token"),
]
SERVE = [case for case in COMMANDS if case[2] not in ("operator", "operator_role", "token", "meta_app")]
SERVE = [case for case in SERVE if not case[0].startswith(("an access token", "a time", "a founding", "a text"))]
SERVE += [
    ("a number of a firm that is not there", "UPDATE phone_number SET tenant = 'absent'", "phone_number"),
    ("a firm of an app that is not there", "UPDATE tenant SET app = 'absent'", "tenant"),
    ("no frontier", "DELETE FROM audit_frontier", "audit_frontier"),
    ("an account that is no text", f"UPDATE tenant SET waba_id = CAST(x'ff' || '{CANARY}' AS TEXT)", "tenant"),
]


def refused(error: VerificationError, table: str) -> None:
    assert error.message.startswith("registry.db is damaged:")
    assert f" {table} " in f"{error.message.rstrip('.')} ".replace(":", " ")
    assert "lhwa audit verify --control-plane" in error.hint
    assert CANARY not in error.message + error.hint


@pytest.mark.parametrize(("label", "statement", "table"), COMMANDS, ids=[case[0] for case in COMMANDS])
def test_a_command_says_that_the_registry_is_damaged(
    filled: Path, root: Key, label: str, statement: str, table: str
) -> None:
    read_all(filled, root)
    damage(filled, statement)
    with pytest.raises(VerificationError) as raised:
        read_all(filled, root)
    refused(raised.value, table)


@pytest.mark.parametrize(("label", "statement", "table"), SERVE, ids=[case[0] for case in SERVE])
def test_the_daemon_says_that_the_registry_is_damaged(
    filled: Path, root: Key, label: str, statement: str, table: str
) -> None:
    serve_all(filled, root)
    damage(filled, statement)
    with pytest.raises(VerificationError) as raised:
        serve_all(filled, root)
    refused(raised.value, table)


@pytest.mark.parametrize("sealed", ["zeroblob(90)", "x'00'", "CAST(substr(sealed, 1, 60) || zeroblob(5) AS BLOB)"])
@pytest.mark.parametrize(("kind", "name"), [("app_secret", "app secret"), ("verify_token", "verify token")])
def test_a_secret_that_does_not_open_is_named_with_its_app(
    filled: Path, root: Key, kind: str, name: str, sealed: str
) -> None:
    damage(filled, f"UPDATE meta_app_secret SET sealed = {sealed} WHERE kind = '{kind}'")
    with pytest.raises(VerificationError) as raised:
        serve_all(filled, root)
    assert raised.value.message == f"The {name} of main in registry.db does not open."
    assert "lhwa app rotate-secret main" in raised.value.hint


def test_a_file_that_is_cut_is_damaged(filled: Path, root: Key) -> None:
    filled.write_bytes(filled.read_bytes()[:5000])
    for read in (read_all, serve_all):
        with pytest.raises(VerificationError, match=r"registry\.db is damaged"):
            read(filled, root)


@pytest.mark.parametrize("read", [read_all, serve_all])
def test_a_file_that_is_no_database_is_damaged(filled: Path, root: Key, read: object) -> None:
    filled.write_bytes(b"not a database, but long enough to look at " * 20)
    assert callable(read)
    with pytest.raises(VerificationError, match=r"registry\.db is damaged"):
        read(filled, root)


def test_another_root_key_is_no_damage(filled: Path) -> None:
    with pytest.raises(ConfigError, match="another root key"):
        read_all(filled, Key.random())


def test_what_the_reader_does_wrong_is_no_damage(filled: Path, root: Key) -> None:
    with Registry.open(filled, root) as registry:
        with pytest.raises(ZeroDivisionError), registry.read():
            raise ZeroDivisionError
        with pytest.raises(ValueError, match="ours"), registry.read():
            raise ValueError("ours")


def test_a_registry_that_cannot_be_opened_is_no_damage(filled: Path, root: Key) -> None:
    filled.unlink()
    filled.mkdir()
    with pytest.raises(StorageError):
        read_all(filled, root)
