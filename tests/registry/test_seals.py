from __future__ import annotations

from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import AppName, TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key
from lhwa.errors import SealError, VerificationError
from lhwa.registry import seals
from lhwa.registry.registry import Registry
from lhwa.registry.seals import KeyState, WrappedKey
from lhwa.registry.tables import apps, tenants
from lhwa.registry.views import SecretKind

ROOT = Key.random()
FIRMA, LAIN = TenantId("firma"), TenantId("lain")


def wrapped(key: Key, *, tenant: TenantId = FIRMA, epoch: int = 1, state: KeyState = KeyState.ACTIVE) -> WrappedKey:
    return WrappedKey(key.id, epoch, seals.wrap(ROOT, tenant, key), state)


def test_a_tenant_key_comes_back() -> None:
    key = Key.random()
    assert seals.unwrap(ROOT, FIRMA, [wrapped(key)]).current == key


def test_older_keys_come_newest_first() -> None:
    first, second, third = (Key.random() for _ in range(3))
    rows = [
        wrapped(first, epoch=1, state=KeyState.DECRYPT_ONLY),
        wrapped(third, epoch=3),
        wrapped(second, epoch=2, state=KeyState.DECRYPT_ONLY),
    ]
    assert seals.unwrap(ROOT, FIRMA, rows).all() == (third, second, first)


def test_a_key_wrapped_for_one_firm_does_not_open_for_another() -> None:
    with pytest.raises(SealError):
        seals.unwrap(ROOT, LAIN, [wrapped(Key.random(), tenant=FIRMA)])


@pytest.mark.parametrize("states", [[], [KeyState.DECRYPT_ONLY], [KeyState.ACTIVE, KeyState.ACTIVE]])
def test_a_firm_has_exactly_one_active_key(states: list[KeyState]) -> None:
    rows = [wrapped(Key.random(), epoch=epoch, state=state) for epoch, state in enumerate(states)]
    with pytest.raises(VerificationError, match="tenant_key"):
        seals.unwrap(ROOT, FIRMA, rows)


def test_a_registry_without_its_canary_is_damaged() -> None:
    with pytest.raises(VerificationError, match="root_canary"):
        seals.refuse_other_root(ROOT, None)


def test_fingerprints_tell_secrets_apart_and_depend_on_the_installation() -> None:
    one = seals.fingerprint(ROOT, b"secret")
    assert one == seals.fingerprint(ROOT, b"secret")
    assert len({one, seals.fingerprint(ROOT, b"other"), seals.fingerprint(Key.random(), b"secret")}) == 3
    assert len(one) == 8


def test_no_secret_lies_in_clear_in_the_file(path: Path, registry: Registry, now: Instant) -> None:
    key = Key.random()
    with registry.write(now=now) as tx:
        write = tx.record(AuditRecord("operator:sari", "tenant.added", "tenant:firma"))
        apps.insert(write, AppName("main"))
        for kind in SecretKind:
            apps.replace_secret(write, AppName("main"), kind, b"needle-of-the-app", keep_old_until=now)
        tenants.insert(write, FIRMA, name="Firma", waba_id="20001", app=AppName("main"), time_zone="Asia/Jakarta")
        tenants.set_access_token(write, FIRMA, b"needle-of-the-firm")
        tenants.insert_key(write, FIRMA, key, epoch=1)
    with registry.read() as view:
        assert tenants.access_token(view, FIRMA) == b"needle-of-the-firm"
        assert tenants.access_token(view, LAIN) is None
    registry.close()
    content = path.read_bytes()
    assert b"needle" not in content
    assert key.secret not in content
