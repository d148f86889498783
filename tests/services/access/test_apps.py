from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from lhwa.domain.instants import Instant
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.registry.registry import Registry
from lhwa.registry.views import AppView, SecretKind
from lhwa.services.access import apps
from lhwa.services.access.callers import Caller

NEW = "sample-app-secret-0002"


def ends(app: AppView, kind: SecretKind = SecretKind.APP_SECRET) -> list[Instant | None]:
    return [secret.not_after for secret in app.secrets if secret.kind is kind]


def test_a_new_app_has_one_secret_of_each_kind(registry: Registry, me: Caller) -> None:
    (main,) = apps.list_apps(registry, me)
    assert (main.name, main.tenants) == ("main", 2)
    assert [(secret.kind, secret.not_after) for secret in main.secrets] == [(kind, None) for kind in SecretKind]


def test_an_app_is_added_once(registry: Registry, me: Caller, now: Instant) -> None:
    with pytest.raises(ConflictError) as refused:
        apps.add_app(registry, me, "main", app_secret=NEW, verify_token="v", now=now)
    assert "rotate-secret" in refused.value.hint


def test_a_rotation_keeps_the_old_secret_for_eight_days(registry: Registry, me: Caller, now: Instant) -> None:
    main = apps.rotate_app_secret(registry, me, "main", app_secret=NEW, now=now)
    assert ends(main) == [None, now + timedelta(days=8)]
    assert ends(main, SecretKind.VERIFY_TOKEN) == [None]
    assert len({secret.fingerprint for secret in main.secrets}) == 3


def test_a_leaked_secret_can_end_at_once(registry: Registry, me: Caller, now: Instant) -> None:
    main = apps.rotate_app_secret(registry, me, "main", app_secret=NEW, keep_old_until=now, now=now)
    assert ends(main) == [None]


def test_ended_secrets_are_destroyed_at_the_next_rotation(registry: Registry, me: Caller, now: Instant) -> None:
    apps.rotate_app_secret(registry, me, "main", app_secret=NEW, now=now)
    later = now + timedelta(days=9)
    main = apps.rotate_app_secret(registry, me, "main", app_secret="sample-app-secret-0003", now=later)
    assert ends(main) == [None, later + timedelta(days=8)]


def test_the_verify_token_can_change_with_it(registry: Registry, me: Caller, now: Instant) -> None:
    main = apps.rotate_app_secret(registry, me, "main", app_secret=NEW, verify_token="other", now=now)
    assert ends(main, SecretKind.VERIFY_TOKEN) == [None, now + timedelta(days=8)]


def test_a_secret_that_is_current_already_does_not_end_itself(registry: Registry, me: Caller, now: Instant) -> None:
    same = "sample-app-secret-0001"
    with pytest.raises(ConflictError, match="current"):
        apps.rotate_app_secret(registry, me, "main", app_secret=same, now=now)
    main = apps.rotate_app_secret(registry, me, "main", app_secret=same, verify_token="other", now=now)
    assert ends(main) == [None]


def test_an_app_that_is_not_there_has_no_secret_to_rotate(registry: Registry, me: Caller, now: Instant) -> None:
    with pytest.raises(UsageError):
        apps.rotate_app_secret(registry, me, "absent", app_secret=NEW, now=now)


def test_apps_are_the_installers_alone_and_never_a_tokens(
    registry: Registry, caller_as: Callable[[str, str], Caller], now: Instant
) -> None:
    owner = caller_as("firma", "owner").token
    for caller in (Caller(token=owner), Caller(token=owner, os_uid=1000), Caller(os_uid=4711), Caller()):
        acts: tuple[Callable[[Caller], object], ...] = (
            lambda who: apps.list_apps(registry, who),
            lambda who: apps.add_app(registry, who, "other", app_secret=NEW, verify_token="v", now=now),
            lambda who: apps.rotate_app_secret(registry, who, "main", app_secret=NEW, now=now),
        )
        for act in acts:
            with pytest.raises(NotAllowedError, match="installed lhwa"):
                act(caller)


def test_the_audit_log_holds_fingerprints_and_no_secrets(registry: Registry, me: Caller, now: Instant) -> None:
    apps.rotate_app_secret(registry, me, "main", app_secret=NEW, now=now)
    log = b"".join(row.entry for row in registry.audit_entries())
    assert b"app.secret_rotated" in log
    assert b"sample-app-secret" not in log
    assert b"sample-verify" not in log
