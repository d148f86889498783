"""Operators and their roles: managed in a firm by its owners, everywhere by the installer.

Invariants: a firm always has an owner; the installer stays; nobody learns of an operator's other firms.
"""

from __future__ import annotations

from lhwa.domain.access import GRANTS, Permission, Role
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.ids import OperatorId, TenantId
from lhwa.domain.instants import Instant
from lhwa.errors import ConflictError, NotAllowedError
from lhwa.registry.registry import Registry
from lhwa.registry.tables import operators, tokens
from lhwa.registry.transaction import Tx, View
from lhwa.registry.views import OperatorState, OperatorView
from lhwa.services.access import rules
from lhwa.services.access.callers import Caller, authorise, is_installer, not_yours, principal_of, require_installer


def add_operator(
    registry: Registry, caller: Caller, tenant: str, *, operator: str, name: str, role: str, now: Instant
) -> OperatorView:
    """Add a new operator with a role in one firm."""
    firm, person = TenantId(tenant), rules.operator_id(operator)
    display, as_role = rules.display_name(name), rules.role(role)
    with registry.write(now=now) as tx:
        actor = operator_actor(authorise(tx, caller, firm, Permission.MANAGE_PEOPLE, now=now))
        if operators.exists(tx, person):
            raise ConflictError(
                f"The operator id {person} is taken.",
                hint=f"The same person: who installed lhwa gives them a role here too, with `lhwa operator set-role "
                f"{person} --role {as_role.value} -t {firm}`. Somebody else: choose another id.",
            )
        data = {"role": as_role.value, "tenant": firm}
        write = tx.record(AuditRecord(actor, "operator.added", f"operator:{person}", data))
        operators.insert(write, person, name=display, os_uid=None, is_installer=False)
        operators.put_role(write, person, firm, as_role)
        return _shown(tx, person, of=firm)


def list_operators(registry: Registry, caller: Caller, tenant: str | None, *, now: Instant) -> tuple[OperatorView, ...]:
    """The operators of a firm; with None, all of them, for the installer."""
    with registry.read() as view:
        if tenant is None:
            require_installer(view, caller)
            return operators.every(view)
        authorise(view, caller, TenantId(tenant), Permission.MANAGE_PEOPLE, now=now)
        return operators.every(view, of=TenantId(tenant))


def colleague(
    registry: Registry, caller: Caller, tenant: str, operator: str, *, able_to: Permission, now: Instant
) -> OperatorId:
    """Somebody of the same firm, by id, whose role grants something. Raises: NotAllowedError for everybody else."""
    firm, person = TenantId(tenant), OperatorId(operator)
    with registry.read() as view:
        authorise(view, caller, firm, Permission.READ_RECORDS, now=now)
        found = operators.active_role(view, person, firm)
    if found is None or able_to not in GRANTS[found]:
        able = ", ".join(role.value for role, granted in GRANTS.items() if able_to in granted)
        raise NotAllowedError(
            "Nobody with this id has a role in this firm that fits.",
            hint=f"Name a person with one of these roles: {able}. An owner sees them with `lhwa operator list`.",
        )
    return person


def names_in(registry: Registry, caller: Caller, tenant: str, *, now: Instant) -> dict[str, str]:
    """The names of a firm's people by their ids, also of those who left it, for whoever acts there."""
    with registry.read() as view:
        principal_of(view, caller, TenantId(tenant), now=now)
        return {person.id: person.name for person in operators.every(view, of=TenantId(tenant))}


def set_role(
    registry: Registry, caller: Caller, tenant: str, *, operator: str, role: str, now: Instant
) -> OperatorView:
    """Give an operator another role in a firm; one who was disabled there comes back.

    An owner does this for the firm's own people; only the installer brings in somebody who is known elsewhere.
    """
    firm, person, as_role = TenantId(tenant), OperatorId(operator), rules.role(role)
    with registry.write(now=now) as tx:
        actor = operator_actor(authorise(tx, caller, firm, Permission.MANAGE_PEOPLE, now=now))
        by_installer = is_installer(tx, caller)
        _refuse_stranger(tx, person, firm, by_installer=by_installer)
        if as_role is not Role.OWNER:
            _refuse_last_owner(tx, person, firm)
        data = {"role": as_role.value, "tenant": firm}
        write = tx.record(AuditRecord(actor, "operator.role_set", f"operator:{person}", data))
        operators.put_role(write, person, firm, as_role)
        if by_installer:
            operators.set_state(write, person, OperatorState.ACTIVE)
        return _shown(tx, person, of=firm)


def disable_operator(
    registry: Registry, caller: Caller, tenant: str | None, *, operator: str, reason: str, now: Instant
) -> OperatorView:
    """Take an operator out of a firm, or with None, by the installer, out of all; their tokens end with it."""
    person, why = OperatorId(operator), rules.reason(reason)
    if tenant is None:
        return _disable_everywhere(registry, caller, person, why=why, now=now)
    firm = TenantId(tenant)
    with registry.write(now=now) as tx:
        actor = operator_actor(authorise(tx, caller, firm, Permission.MANAGE_PEOPLE, now=now))
        _refuse_stranger(tx, person, firm, by_installer=False)
        _refuse_last_owner(tx, person, firm)
        data = {"reason": why, "tenant": firm}
        write = tx.record(AuditRecord(actor, "operator.disabled", f"operator:{person}", data))
        operators.disable_membership(write, person, firm)
        tokens.revoke_all(write, person, of=firm)
        return _shown(tx, person, of=firm)


def _disable_everywhere(
    registry: Registry, caller: Caller, person: OperatorId, *, why: str, now: Instant
) -> OperatorView:
    with registry.write(now=now) as tx:
        installer = require_installer(tx, caller)
        if not operators.exists(tx, person):
            raise not_yours()
        if person == installer:
            raise ConflictError("The installer cannot be disabled: nobody could add firms or apps any more.")
        for firm in operators.active_tenants(tx, person):
            _refuse_last_owner(tx, person, firm)
        data = {"reason": why, "tenant": None}
        write = tx.record(AuditRecord(operator_actor(installer), "operator.disabled", f"operator:{person}", data))
        operators.set_state(write, person, OperatorState.DISABLED)
        tokens.revoke_all(write, person)
        return _shown(tx, person, of=None)


def _refuse_stranger(tx: Tx, person: OperatorId, firm: TenantId, *, by_installer: bool) -> None:
    """One answer for somebody who does not exist and somebody of another firm."""
    known = operators.exists(tx, person) if by_installer else operators.membership(tx, person, firm) is not None
    if not known:
        raise not_yours()


def _refuse_last_owner(tx: Tx, person: OperatorId, firm: TenantId) -> None:
    if operators.active_owners(tx, firm) == {person}:
        raise ConflictError(
            f"{person} is the last owner of {firm}.", hint="Make somebody else owner first: `lhwa operator set-role`."
        )


def _shown(view: View, person: OperatorId, *, of: TenantId | None) -> OperatorView:
    return next(found for found in operators.every(view, of=of) if found.id == person)
