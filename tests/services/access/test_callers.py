from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from lhwa.domain.access import NOT_YOURS, Permission, Role
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.errors import NotAllowedError, UsageError
from lhwa.registry.registry import Registry
from lhwa.services.access import operators, tenants, tokens
from lhwa.services.access.callers import Caller, authenticate, authorise, os_uid, own_tenants, pick_tenant

CallerAs = Callable[[str, str], Caller]
FIRMA = TenantId("firma")
STRANGER = Caller(os_uid=4711)


def test_the_installer_acts_under_the_role_of_each_firm(registry: Registry, me: Caller, now: Instant) -> None:
    assert authenticate(registry, me, "firma", now=now).role is Role.OWNER
    operators.add_operator(registry, me, "firma", operator="budi", name="Budi", role="owner", now=now)
    operators.set_role(registry, me, "firma", operator="sari", role="staff", now=now)
    assert authenticate(registry, me, "firma", now=now).role is Role.STAFF
    assert authenticate(registry, me, "lain", now=now).role is Role.OWNER


def test_a_token_in_use_wins_over_the_user_id(registry: Registry, caller_as: CallerAs, now: Instant) -> None:
    token = caller_as("firma", "auditor").token
    assert authenticate(registry, Caller(token=token, os_uid=1000), "firma", now=now).operator == "auditor.firma"
    for wrong in ("lhwa_wrong", ""):
        with pytest.raises(NotAllowedError):
            authenticate(registry, Caller(token=wrong, os_uid=1000), "firma", now=now)


def test_every_refusal_is_the_same_answer(registry: Registry, me: Caller, caller_as: CallerAs, now: Instant) -> None:
    lawyer, revoked, leaver, everywhere = (
        caller_as("firma", role) for role in ("lawyer", "staff", "finance", "auditor")
    )
    (listed,) = (each for each in tokens.list_tokens(registry, me, "firma", now=now) if each.operator == "staff.firma")
    tokens.revoke_token(registry, me, "firma", token_id=listed.id, now=now)
    operators.disable_operator(registry, me, "firma", operator="finance.firma", reason="sample", now=now)
    operators.disable_operator(registry, me, None, operator="auditor.firma", reason="sample", now=now)
    late = now + timedelta(days=90)
    cases: list[tuple[str, Caller, str, Instant]] = [
        ("unknown token", Caller(token="lhwa_unknown"), "firma", now),
        ("empty token", Caller(token=""), "firma", now),
        ("token that is no text", Caller(token="lhwa_\udcff\x00"), "firma", now),
        ("expired token", lawyer, "firma", late),
        ("revoked token", revoked, "firma", now),
        ("left the firm", leaver, "firma", now),
        ("disabled everywhere", everywhere, "firma", now),
        ("other firm's token", lawyer, "lain", now),
        ("firm that is not there", lawyer, "absent", now),
        ("name that is no firm", lawyer, "../firma", now),
        ("installer, absent firm", me, "absent", now),
        ("stranger", STRANGER, "firma", now),
        ("nobody", Caller(), "firma", now),
    ]
    answers = {}
    for label, caller, firm, at in cases:
        with pytest.raises(NotAllowedError) as refused:
            authenticate(registry, caller, firm, now=at)
        answers[label] = (type(refused.value), refused.value.message, refused.value.hint, refused.value.retryable)
    assert set(answers.values()) == {next(iter(answers.values()))}
    assert next(iter(answers.values()))[1] == NOT_YOURS
    assert authenticate(registry, lawyer, "firma", now=late - timedelta(milliseconds=1)).role is Role.LAWYER


@pytest.mark.parametrize("permission", [Permission.MANAGE_PEOPLE, Permission.MANAGE_FIRM])
@pytest.mark.parametrize("role", Role)
def test_only_owners_and_the_installer_manage_a_firm(
    registry: Registry, me: Caller, caller_as: CallerAs, now: Instant, role: Role, permission: Permission
) -> None:
    somebody = caller_as("firma", role.value)
    with registry.read() as view:
        assert authorise(view, me, FIRMA, permission, now=now) == "sari"
    if role is Role.OWNER:
        with registry.read() as view:
            assert authorise(view, somebody, FIRMA, permission, now=now) == "owner.firma"
        return
    with registry.read() as view, pytest.raises(NotAllowedError, match=permission.value):
        authorise(view, somebody, FIRMA, permission, now=now)


def test_the_use_of_a_token_is_noted_once_an_hour_and_not_audited(
    registry: Registry, me: Caller, caller_as: CallerAs, now: Instant
) -> None:
    lawyer = caller_as("firma", "lawyer")
    size = registry.audit_frontier().n
    seen = []
    for minutes in (0, 59, 60):
        authenticate(registry, lawyer, "firma", now=now + timedelta(minutes=minutes))
        seen.append(tokens.list_tokens(registry, me, "firma", now=now)[0].last_used_at)
    assert seen == [now, now, now + timedelta(hours=1)]
    assert registry.audit_frontier().n == size


def test_with_one_firm_nobody_has_to_name_it(registry: Registry, caller_as: CallerAs, now: Instant) -> None:
    lawyer = caller_as("firma", "lawyer")
    assert pick_tenant(registry, lawyer, None, now=now) == "firma"
    assert pick_tenant(registry, lawyer, "firma", now=now) == "firma"


def test_with_several_firms_only_the_callers_own_are_named(registry: Registry, me: Caller, now: Instant) -> None:
    with pytest.raises(UsageError, match="Yours are: firma, lain"):
        pick_tenant(registry, me, None, now=now)
    operators.add_operator(registry, me, "lain", operator="budi", name="Budi", role="owner", now=now)
    operators.disable_operator(registry, me, "lain", operator="sari", reason="sample", now=now)
    assert pick_tenant(registry, me, None, now=now) == "firma"
    assert pick_tenant(registry, me, "lain", now=now) == "lain"


def test_without_any_firm_the_hint_says_how_to_add_one(empty: Registry, me: Caller, now: Instant) -> None:
    with pytest.raises(UsageError) as refused:
        pick_tenant(empty, me, None, now=now)
    assert "lhwa tenant add" in refused.value.hint


def test_a_firm_that_is_not_the_callers_is_not_there(registry: Registry, caller_as: CallerAs, now: Instant) -> None:
    lawyer = caller_as("firma", "lawyer")
    answers = set()
    for caller, wanted in ((lawyer, "lain"), (lawyer, "absent"), (STRANGER, "firma"), (STRANGER, None)):
        with pytest.raises(NotAllowedError) as refused:
            pick_tenant(registry, caller, wanted, now=now)
        answers.add((refused.value.message, refused.value.hint))
    assert len(answers) == 1


def test_a_caller_does_not_show_the_token() -> None:
    assert "canary" not in repr(Caller(token="lhwa_canary", os_uid=1000))


def test_the_user_id_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 1234)
    assert os_uid() == 1234
    monkeypatch.delattr("os.getuid")
    assert os_uid() is None


def test_a_suspended_firm_still_knows_its_people(registry: Registry, me: Caller, now: Instant) -> None:
    tenants.suspend_tenant(registry, me, "firma", reason="sample", now=now)
    assert authenticate(registry, me, "firma", now=now).role is Role.OWNER


def test_own_firms_are_all_of_the_installer_and_one_of_a_token(
    registry: Registry, me: Caller, caller_as: CallerAs, now: Instant
) -> None:
    assert own_tenants(registry, me, now=now) == ("firma", "lain")
    assert own_tenants(registry, caller_as("firma", "staff"), now=now) == ("firma",)
    with pytest.raises(NotAllowedError):
        own_tenants(registry, Caller(token="lhwa_wrong", os_uid=1000), now=now)
