from __future__ import annotations

from collections.abc import Callable

import pytest

from lhwa.domain.access import Role
from lhwa.domain.instants import Instant
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.registry.registry import Registry
from lhwa.registry.views import Membership, OperatorState, OperatorView
from lhwa.services.access import operators, tokens
from lhwa.services.access.callers import Caller, authenticate

CallerAs = Callable[[str, str], Caller]


def add(registry: Registry, caller: Caller, firm: str, person: str, role: str, now: Instant) -> OperatorView:
    return operators.add_operator(registry, caller, firm, operator=person, name="Orang Contoh", role=role, now=now)


def test_an_owner_adds_people_to_the_own_firm(registry: Registry, caller_as: CallerAs, now: Instant) -> None:
    owner = caller_as("firma", "owner")
    budi = add(registry, owner, "firma", "budi", "lawyer", now)
    assert [(each.tenant, each.role, each.state) for each in budi.memberships] == [
        ("firma", Role.LAWYER, OperatorState.ACTIVE)
    ]
    assert not budi.is_installer
    listed = operators.list_operators(registry, owner, "firma", now=now)
    assert [each.id for each in listed] == ["budi", "owner.firma", "sari"]


def test_an_id_is_given_once_in_an_installation(registry: Registry, me: Caller, now: Instant) -> None:
    add(registry, me, "firma", "budi", "lawyer", now)
    with pytest.raises(ConflictError, match="taken"):
        add(registry, me, "lain", "budi", "lawyer", now)


@pytest.mark.parametrize("role", ["", "admin", "Owner"])
def test_an_unknown_role_is_refused(registry: Registry, me: Caller, now: Instant, role: str) -> None:
    with pytest.raises(UsageError):
        add(registry, me, "firma", "budi", role, now)


def test_an_owner_learns_nothing_of_other_firms(
    registry: Registry, me: Caller, caller_as: CallerAs, now: Instant
) -> None:
    owner = caller_as("firma", "owner")
    add(registry, me, "firma", "budi", "lawyer", now)
    add(registry, me, "lain", "tuti", "lawyer", now)
    operators.set_role(registry, me, "lain", operator="budi", role="staff", now=now)
    listed = operators.list_operators(registry, owner, "firma", now=now)
    assert {each.id for each in listed} == {"budi", "owner.firma", "sari"}
    assert {member.tenant for each in listed for member in each.memberships} == {"firma"}
    acts: tuple[Callable[[str], object], ...] = (
        lambda person: operators.set_role(registry, owner, "firma", operator=person, role="staff", now=now),
        lambda person: operators.disable_operator(registry, owner, "firma", operator=person, reason="x", now=now),
        lambda person: tokens.issue_token(registry, owner, "firma", operator=person, now=now),
    )
    for act in acts:
        answers = set()
        for person in ("tuti", "absent", "../x"):
            with pytest.raises(NotAllowedError) as refused:
                act(person)
            answers.add((refused.value.message, refused.value.hint))
        assert len(answers) == 1


def test_an_owner_manages_neither_another_firm_nor_all(registry: Registry, caller_as: CallerAs, now: Instant) -> None:
    owner = caller_as("firma", "owner")
    acts: tuple[Callable[[], object], ...] = (
        lambda: add(registry, owner, "lain", "budi", "owner", now),
        lambda: operators.list_operators(registry, owner, "lain", now=now),
        lambda: operators.list_operators(registry, owner, None, now=now),
        lambda: operators.disable_operator(registry, owner, "lain", operator="sari", reason="x", now=now),
        lambda: operators.disable_operator(registry, owner, None, operator="owner.firma", reason="x", now=now),
    )
    for act in acts:
        with pytest.raises(NotAllowedError):
            act()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_nobody_but_an_owner_manages_people(registry: Registry, caller_as: CallerAs, now: Instant, role: Role) -> None:
    somebody = caller_as("firma", role.value)
    acts: tuple[Callable[[], object], ...] = (
        lambda: add(registry, somebody, "firma", "budi", "owner", now),
        lambda: operators.list_operators(registry, somebody, "firma", now=now),
        lambda: operators.set_role(registry, somebody, "firma", operator="sari", role="staff", now=now),
        lambda: operators.disable_operator(registry, somebody, "firma", operator="sari", reason="x", now=now),
        lambda: tokens.issue_token(registry, somebody, "firma", operator=f"{role.value}.firma", now=now),
        lambda: tokens.list_tokens(registry, somebody, "firma", now=now),
    )
    size = registry.audit_frontier().n
    for act in acts:
        with pytest.raises(NotAllowedError):
            act()
    assert registry.audit_frontier().n == size


def test_a_firm_is_never_left_without_an_owner(registry: Registry, me: Caller, now: Instant) -> None:
    with pytest.raises(ConflictError, match="last owner"):
        operators.set_role(registry, me, "firma", operator="sari", role="lawyer", now=now)
    with pytest.raises(ConflictError, match="last owner"):
        operators.disable_operator(registry, me, "firma", operator="sari", reason="x", now=now)
    add(registry, me, "firma", "budi", "owner", now)
    operators.disable_operator(registry, me, "firma", operator="sari", reason="x", now=now)
    with pytest.raises(ConflictError, match="last owner"):
        operators.disable_operator(registry, me, None, operator="budi", reason="x", now=now)
    with pytest.raises(ConflictError, match="last owner"):
        operators.set_role(registry, me, "firma", operator="budi", role="staff", now=now)


def test_an_owner_who_is_disabled_everywhere_does_not_count(registry: Registry, me: Caller, now: Instant) -> None:
    add(registry, me, "firma", "budi", "owner", now)
    operators.disable_operator(registry, me, None, operator="budi", reason="x", now=now)
    with pytest.raises(ConflictError, match="last owner"):
        operators.disable_operator(registry, me, "firma", operator="sari", reason="x", now=now)


def test_the_installer_stays(registry: Registry, me: Caller, now: Instant) -> None:
    for firm in ("firma", "lain"):
        add(registry, me, firm, f"budi.{firm}", "owner", now)
    with pytest.raises(ConflictError, match="installer"):
        operators.disable_operator(registry, me, None, operator="sari", reason="x", now=now)


def test_leaving_one_firm_ends_the_tokens_there_and_only_there(
    registry: Registry, me: Caller, caller_as: CallerAs, now: Instant
) -> None:
    here = caller_as("firma", "lawyer")
    operators.set_role(registry, me, "lain", operator="lawyer.firma", role="staff", now=now)
    there = Caller(token=tokens.issue_token(registry, me, "lain", operator="lawyer.firma", now=now).text)
    left = operators.disable_operator(registry, me, "firma", operator="lawyer.firma", reason="pindah", now=now)
    assert left.memberships == (Membership(left.memberships[0].tenant, Role.LAWYER, OperatorState.DISABLED),)
    assert authenticate(registry, there, "lain", now=now).role is Role.STAFF
    with pytest.raises(NotAllowedError):
        authenticate(registry, here, "firma", now=now)
    operators.set_role(registry, me, "firma", operator="lawyer.firma", role="lawyer", now=now)
    with pytest.raises(NotAllowedError):
        authenticate(registry, here, "firma", now=now)


def test_the_installer_brings_somebody_back(registry: Registry, me: Caller, now: Instant) -> None:
    add(registry, me, "firma", "budi", "lawyer", now)
    gone = operators.disable_operator(registry, me, None, operator="budi", reason="x", now=now)
    assert gone.state is OperatorState.DISABLED
    back = operators.set_role(registry, me, "firma", operator="budi", role="staff", now=now)
    assert (back.state, back.memberships[0].state) == (OperatorState.ACTIVE, OperatorState.ACTIVE)


def test_names_of_people_stay_out_of_the_audit_log(registry: Registry, me: Caller, now: Instant) -> None:
    add(registry, me, "firma", "budi", "lawyer", now)
    assert b"Contoh" not in b"".join(row.entry for row in registry.audit_entries())


def test_who_acts_in_a_firm_learns_the_names_of_its_people_and_of_nobody_else(
    registry: Registry, me: Caller, caller_as: CallerAs, now: Instant
) -> None:
    add(registry, me, "firma", "budi", "lawyer", now)
    add(registry, me, "lain", "tuti", "lawyer", now)
    clerk = caller_as("firma", "staff")
    operators.disable_operator(registry, me, "firma", operator="budi", reason="x", now=now)
    names = operators.names_in(registry, clerk, "firma", now=now)
    assert names["budi"] == "Orang Contoh", "also of those who left"
    assert "tuti" not in names
    with pytest.raises(NotAllowedError):
        operators.names_in(registry, clerk, "lain", now=now)
