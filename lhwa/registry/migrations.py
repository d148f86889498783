"""The schema of registry.db.

Invariants: a released migration never changes; times are unix milliseconds; whatever is secret is sealed.
"""

from __future__ import annotations

from sqlite_utils import Migrations
from sqlite_utils.db import Database

from lhwa.registry.versions import CONTROL_PLANE, MIGRATION_SET

migrations = Migrations(MIGRATION_SET)

_AUDIT = (
    """CREATE TABLE audit_entry (
        seq INTEGER PRIMARY KEY,
        entry BLOB NOT NULL CHECK (length(entry) <= 65535),
        leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32)
    ) STRICT""",
    """CREATE TABLE audit_frontier (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        n INTEGER NOT NULL,
        stack BLOB NOT NULL
    ) STRICT""",
    "INSERT INTO audit_frontier (id, n, stack) VALUES (1, 0, x'')",
    """CREATE TRIGGER audit_entry_append BEFORE INSERT ON audit_entry
        WHEN NEW.seq IS NOT (SELECT n FROM audit_frontier)
        BEGIN SELECT RAISE(ABORT, 'the audit log only grows at its end'); END""",
    """CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_frontier_update BEFORE UPDATE ON audit_frontier
        WHEN NEW.id IS NOT OLD.id OR NEW.n IS NOT OLD.n + 1
        BEGIN SELECT RAISE(ABORT, 'the audit frontier moves one entry at a time'); END""",
    """CREATE TRIGGER audit_frontier_delete BEFORE DELETE ON audit_frontier
        BEGIN SELECT RAISE(ABORT, 'the audit frontier stays'); END""",
)

_APPS = (
    """CREATE TABLE root_canary (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sealed BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE meta_app (
        name TEXT PRIMARY KEY,
        created_at INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE meta_app_secret (
        id TEXT PRIMARY KEY,
        app TEXT NOT NULL REFERENCES meta_app (name),
        kind TEXT NOT NULL CHECK (kind IN ('app_secret', 'verify_token')),
        sealed BLOB NOT NULL,
        fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 8),
        created_at INTEGER NOT NULL,
        not_after INTEGER
    ) STRICT""",
    "CREATE UNIQUE INDEX meta_app_secret_current ON meta_app_secret (app, kind) WHERE not_after IS NULL",
    "CREATE INDEX meta_app_secret_app ON meta_app_secret (app)",
)

_TENANTS = (
    """CREATE TABLE tenant (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        waba_id TEXT NOT NULL UNIQUE,
        app TEXT NOT NULL REFERENCES meta_app (name),
        time_zone TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
        created_at INTEGER NOT NULL,
        founded_at INTEGER,
        access_token BLOB
    ) STRICT""",
    """CREATE TABLE phone_number (
        phone_number_id TEXT PRIMARY KEY,
        tenant TEXT NOT NULL REFERENCES tenant (id)
    ) STRICT""",
    "CREATE INDEX phone_number_tenant ON phone_number (tenant)",
    """CREATE TABLE tenant_key (
        tenant TEXT NOT NULL REFERENCES tenant (id),
        epoch INTEGER NOT NULL,
        key_id BLOB NOT NULL UNIQUE CHECK (length(key_id) = 16),
        wrapped BLOB NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'decrypt_only')),
        created_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, epoch)
    ) STRICT""",
    "CREATE UNIQUE INDEX tenant_key_active ON tenant_key (tenant) WHERE state = 'active'",
)

_PEOPLE = (
    """CREATE TABLE operator (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
        os_uid INTEGER UNIQUE,
        is_installer INTEGER NOT NULL CHECK (is_installer IN (0, 1)),
        created_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX operator_installer ON operator (is_installer) WHERE is_installer = 1",
    """CREATE TABLE operator_role (
        operator TEXT NOT NULL REFERENCES operator (id),
        tenant TEXT NOT NULL REFERENCES tenant (id),
        role TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
        PRIMARY KEY (operator, tenant)
    ) STRICT""",
    "CREATE INDEX operator_role_tenant ON operator_role (tenant)",
    """CREATE TABLE token (
        id TEXT PRIMARY KEY,
        sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
        operator TEXT NOT NULL REFERENCES operator (id),
        tenant TEXT NOT NULL REFERENCES tenant (id),
        label TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        revoked_at INTEGER,
        last_used_at INTEGER
    ) STRICT""",
    "CREATE INDEX token_tenant ON token (tenant, operator)",
)


@migrations(name=CONTROL_PLANE)
def control_plane(db: Database) -> None:
    """Apps, tenants, people, tokens and the audit log."""
    for statement in (*_AUDIT, *_APPS, *_TENANTS, *_PEOPLE):
        db.execute(statement)
