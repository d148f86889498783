"""Firms: added by the installer, managed by their owners."""

from __future__ import annotations

from collections.abc import Iterable

from lhwa.domain.access import Permission, Role
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.ids import AppName, PhoneNumberId, TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key
from lhwa.errors import ConflictError, InvariantError, UsageError
from lhwa.registry.registry import Registry
from lhwa.registry.tables import apps, operators, tenants
from lhwa.registry.transaction import Tx, View
from lhwa.registry.views import TenantState, TenantView
from lhwa.services.access import rules
from lhwa.services.access.callers import (
    Caller,
    authorise,
    is_installer,
    not_yours,
    pick_tenant,
    principal_of,
    require_installer,
)


def add_tenant(
    registry: Registry,
    caller: Caller,
    tenant: str,
    *,
    name: str,
    waba_id: str,
    phone_number_ids: Iterable[str],
    app: str,
    time_zone: str = "Asia/Jakarta",
    access_token: str | None = None,
    now: Instant,
) -> TenantView:
    """Add a firm: its row, its numbers, its first key, and the installer as its first owner."""
    firm, in_app, waba = rules.tenant_id(tenant), rules.app_name(app), rules.waba_id(waba_id)
    display, zone = rules.display_name(name), rules.time_zone(time_zone)
    numbers = rules.phone_number_ids(phone_number_ids)
    if waba in numbers:
        raise UsageError(
            "The WABA id and a phone number id are the same.", hint="They stand side by side on Meta's page; copy both."
        )
    token = None if access_token is None else rules.access_token(access_token)
    with registry.write(now=now) as tx:
        owner = require_installer(tx, caller)
        _refuse_taken(tx, firm, app=in_app, waba=waba, numbers=numbers)
        data = {"app": in_app, "owner": owner, "phone_number_ids": list(numbers), "time_zone": zone, "waba_id": waba}
        write = tx.record(AuditRecord(operator_actor(owner), "tenant.added", f"tenant:{firm}", data))
        tenants.insert(write, firm, name=display, waba_id=waba, app=in_app, time_zone=zone)
        for number in numbers:
            tenants.insert_number(write, firm, number)
        tenants.insert_key(write, firm, Key.random(), epoch=1)
        operators.put_role(write, owner, firm, Role.OWNER)
        if token is not None:
            tenants.set_access_token(write, firm, token)
        return _shown(tx, firm)


def list_tenants(registry: Registry, caller: Caller, *, now: Instant) -> tuple[TenantView, ...]:
    """The firms that the caller may know about: all for the installer, one for a token."""
    with registry.read() as view:
        if is_installer(view, caller):
            return tenants.every(view)
    return (show_tenant(registry, caller, pick_tenant(registry, caller, None, now=now), now=now),)


def show_tenant(registry: Registry, caller: Caller, tenant: str, *, now: Instant) -> TenantView:
    """One firm, for anybody with a role there."""
    firm = TenantId(tenant)
    with registry.read() as view:
        if not (is_installer(view, caller) and tenants.exists(view, firm)):
            principal_of(view, caller, firm, now=now)
        return _shown(view, firm)


def suspend_tenant(registry: Registry, caller: Caller, tenant: str, *, reason: str, now: Instant) -> TenantView:
    """Stop serving a firm; what arrives meanwhile is kept."""
    return _set_state(registry, caller, tenant, TenantState.SUSPENDED, reason=reason, now=now)


def resume_tenant(registry: Registry, caller: Caller, tenant: str, *, reason: str, now: Instant) -> TenantView:
    """Serve a firm again."""
    return _set_state(registry, caller, tenant, TenantState.ACTIVE, reason=reason, now=now)


def _set_state(
    registry: Registry, caller: Caller, tenant: str, state: TenantState, *, reason: str, now: Instant
) -> TenantView:
    firm, why = TenantId(tenant), rules.reason(reason)
    action = "tenant.suspended" if state is TenantState.SUSPENDED else "tenant.resumed"
    with registry.write(now=now) as tx:
        actor = operator_actor(authorise(tx, caller, firm, Permission.MANAGE_FIRM, now=now))
        if _shown(tx, firm).state is state:
            raise ConflictError(f"The firm {firm} is {state.value} already.")
        tenants.set_state(tx.record(AuditRecord(actor, action, f"tenant:{firm}", {"reason": why})), firm, state)
        return _shown(tx, firm)


def set_access_token(registry: Registry, caller: Caller, tenant: str, *, access_token: str, now: Instant) -> TenantView:
    """Keep the token with which we speak for a firm, in place of an older one."""
    firm, token = TenantId(tenant), rules.access_token(access_token)
    with registry.write(now=now) as tx:
        actor = operator_actor(authorise(tx, caller, firm, Permission.MANAGE_FIRM, now=now))
        write = tx.record(AuditRecord(actor, "tenant.access_token_set", f"tenant:{firm}"))
        tenants.set_access_token(write, firm, token)
        return _shown(tx, firm)


def add_phone_number(
    registry: Registry, caller: Caller, tenant: str, *, phone_number_id: str, now: Instant
) -> TenantView:
    """Route one more number to a firm. For the installer: a firm must not claim a number that may be another's."""
    firm, number = TenantId(tenant), rules.phone_number_id(phone_number_id)
    with registry.write(now=now) as tx:
        actor = _installer_for(tx, caller, firm)
        _refuse_taken_number(tx, number)
        write = tx.record(AuditRecord(actor, "tenant.number_added", f"tenant:{firm}", {"phone_number_id": number}))
        tenants.insert_number(write, firm, number)
        return _shown(tx, firm)


def remove_phone_number(
    registry: Registry, caller: Caller, tenant: str, *, phone_number_id: str, now: Instant
) -> TenantView:
    """Stop routing a number to a firm; what it received stays. The last number of a firm cannot be removed."""
    firm, number = TenantId(tenant), PhoneNumberId(phone_number_id)
    with registry.write(now=now) as tx:
        actor = _installer_for(tx, caller, firm)
        numbers = _shown(tx, firm).phone_number_ids
        if number not in numbers:
            raise ConflictError("The firm has no such number.", hint=f"See `lhwa tenant show {firm}`.")
        if len(numbers) == 1:
            raise ConflictError("This is the firm's only number.", hint="Add the right one first: tenant add-number.")
        write = tx.record(AuditRecord(actor, "tenant.number_removed", f"tenant:{firm}", {"phone_number_id": number}))
        tenants.delete_number(write, firm, number)
        return _shown(tx, firm)


def _installer_for(tx: Tx, caller: Caller, firm: TenantId) -> str:
    """The installer as the audit log names them, once the firm is there."""
    installer = require_installer(tx, caller)
    if not tenants.exists(tx, firm):
        raise not_yours()
    return operator_actor(installer)


def _refuse_taken(tx: Tx, firm: TenantId, *, app: AppName, waba: str, numbers: tuple[PhoneNumberId, ...]) -> None:
    if tenants.exists(tx, firm):
        raise ConflictError(f"There is a firm {firm} already.", hint=f"See `lhwa tenant show {firm}`.")
    if not apps.exists(tx, app):
        known = ", ".join(found.name for found in apps.every(tx))
        raise UsageError(
            f"There is no app {app}.", hint=f"Known: {known}." if known else f"Add it first: `lhwa app add {app}`."
        )
    if tenants.waba_is_taken(tx, waba):
        raise ConflictError("This WhatsApp Business Account belongs to a firm already.", hint="See `lhwa tenant list`.")
    for number in numbers:
        _refuse_taken_number(tx, number)


def _refuse_taken_number(tx: Tx, number: PhoneNumberId) -> None:
    if tenants.number_is_taken(tx, number):
        raise ConflictError("This phone number id belongs to a firm already.", hint="See `lhwa tenant list`.")


def _shown(view: View, firm: TenantId) -> TenantView:
    found = tenants.find(view, firm)
    if found is None:
        raise InvariantError("A firm that was just there is gone.")
    return found
