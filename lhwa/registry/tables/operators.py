"""Operators and their roles."""

from __future__ import annotations

from typing import Any

from lhwa.domain.access import Role
from lhwa.domain.ids import OperatorId, TenantId
from lhwa.domain.instants import from_ms, to_ms
from lhwa.registry.connection import rows_of
from lhwa.registry.transaction import View, Writer
from lhwa.registry.views import Membership, OperatorState, OperatorView, tenant_id

_OWNERS = """SELECT r.operator FROM operator_role r JOIN operator o ON o.id = r.operator
    WHERE r.tenant = ? AND r.role = 'owner' AND r.state = 'active' AND o.state = 'active'"""


def exists(view: View, operator: OperatorId) -> bool:
    """True when there is such an operator anywhere."""
    return view.row("SELECT 1 FROM operator WHERE id = ?", operator) is not None


def find(view: View, operator: OperatorId) -> OperatorView | None:
    """One operator with all memberships."""
    return next((found for found in every(view) if found.id == operator), None)


@rows_of("operator")
def every(view: View, *, of: TenantId | None = None) -> tuple[OperatorView, ...]:
    """All operators; with `of`, those of one firm, and nothing about their other firms."""
    memberships: dict[str, list[Membership]] = {}
    with rows_of("operator_role"):
        for row in view.rows("SELECT * FROM operator_role WHERE ?1 IS NULL OR tenant = ?1 ORDER BY tenant", of):
            member = Membership(tenant_id(row["tenant"]), Role(row["role"]), OperatorState(row["state"]))
            memberships.setdefault(row["operator"], []).append(member)
    return tuple(
        _view(row, tuple(memberships.get(row["id"], ())))
        for row in view.rows("SELECT * FROM operator ORDER BY id")
        if of is None or row["id"] in memberships
    )


def installer(view: View) -> OperatorId | None:
    """The operator who made this installation; None until there is one."""
    row = view.row("SELECT id FROM operator WHERE is_installer = 1")
    return None if row is None else OperatorId(row["id"])


def installer_with_uid(view: View, os_uid: int) -> OperatorId | None:
    """The installer, when this user of the operating system is the one."""
    row = view.row("SELECT id FROM operator WHERE is_installer = 1 AND os_uid = ? AND state = 'active'", os_uid)
    return None if row is None else OperatorId(row["id"])


@rows_of("operator_role")
def membership(view: View, operator: OperatorId, tenant: TenantId) -> Membership | None:
    """The role of an operator in a firm, disabled ones included; None when there is none."""
    row = view.row("SELECT * FROM operator_role WHERE operator = ? AND tenant = ?", operator, tenant)
    return None if row is None else Membership(tenant, Role(row["role"]), OperatorState(row["state"]))


@rows_of("operator_role")
def active_role(view: View, operator: OperatorId, tenant: TenantId) -> Role | None:
    """The role in which an operator may act in a firm now."""
    row = view.row(
        """SELECT r.role FROM operator_role r JOIN operator o ON o.id = r.operator
        WHERE r.operator = ? AND r.tenant = ? AND r.state = 'active' AND o.state = 'active'""",
        operator,
        tenant,
    )
    return None if row is None else Role(row["role"])


@rows_of("operator_role")
def active_tenants(view: View, operator: OperatorId) -> tuple[TenantId, ...]:
    """The firms in which an operator may act now."""
    rows = view.rows(
        """SELECT r.tenant FROM operator_role r JOIN operator o ON o.id = r.operator
        WHERE r.operator = ? AND r.state = 'active' AND o.state = 'active' ORDER BY r.tenant""",
        operator,
    )
    return tuple(tenant_id(row["tenant"]) for row in rows)


def active_owners(view: View, tenant: TenantId) -> frozenset[OperatorId]:
    """Who owns a firm now."""
    return frozenset(OperatorId(row["operator"]) for row in view.rows(_OWNERS, tenant))


def insert(write: Writer, operator: OperatorId, *, name: str, os_uid: int | None, is_installer: bool) -> None:
    """Add an operator without roles."""
    write.insert(
        "operator",
        id=operator,
        name=name,
        state=OperatorState.ACTIVE.value,
        os_uid=os_uid,
        is_installer=int(is_installer),
        created_at=to_ms(write.now),
    )


def put_role(write: Writer, operator: OperatorId, tenant: TenantId, role: Role) -> None:
    """Give a role in a firm in place of any other; a disabled membership counts again."""
    write.execute(
        """INSERT INTO operator_role (operator, tenant, role, state) VALUES (?, ?, ?, 'active')
        ON CONFLICT (operator, tenant) DO UPDATE SET role = excluded.role, state = 'active'""",
        operator,
        tenant,
        role.value,
    )


def set_state(write: Writer, operator: OperatorId, state: OperatorState) -> None:
    """Disable or enable everywhere."""
    write.execute("UPDATE operator SET state = ? WHERE id = ?", state.value, operator)


def disable_membership(write: Writer, operator: OperatorId, tenant: TenantId) -> None:
    """Take an operator out of one firm."""
    write.execute(
        "UPDATE operator_role SET state = 'disabled' WHERE operator = ? AND tenant = ?",
        operator,
        tenant,
    )


def _view(row: dict[str, Any], memberships: tuple[Membership, ...]) -> OperatorView:
    return OperatorView(
        id=OperatorId(row["id"]),
        name=row["name"],
        state=OperatorState(row["state"]),
        is_installer=bool(row["is_installer"]),
        memberships=memberships,
        created_at=from_ms(row["created_at"]),
    )
