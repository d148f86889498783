"""The registry for the daemon: async, read-only, and without sqlite-utils.

`load_routing` takes the whole picture; `revision` is the cheap question whether it is still true.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiosqlite

from lhwa.domain.ids import AppName, TenantId
from lhwa.domain.instants import from_ms
from lhwa.domain.keys import registry_key
from lhwa.domain.sealing import Key, unseal
from lhwa.registry import connection, seals
from lhwa.registry.routing import AppSecret, MetaApp, RoutingTable
from lhwa.registry.seals import KeyState, WrappedKey
from lhwa.registry.views import SecretKind, TenantState

_REVISION = "SELECT n FROM audit_frontier"


async def load_routing(path: Path, root: Key) -> RoutingTable:
    """The picture of this moment.

    Raises: ConfigError when there is no registry or the root key is another one; UnavailableError when it is busy.
    """
    async with _reading(path) as db:
        canary = await _all(db, "SELECT sealed FROM root_canary")
        seals.refuse_other_root(root, canary[0][0] if canary else None)
        apps = await _all(db, "SELECT name FROM meta_app ORDER BY name")
        secrets = await _all(db, "SELECT id, app, kind, sealed, not_after FROM meta_app_secret ORDER BY id DESC")
        tenants = await _all(db, "SELECT id, waba_id, app, state FROM tenant")
        numbers = await _all(db, "SELECT phone_number_id, tenant FROM phone_number")
        wrapped = await _all(db, "SELECT tenant, key_id, epoch, wrapped, state FROM tenant_key")
        revision_now = (await _all(db, _REVISION))[0][0]
    return RoutingTable(
        revision=revision_now,
        apps=MappingProxyType({AppName(name): _app(AppName(name), secrets, root) for (name,) in apps}),
        tenant_of_number=MappingProxyType({number: TenantId(tenant) for number, tenant in numbers}),
        tenant_of_waba=MappingProxyType({waba: TenantId(tenant) for tenant, waba, _, _ in tenants}),
        app_of_tenant=MappingProxyType({TenantId(tenant): AppName(app) for tenant, _, app, _ in tenants}),
        state_of_tenant=MappingProxyType({TenantId(row[0]): TenantState(row[3]) for row in tenants}),
        root=root,
        wrapped_keys=MappingProxyType(_wrapped(wrapped)),
    )


async def revision(path: Path) -> int:
    """A number that grows with every change: compare with `RoutingTable.revision`."""
    async with _reading(path) as db:
        return int((await _all(db, _REVISION))[0][0])


async def changed(path: Path, table: RoutingTable) -> bool:
    """True when the table is no longer the whole truth."""
    return await revision(path) != table.revision


async def tenants(path: Path) -> tuple[tuple[TenantId, TenantState], ...]:
    """All firms by id, with their states."""
    async with _reading(path) as db:
        rows = await _all(db, "SELECT id, state FROM tenant ORDER BY id")
    return tuple((TenantId(tenant), TenantState(state)) for tenant, state in rows)


@asynccontextmanager
async def _reading(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """One read transaction on a connection of its own: nothing stays open between two looks."""
    connection.refuse_missing(path)
    with connection.storage_errors():
        async with aiosqlite.connect(
            connection.as_uri(path), uri=True, timeout=connection.BUSY_TIMEOUT_S, isolation_level=None
        ) as db:
            for pragma in connection.PRAGMAS:
                await db.execute(f"PRAGMA {pragma}")
            await db.execute("BEGIN")
            yield db
            await db.execute("COMMIT")


async def _all(db: aiosqlite.Connection, sql: str) -> list[sqlite3.Row]:
    return list(await db.execute_fetchall(sql))


def _app(name: AppName, secrets: Iterable[Any], root: Key) -> MetaApp:
    key = registry_key(root)
    found: dict[str, list[AppSecret]] = {kind.value: [] for kind in SecretKind}
    for secret_id, app, kind, sealed, not_after in secrets:
        if app != name:
            continue
        label, end = ("current", None) if not_after is None else ("previous", from_ms(not_after))
        found[kind].append(AppSecret(unseal(key, seals.app_secret_place(secret_id), sealed), label, end))
    for of_kind in found.values():
        of_kind.sort(key=lambda secret: secret.not_after is not None)
    return MetaApp(name, tuple(found[SecretKind.APP_SECRET]), tuple(found[SecretKind.VERIFY_TOKEN]))


def _wrapped(rows: Iterable[Any]) -> dict[TenantId, tuple[WrappedKey, ...]]:
    found: dict[TenantId, tuple[WrappedKey, ...]] = {}
    for tenant, key_id, epoch, wrapped, state in rows:
        found[tenant] = (*found.get(tenant, ()), WrappedKey(key_id, epoch, wrapped, KeyState(state)))
    return found
