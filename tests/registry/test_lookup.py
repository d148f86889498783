from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import AppName, PhoneNumberId, TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key
from lhwa.errors import ConfigError, NotAllowedError
from lhwa.registry import lookup
from lhwa.registry.registry import Registry
from lhwa.registry.routing import RoutingTable
from lhwa.registry.tables import apps, tenants
from lhwa.registry.views import SecretKind, TenantState

MAIN = AppName("main")
FIRMA, LAIN = TenantId("firma"), TenantId("lain")
RECORD = AuditRecord("operator:sari", "tenant.added", "tenant:firma")


@pytest.fixture
def filled(registry: Registry, now: Instant) -> Registry:
    with registry.write(now=now) as tx:
        write = tx.record(RECORD)
        apps.insert(write, MAIN)
        for kind, secret in (
            (SecretKind.APP_SECRET, b"canary-secret-0001"),
            (SecretKind.VERIFY_TOKEN, b"canary-verify"),
        ):
            apps.replace_secret(write, MAIN, kind, secret, keep_old_until=now)
        for number, firm in enumerate((FIRMA, LAIN), start=1):
            tenants.insert(write, firm, name="Firma", waba_id=f"2000{number}", app=MAIN, time_zone="Asia/Jakarta")
            tenants.insert_number(write, firm, PhoneNumberId(f"3000{number}"))
            tenants.insert_key(write, firm, Key.random(), epoch=1)
        tenants.set_state(write, LAIN, TenantState.SUSPENDED)
    return registry


async def test_the_table_says_what_the_registry_says(path: Path, root: Key, filled: Registry) -> None:
    table = await lookup.load_routing(path, root)
    assert dict(table.tenant_of_number) == {"30001": FIRMA, "30002": LAIN}
    assert dict(table.tenant_of_waba) == {"20001": FIRMA, "20002": LAIN}
    assert dict(table.app_of_tenant) == {FIRMA: MAIN, LAIN: MAIN}
    assert dict(table.state_of_tenant) == {FIRMA: TenantState.ACTIVE, LAIN: TenantState.SUSPENDED}
    assert [secret.secret for secret in table.apps[MAIN].secrets] == [b"canary-secret-0001"]
    assert [token.secret for token in table.apps[MAIN].verify_tokens] == [b"canary-verify"]
    assert table.keys_of(FIRMA) == filled.tenant_keys(FIRMA)
    assert table.founded == frozenset()
    assert table.keys_of(FIRMA) != table.keys_of(LAIN)
    assert await lookup.tenants(path) == ((FIRMA, TenantState.ACTIVE), (LAIN, TenantState.SUSPENDED))


async def test_the_table_says_which_firms_have_files(path: Path, root: Key, filled: Registry, now: Instant) -> None:
    with filled.write(now=now) as tx:
        tenants.note_founded(tx.record(RECORD), LAIN)
    assert (await lookup.load_routing(path, root)).founded == {LAIN}


async def test_two_secrets_live_until_the_old_one_ends(path: Path, root: Key, filled: Registry, now: Instant) -> None:
    end = now + timedelta(days=8)
    with filled.write(now=now) as tx:
        apps.replace_secret(tx.record(RECORD), MAIN, SecretKind.APP_SECRET, b"canary-secret-0002", keep_old_until=end)
    current, previous = (await lookup.load_routing(path, root)).apps[MAIN].secrets
    assert (current.secret, current.label, current.not_after) == (b"canary-secret-0002", "current", None)
    assert (previous.secret, previous.label, previous.not_after) == (b"canary-secret-0001", "previous", end)
    assert previous.live_at(end - timedelta(seconds=1))
    assert not previous.live_at(end)
    assert current.live_at(end)


async def test_a_change_is_noticed_and_bookkeeping_is_none(
    path: Path, root: Key, filled: Registry, now: Instant
) -> None:
    table = await lookup.load_routing(path, root)
    filled.note_token_use("absent", now=now)
    assert not await lookup.changed(path, table)
    with filled.write(now=now) as tx:
        tenants.set_state(tx.record(RECORD), LAIN, TenantState.ACTIVE)
    assert await lookup.changed(path, table)
    assert (await lookup.load_routing(path, root)).revision == table.revision + 1


async def test_another_registry_of_the_same_length_is_a_change(
    path: Path, root: Key, filled: Registry, now: Instant
) -> None:
    backup = shutil.copy(path, path.with_name("backup.db"))
    with filled.write(now=now) as tx:
        tenants.set_state(tx.record(RECORD), LAIN, TenantState.ACTIVE)
    table = await lookup.load_routing(path, root)
    filled.close()
    shutil.copy(backup, path)
    with Registry.open(path, root) as other, other.write(now=now + timedelta(seconds=1)) as tx:
        tenants.set_state(tx.record(RECORD), FIRMA, TenantState.SUSPENDED)
    assert (await lookup.load_routing(path, root)).revision == table.revision
    assert await lookup.changed(path, table)


async def test_after_a_rotation_the_older_key_still_opens(
    path: Path, root: Key, filled: Registry, now: Instant
) -> None:
    before = filled.tenant_keys(FIRMA).current
    with filled.write(now=now) as tx:
        tenants.insert_key(tx.record(RECORD), FIRMA, Key.random(), epoch=2)
    keys = (await lookup.load_routing(path, root)).keys_of(FIRMA)
    assert keys.older == (before,)
    assert keys.current != before


@pytest.mark.usefixtures("filled")
async def test_another_root_key_opens_nothing(path: Path) -> None:
    with pytest.raises(ConfigError, match="another root key"):
        await lookup.load_routing(path, Key.random())


async def test_without_a_registry_the_hint_is_init(path: Path, root: Key) -> None:
    for ask in (lookup.load_routing(path, root), lookup.tenants(path)):
        with pytest.raises(ConfigError, match="no lhwa installation"):
            await ask


@pytest.mark.usefixtures("filled")
async def test_nothing_secret_is_shown(path: Path, root: Key) -> None:
    table = await lookup.load_routing(path, root)
    table.keys_of(FIRMA)
    for shown in (repr(table), str(table.apps), repr(table.apps[MAIN].secrets[0])):
        assert "canary" not in shown
        assert root.secret.hex() not in shown
        assert repr(root.secret) not in shown


@pytest.mark.usefixtures("filled")
async def test_a_firm_that_is_not_there_has_no_keys(path: Path, root: Key) -> None:
    table = await lookup.load_routing(path, root)
    with pytest.raises(NotAllowedError):
        table.keys_of(TenantId("absent"))


async def test_ten_thousand_firms_cost_no_decryption(
    path: Path, root: Key, filled: Registry, now: Instant, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = "(WITH RECURSIVE m (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM m WHERE n < 10000) SELECT n FROM m)"
    with filled.write(now=now) as tx:
        write = tx.record(RECORD)
        for rows in (
            "INSERT INTO tenant SELECT 'f' || n, 'F', '9' || n, 'main', 'Asia/Jakarta', 'active', 0, NULL, NULL",
            "INSERT INTO phone_number SELECT '8' || n, 'f' || n",
            "INSERT INTO tenant_key SELECT 'f' || n, 1, randomblob(16), zeroblob(78), 'active', 0",
        ):
            write.execute(f"{rows} FROM {many}")
    unwrapped: list[TenantId] = []
    monkeypatch.setattr("lhwa.registry.routing.unwrap", lambda _root, tenant, _rows: unwrapped.append(tenant))
    table: RoutingTable = await lookup.load_routing(path, root)
    assert (len(table.tenant_of_number), unwrapped) == (10_002, [])
