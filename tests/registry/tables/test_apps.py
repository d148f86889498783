"""Secrets that do not open: they can be put in again, and are then gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import AppName
from lhwa.domain.instants import Instant
from lhwa.registry.registry import Registry
from lhwa.registry.tables import apps
from lhwa.registry.views import SecretKind

MAIN = AppName("main")
RECORD = AuditRecord("operator:sari", "app.secret_rotated", "app:main")
SECRET = b"sample secret"


@pytest.fixture
def app(registry: Registry, now: Instant) -> Registry:
    with registry.write(now=now) as tx:
        write = tx.record(RECORD)
        apps.insert(write, MAIN)
        for kind in SecretKind:
            apps.replace_secret(write, MAIN, kind, SECRET, keep_old_until=now)
    return registry


def _fingerprint(app: Registry, kind: SecretKind) -> str | None:
    with app.read() as view:
        return apps.current_fingerprint(view, MAIN, kind)


def _damage(app: Registry, now: Instant, where: str) -> None:
    with app.write(now=now) as tx:
        assert tx.record(RECORD).execute(f"UPDATE meta_app_secret SET sealed = zeroblob(70) WHERE {where}") == 1


def _replace(app: Registry, now: Instant, secret: bytes = SECRET) -> None:
    with app.write(now=now) as tx:
        end = now + timedelta(days=8)
        apps.replace_secret(tx.record(RECORD), MAIN, SecretKind.APP_SECRET, secret, keep_old_until=end)


def _kinds(app: Registry) -> list[tuple[SecretKind, bool]]:
    with app.read() as view:
        found = apps.find(view, MAIN)
    assert found is not None
    return [(secret.kind, secret.not_after is None) for secret in found.secrets]


def test_a_damaged_secret_may_be_put_in_again_and_leaves_nothing(app: Registry, now: Instant) -> None:
    before = _fingerprint(app, SecretKind.APP_SECRET)
    assert before
    _damage(app, now, "kind = 'app_secret'")
    assert _fingerprint(app, SecretKind.APP_SECRET) is None
    assert _fingerprint(app, SecretKind.VERIFY_TOKEN)
    _replace(app, now)
    assert _fingerprint(app, SecretKind.APP_SECRET) == before
    assert _kinds(app) == [(SecretKind.APP_SECRET, True), (SecretKind.VERIFY_TOKEN, True)]


def test_a_damaged_older_secret_goes_with_the_next_rotation(app: Registry, now: Instant) -> None:
    _replace(app, now, b"second secret")
    _damage(app, now, "kind = 'app_secret' AND not_after IS NOT NULL")
    _replace(app, now, b"second secret")
    assert _kinds(app) == [
        (SecretKind.APP_SECRET, True),
        (SecretKind.APP_SECRET, False),
        (SecretKind.VERIFY_TOKEN, True),
    ]
