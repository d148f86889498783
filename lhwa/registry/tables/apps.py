"""Meta apps and what they share with us."""

from __future__ import annotations

import os
from typing import Any

from lhwa.domain.ids import AppName, ulid
from lhwa.domain.instants import Instant, from_ms, to_ms
from lhwa.domain.keys import registry_key
from lhwa.domain.sealing import seal, unseal
from lhwa.errors import SealError
from lhwa.registry import seals
from lhwa.registry.connection import rows_of
from lhwa.registry.transaction import View, Writer
from lhwa.registry.views import AppView, SecretKind, SecretView


def exists(view: View, app: AppName) -> bool:
    """True when the app is known."""
    return view.row("SELECT 1 FROM meta_app WHERE name = ?", app) is not None


def find(view: View, app: AppName) -> AppView | None:
    """One app."""
    return next((found for found in every(view) if found.name == app), None)


@rows_of("meta_app")
def every(view: View) -> tuple[AppView, ...]:
    """All apps by name."""
    apps = view.rows(
        """SELECT name, created_at, (SELECT count(*) FROM tenant WHERE tenant.app = meta_app.name) AS tenants
        FROM meta_app ORDER BY name"""
    )
    secrets = view.rows("SELECT * FROM meta_app_secret ORDER BY kind, not_after IS NOT NULL, not_after DESC")
    return tuple(
        AppView(
            AppName(app["name"]),
            from_ms(app["created_at"]),
            tuple(_secret_view(row) for row in secrets if row["app"] == app["name"]),
            app["tenants"],
        )
        for app in apps
    )


def insert(write: Writer, app: AppName) -> None:
    """Add an app without secrets."""
    write.insert("meta_app", name=app, created_at=to_ms(write.now))


def current_fingerprint(view: View, app: AppName, kind: SecretKind) -> str | None:
    """How the current secret is shown; None when one of the kind does not open, so that all are replaced."""
    if _unopenable(view, app, kind):
        return None
    row = view.row(
        "SELECT fingerprint FROM meta_app_secret WHERE app = ? AND kind = ? AND not_after IS NULL", app, kind.value
    )
    return None if row is None else str(row["fingerprint"])


def replace_secret(write: Writer, app: AppName, kind: SecretKind, secret: bytes, *, keep_old_until: Instant) -> None:
    """Put a secret in force; the one before it ends at `keep_old_until`.

    Those that have ended are destroyed, and those that do not open.
    """
    for damaged in _unopenable(write, app, kind):
        write.execute("DELETE FROM meta_app_secret WHERE id = ?", damaged)
    write.execute(
        "UPDATE meta_app_secret SET not_after = ? WHERE app = ? AND kind = ? AND not_after IS NULL",
        to_ms(keep_old_until),
        app,
        kind.value,
    )
    write.execute("DELETE FROM meta_app_secret WHERE app = ? AND not_after <= ?", app, to_ms(write.now))
    secret_id = ulid(to_ms(write.now), os.urandom(10))
    write.insert(
        "meta_app_secret",
        id=secret_id,
        app=app,
        kind=kind.value,
        sealed=seal(registry_key(write.root), seals.app_secret_place(secret_id), secret),
        fingerprint=seals.fingerprint(write.root, secret),
        created_at=to_ms(write.now),
        not_after=None,
    )


def _unopenable(view: View, app: AppName, kind: SecretKind) -> list[str]:
    """The ids of secrets that somebody damaged: they sign and greet no longer."""
    found = []
    rows = view.rows("SELECT id, sealed FROM meta_app_secret WHERE app = ? AND kind = ?", app, kind.value)
    for row in rows:
        try:
            unseal(registry_key(view.root), seals.app_secret_place(row["id"]), row["sealed"])
        except SealError:
            found.append(row["id"])
    return found


@rows_of("meta_app_secret")
def _secret_view(row: dict[str, Any]) -> SecretView:
    not_after = row["not_after"]
    return SecretView(
        SecretKind(row["kind"]),
        row["fingerprint"],
        from_ms(row["created_at"]),
        None if not_after is None else from_ms(not_after),
    )
