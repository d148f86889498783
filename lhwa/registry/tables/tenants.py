"""Firms, their numbers and their keys."""

from __future__ import annotations

from typing import Any

from lhwa.domain.ids import AppName, PhoneNumberId, TenantId
from lhwa.domain.instants import from_ms, to_ms
from lhwa.domain.keys import TenantKeys, registry_key
from lhwa.domain.sealing import Key, seal, unseal
from lhwa.registry import seals
from lhwa.registry.connection import rows_of
from lhwa.registry.seals import KeyState, WrappedKey
from lhwa.registry.transaction import View, Writer
from lhwa.registry.views import TenantState, TenantView, tenant_id

_COLUMNS = (
    "id, name, waba_id, app, time_zone, state, created_at, founded_at, access_token IS NOT NULL AS has_access_token"
)


def exists(view: View, tenant: TenantId) -> bool:
    """True when there is such a firm."""
    return view.row("SELECT 1 FROM tenant WHERE id = ?", tenant) is not None


@rows_of("tenant")
def find(view: View, tenant: TenantId) -> TenantView | None:
    """One firm."""
    row = view.row(f"SELECT {_COLUMNS} FROM tenant WHERE id = ?", tenant)  # noqa: S608 -- a constant of ours
    if row is None:
        return None
    numbers = view.rows("SELECT * FROM phone_number WHERE tenant = ? ORDER BY phone_number_id", tenant)
    return _view(row, tuple(PhoneNumberId(number["phone_number_id"]) for number in numbers))


@rows_of("tenant")
def every(view: View) -> tuple[TenantView, ...]:
    """All firms by id."""
    numbers: dict[str, list[PhoneNumberId]] = {}
    for row in view.rows("SELECT tenant, phone_number_id FROM phone_number ORDER BY phone_number_id"):
        numbers.setdefault(row["tenant"], []).append(PhoneNumberId(row["phone_number_id"]))
    tenants = view.rows(f"SELECT {_COLUMNS} FROM tenant ORDER BY id")  # noqa: S608 -- a constant of ours
    return tuple(_view(row, tuple(numbers.get(row["id"], ()))) for row in tenants)


@rows_of("tenant")
def ids(view: View) -> tuple[TenantId, ...]:
    """The ids of all firms."""
    return tuple(tenant_id(row["id"]) for row in view.rows("SELECT id FROM tenant ORDER BY id"))


def waba_is_taken(view: View, waba_id: str) -> bool:
    """True when a firm has this WhatsApp Business Account."""
    return view.row("SELECT 1 FROM tenant WHERE waba_id = ?", waba_id) is not None


def number_is_taken(view: View, number: PhoneNumberId) -> bool:
    """True when a firm has this number."""
    return view.row("SELECT 1 FROM phone_number WHERE phone_number_id = ?", number) is not None


def insert(write: Writer, tenant: TenantId, *, name: str, waba_id: str, app: AppName, time_zone: str) -> None:
    """Add an active firm without numbers."""
    write.insert(
        "tenant",
        id=tenant,
        name=name,
        waba_id=waba_id,
        app=app,
        time_zone=time_zone,
        state=TenantState.ACTIVE.value,
        created_at=to_ms(write.now),
        access_token=None,
    )


def insert_number(write: Writer, tenant: TenantId, number: PhoneNumberId) -> None:
    """Route a number to a firm."""
    write.insert("phone_number", phone_number_id=number, tenant=tenant)


def delete_number(write: Writer, tenant: TenantId, number: PhoneNumberId) -> int:
    """Route a number to nobody; returns how many rows that changed."""
    return write.execute("DELETE FROM phone_number WHERE phone_number_id = ? AND tenant = ?", number, tenant)


def set_state(write: Writer, tenant: TenantId, state: TenantState) -> None:
    """Suspend or resume."""
    write.execute("UPDATE tenant SET state = ? WHERE id = ?", state.value, tenant)


def set_access_token(write: Writer, tenant: TenantId, token: bytes) -> None:
    """Seal the token with which we speak for the firm."""
    sealed = seal(registry_key(write.root), seals.access_token_place(tenant), token)
    write.execute("UPDATE tenant SET access_token = ? WHERE id = ?", sealed, tenant)


@rows_of("tenant")
def access_token(view: View, tenant: TenantId) -> bytes | None:
    """The token in clear, for the one who calls Meta; None when there is none."""
    row = view.row("SELECT access_token FROM tenant WHERE id = ?", tenant)
    if row is None or row["access_token"] is None:
        return None
    return unseal(registry_key(view.root), seals.access_token_place(tenant), row["access_token"])


def is_founded(view: View, tenant: TenantId) -> bool:
    """True once the firm has files of its own: from then on a missing or empty file is a loss."""
    return view.row("SELECT 1 FROM tenant WHERE id = ? AND founded_at IS NOT NULL", tenant) is not None


def note_founded(write: Writer, tenant: TenantId) -> None:
    """Remember that the firm has its files."""
    write.execute("UPDATE tenant SET founded_at = ? WHERE id = ?", to_ms(write.now), tenant)


def insert_key(write: Writer, tenant: TenantId, key: Key, *, epoch: int) -> None:
    """Wrap a new key; it becomes the active one, the one before it only opens from now on."""
    write.execute(
        "UPDATE tenant_key SET state = ? WHERE tenant = ? AND state = ?",
        KeyState.DECRYPT_ONLY.value,
        tenant,
        KeyState.ACTIVE.value,
    )
    write.insert(
        "tenant_key",
        tenant=tenant,
        epoch=epoch,
        key_id=key.id,
        wrapped=seals.wrap(write.root, tenant, key),
        state=KeyState.ACTIVE.value,
        created_at=to_ms(write.now),
    )


@rows_of("tenant_key")
def keys(view: View, tenant: TenantId) -> TenantKeys:
    """The firm's keys, unwrapped."""
    rows = view.rows("SELECT key_id, epoch, wrapped, state FROM tenant_key WHERE tenant = ?", tenant)
    wrapped = [WrappedKey(row["key_id"], row["epoch"], row["wrapped"], KeyState(row["state"])) for row in rows]
    return seals.unwrap(view.root, tenant, wrapped)


def _view(row: dict[str, Any], numbers: tuple[PhoneNumberId, ...]) -> TenantView:
    return TenantView(
        id=tenant_id(row["id"]),
        name=row["name"],
        waba_id=row["waba_id"],
        app=AppName(row["app"]),
        time_zone=row["time_zone"],
        state=TenantState(row["state"]),
        created_at=from_ms(row["created_at"]),
        phone_number_ids=numbers,
        has_access_token=bool(row["has_access_token"]),
        founded_at=None if row["founded_at"] is None else from_ms(row["founded_at"]),
    )
