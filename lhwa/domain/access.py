"""Roles, permissions, and who is acting. Deny unless granted.

Services ask `principal.require(...)`; front ends hold no rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lhwa.domain.ids import OperatorId, TenantId
from lhwa.errors import NotAllowedError


class Role(StrEnum):
    """What an operator is in one firm."""

    OWNER = "owner"
    LAWYER = "lawyer"
    STAFF = "staff"
    FINANCE = "finance"
    AUDITOR = "auditor"
    SERVICE = "service"


class Permission(StrEnum):
    """One thing that can be allowed."""

    READ_CONTENT = "read_content"
    """See message text, names, masked numbers."""
    READ_RECORDS = "read_records"
    """See that messages, events and jobs exist, without content."""
    READ_AUDIT = "read_audit"
    """Read and verify the audit log."""
    WRITE_TO_CLIENTS = "write_to_clients"
    """Ask for a message to a client; the firm's policy says whether a second person has to agree."""
    APPROVE_OUTBOUND = "approve_outbound"
    """Approve or decline what somebody else wrote; resolve what is in doubt."""
    RUN_INTAKE = "run_intake"
    """Speak with a client in the place of a tree, hand back, name parties, have conflicts looked for."""
    DECIDE_INTAKE = "decide_intake"
    """Accept or reject an intake, decide on conflicts, have another question asked: a lawyer's judgement."""
    OPERATE_QUEUE = "operate_queue"
    """Replay events, retry or discard dead letters."""
    MANAGE_PEOPLE = "manage_people"
    """Add operators, change roles, issue and revoke tokens of this firm."""
    MANAGE_FIRM = "manage_firm"
    """Suspend, resume, add numbers."""


GRANTS: dict[Role, frozenset[Permission]] = {
    # Who owns the installation need not be a lawyer.
    Role.OWNER: frozenset(Permission) - {Permission.DECIDE_INTAKE},
    Role.LAWYER: frozenset(
        {
            Permission.READ_CONTENT,
            Permission.READ_RECORDS,
            Permission.READ_AUDIT,
            Permission.WRITE_TO_CLIENTS,
            Permission.APPROVE_OUTBOUND,
            Permission.RUN_INTAKE,
            Permission.DECIDE_INTAKE,
        }
    ),
    Role.STAFF: frozenset(
        {Permission.READ_CONTENT, Permission.READ_RECORDS, Permission.WRITE_TO_CLIENTS, Permission.RUN_INTAKE}
    ),
    Role.FINANCE: frozenset({Permission.READ_RECORDS}),
    Role.AUDITOR: frozenset({Permission.READ_AUDIT, Permission.READ_RECORDS}),
    Role.SERVICE: frozenset({Permission.READ_RECORDS, Permission.OPERATE_QUEUE}),
}

NOT_YOURS = "There is no such thing here, or it is not yours."
"""One sentence for `does not exist` and `not allowed`: nobody learns which."""


@dataclass(frozen=True, slots=True)
class Principal:
    """An operator acting in one firm under one role."""

    operator: OperatorId
    tenant: TenantId
    role: Role

    def may(self, permission: Permission) -> bool:
        """True when the role grants it."""
        return permission in GRANTS.get(self.role, frozenset())

    def require(self, permission: Permission) -> None:
        """Raise NotAllowedError unless the role grants it."""
        if not self.may(permission):
            able = ", ".join(role.value for role, granted in GRANTS.items() if permission in granted)
            raise NotAllowedError(
                f"The role {self.role.value} may not do this ({permission.value}).",
                hint=f"These roles may: {able}. Ask one of them, or use another token.",
            )
