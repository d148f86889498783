"""The registry for the daemon: async, read-only, and without sqlite-utils.

`load_routing` takes the whole picture; `changed` is the cheap question whether it is still true.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Container, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiosqlite

from lhwa.domain.audit import REGISTRY_LOG
from lhwa.domain.ids import AppName, TenantId
from lhwa.domain.instants import from_ms
from lhwa.domain.keys import registry_key
from lhwa.domain.sealing import Key, unseal
from lhwa.errors import SealError, VerificationError
from lhwa.registry import connection, seals
from lhwa.registry.audit_log import FrontierRow
from lhwa.registry.routing import AppSecret, MetaApp, RoutingTable
from lhwa.registry.seals import KeyState, WrappedKey
from lhwa.registry.views import SecretKind, TenantState, tenant_id


async def load_routing(path: Path, root: Key) -> RoutingTable:
    """The picture of this moment.

    Raises: ConfigError when there is no registry or the root key is another one; UnavailableError when it is busy;
        VerificationError when it is damaged.
    """
    async with _reading(path) as db:
        canary = await _all(db, "sealed", "root_canary")
        seals.refuse_other_root(root, canary[0][0] if canary else None)
        apps = await _all(db, "name", "meta_app", "ORDER BY name")
        secrets = await _all(db, "id, app, kind, sealed, not_after", "meta_app_secret", "ORDER BY id DESC")
        tenants = await _all(db, "id, waba_id, app, state, founded_at", "tenant")
        numbers = await _all(db, "phone_number_id, tenant", "phone_number")
        wrapped = await _all(db, "tenant, key_id, epoch, wrapped, state", "tenant_key")
        edge = await _frontier(db)
    states = _states((tenant, state) for tenant, _, _, state, _ in tenants)
    return RoutingTable(
        revision=edge.n,
        frontier=edge.stack,
        apps=MappingProxyType({AppName(name): _app(AppName(name), secrets, root) for (name,) in apps}),
        tenant_of_number=MappingProxyType(_owners(numbers, states)),
        tenant_of_waba=MappingProxyType({waba: TenantId(tenant) for tenant, waba, *_ in tenants}),
        app_of_tenant=MappingProxyType(_apps_of(tenants, {name for (name,) in apps})),
        state_of_tenant=MappingProxyType(states),
        root=root,
        wrapped_keys=MappingProxyType(_wrapped(wrapped)),
        founded=frozenset(TenantId(row[0]) for row in tenants if row[4] is not None),
    )


async def changed(path: Path, table: RoutingTable) -> bool:
    """True when the table is no longer the whole truth: the registry went on, or another one is in its place."""
    async with _reading(path) as db:
        return await _frontier(db) != (table.revision, table.frontier)


async def tenants(path: Path) -> tuple[tuple[TenantId, TenantState], ...]:
    """All firms by id, with their states."""
    async with _reading(path) as db:
        rows = await _all(db, "id, state", "tenant", "ORDER BY id")
    return tuple(_states(rows).items())


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


async def _frontier(db: aiosqlite.Connection) -> FrontierRow:
    rows = await _all(db, "n, stack", "audit_frontier")
    with connection.rows_of("audit_frontier"):
        return FrontierRow(*REGISTRY_LOG.checked_frontier(rows[0]))


async def _all(db: aiosqlite.Connection, columns: str, table: str, order: str = "") -> list[sqlite3.Row]:
    with connection.rows_of(table):
        sql = f"SELECT {columns} FROM {table} {order}"  # noqa: S608 -- constants of ours
        return list(await db.execute_fetchall(sql))


@connection.rows_of("tenant")
def _states(rows: Iterable[Any]) -> dict[TenantId, TenantState]:
    return {tenant_id(tenant): TenantState(state) for tenant, state in rows}


@connection.rows_of("tenant")
def _apps_of(rows: Iterable[Any], apps: Container[str]) -> dict[TenantId, AppName]:
    return {TenantId(tenant): AppName(_known(app, apps)) for tenant, _, app, *_ in rows}


@connection.rows_of("phone_number")
def _owners(rows: Iterable[Any], firms: Container[str]) -> dict[str, TenantId]:
    return {number: TenantId(_known(tenant, firms)) for number, tenant in rows}


def _known(name: str, among: Container[str]) -> str:
    if name not in among:
        raise LookupError("it leads nowhere")
    return name


@connection.rows_of("meta_app_secret")
def _app(name: AppName, secrets: Iterable[Any], root: Key) -> MetaApp:
    key = registry_key(root)
    found: dict[str, list[AppSecret]] = {kind.value: [] for kind in SecretKind}
    for secret_id, app, kind, sealed, not_after in secrets:
        if app != name:
            continue
        label, end = ("current", None) if not_after is None else ("previous", from_ms(not_after))
        try:
            clear = unseal(key, seals.app_secret_place(secret_id), sealed)
        except SealError:
            raise _unopened(name, SecretKind(kind)) from None
        found[kind].append(AppSecret(clear, label, end))
    for of_kind in found.values():
        of_kind.sort(key=lambda secret: secret.not_after is not None)
    return MetaApp(name, tuple(found[SecretKind.APP_SECRET]), tuple(found[SecretKind.VERIFY_TOKEN]))


def _unopened(app: AppName, kind: SecretKind) -> VerificationError:
    return VerificationError(
        f"The {kind.value.replace('_', ' ')} of {app} in registry.db does not open.",
        hint=f"Put it in again: `lhwa app rotate-secret {app}`"
        + (" with a verify_token." if kind is SecretKind.VERIFY_TOKEN else "."),
    )


@connection.rows_of("tenant_key")
def _wrapped(rows: Iterable[Any]) -> dict[TenantId, tuple[WrappedKey, ...]]:
    found: dict[TenantId, tuple[WrappedKey, ...]] = {}
    for tenant, key_id, epoch, wrapped, state in rows:
        found[tenant] = (*found.get(tenant, ()), WrappedKey(key_id, epoch, wrapped, KeyState(state)))
    return found
