"""Meta apps: who signs the webhooks. All acts here are the installer's."""

from __future__ import annotations

from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.ids import AppName
from lhwa.domain.instants import Instant, rfc3339
from lhwa.errors import ConflictError, InvariantError, UsageError
from lhwa.registry import seals
from lhwa.registry.registry import Registry
from lhwa.registry.tables import apps
from lhwa.registry.transaction import Tx, View
from lhwa.registry.views import AppView, SecretKind
from lhwa.services.access import rules
from lhwa.services.access.callers import Caller, require_installer


def add_app(
    registry: Registry, caller: Caller, name: str, *, app_secret: str, verify_token: str, now: Instant
) -> AppView:
    """Make a Meta app known, with its secrets."""
    app = rules.app_name(name)
    secrets = _checked(app_secret=app_secret, verify_token=verify_token)
    with registry.write(now=now) as tx:
        actor = operator_actor(require_installer(tx, caller))
        if apps.exists(tx, app):
            raise ConflictError(f"There is an app {app} already.", hint=f"New secrets: `lhwa app rotate-secret {app}`.")
        data = {kind.value: seals.fingerprint(tx.root, secret) for kind, secret in secrets.items()}
        write = tx.record(AuditRecord(actor, "app.added", f"app:{app}", data))
        apps.insert(write, app)
        for kind, secret in secrets.items():
            apps.replace_secret(write, app, kind, secret, keep_old_until=now)
        return _shown(tx, app)


def rotate_app_secret(
    registry: Registry,
    caller: Caller,
    name: str,
    *,
    app_secret: str,
    verify_token: str | None = None,
    keep_old_until: Instant | None = None,
    now: Instant,
) -> AppView:
    """Put new secrets in force; the old ones still count until `keep_old_until`, by default for 8 days."""
    app = rules.app_name(name)
    secrets = _checked(app_secret=app_secret, verify_token=verify_token)
    end = rules.end_of_old_secret(keep_old_until, now=now)
    with registry.write(now=now) as tx:
        actor = operator_actor(require_installer(tx, caller))
        if not apps.exists(tx, app):
            raise UsageError(f"There is no app {app}.", hint="See `lhwa app list`.")
        fresh = _without_unchanged(tx, app, secrets)
        data = {kind.value: seals.fingerprint(tx.root, secret) for kind, secret in fresh.items()}
        write = tx.record(AuditRecord(actor, "app.secret_rotated", f"app:{app}", {**data, "old_until": rfc3339(end)}))
        for kind, secret in fresh.items():
            apps.replace_secret(write, app, kind, secret, keep_old_until=end)
        return _shown(tx, app)


def list_apps(registry: Registry, caller: Caller) -> tuple[AppView, ...]:
    """All Meta apps, without their secrets."""
    with registry.read() as view:
        require_installer(view, caller)
        return apps.every(view)


def _checked(*, app_secret: str, verify_token: str | None) -> dict[SecretKind, bytes]:
    secrets = {SecretKind.APP_SECRET: rules.app_secret(app_secret)}
    if verify_token is not None:
        secrets[SecretKind.VERIFY_TOKEN] = rules.verify_token(verify_token)
    return secrets


def _without_unchanged(tx: Tx, app: AppName, secrets: dict[SecretKind, bytes]) -> dict[SecretKind, bytes]:
    """A secret that is current already would end itself; one that changes nothing at all is a mistake."""
    fresh = {
        kind: secret
        for kind, secret in secrets.items()
        if apps.current_fingerprint(tx, app, kind) != seals.fingerprint(tx.root, secret)
    }
    if not fresh:
        raise ConflictError("These secrets are the current ones already.")
    return fresh


def _shown(view: View, app: AppName) -> AppView:
    found = apps.find(view, app)
    if found is None:
        raise InvariantError("An app that was just written is not there.")
    return found
