from __future__ import annotations

import pytest

from lhwa.domain.access import GRANTS, Permission, Principal, Role
from lhwa.domain.ids import OperatorId, TenantId
from lhwa.errors import NotAllowedError

CONTENT, RECORDS, AUDIT = Permission.READ_CONTENT, Permission.READ_RECORDS, Permission.READ_AUDIT
WRITE = Permission.WRITE_TO_CLIENTS
RUN, DECIDE = Permission.RUN_INTAKE, Permission.DECIDE_INTAKE


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        (Role.OWNER, set(Permission) - {DECIDE}),
        (Role.LAWYER, {CONTENT, RECORDS, AUDIT, WRITE, RUN, DECIDE, Permission.APPROVE_OUTBOUND}),
        (Role.STAFF, {CONTENT, RECORDS, WRITE, RUN}),
        (Role.FINANCE, {RECORDS}),
        (Role.AUDITOR, {AUDIT, RECORDS}),
        (Role.SERVICE, {RECORDS, Permission.OPERATE_QUEUE}),
    ],
)
def test_what_a_role_may(role: Role, granted: set[Permission]) -> None:
    principal = Principal(OperatorId("sari"), TenantId("firma"), role)
    for permission in Permission:
        assert principal.may(permission) == (permission in granted)
        if permission in granted:
            principal.require(permission)
        else:
            with pytest.raises(NotAllowedError) as refused:
                principal.require(permission)
            assert refused.value.hint


def test_every_role_is_in_the_table() -> None:
    assert set(GRANTS) == set(Role)
