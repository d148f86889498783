from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.registry.registry import Registry
from lhwa.registry.tables import tenants as rows
from lhwa.registry.views import TenantState, TenantView
from lhwa.services.access import tenants
from lhwa.services.access.callers import Caller

CallerAs = Callable[[str, str], Caller]


def add(registry: Registry, caller: Caller, now: Instant, **changes: Any) -> TenantView:
    given: dict[str, Any] = {
        "tenant": "baru",
        "name": "Firma Baru",
        "waba_id": "200009",
        "phone_number_ids": ["300009", "300010"],
        "app": "main",
        "time_zone": "WIT",
    }
    given |= changes
    return tenants.add_tenant(registry, caller, given.pop("tenant"), **given, now=now)


def last_entry(registry: Registry) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(list(registry.audit_entries())[-1].entry)
    return entry


def test_a_new_firm_has_numbers_a_key_and_an_owner(registry: Registry, me: Caller, now: Instant) -> None:
    baru = add(registry, me, now)
    assert (baru.id, baru.state, baru.time_zone) == ("baru", TenantState.ACTIVE, "Asia/Jayapura")
    assert (baru.phone_number_ids, baru.has_access_token, baru.created_at) == (("300009", "300010"), False, now)
    assert registry.tenant_keys(baru.id).older == ()
    assert registry.tenant_keys(baru.id) != registry.tenant_keys(tenants.show_tenant(registry, me, "firma", now=now).id)
    entry = last_entry(registry)
    assert (entry["action"], entry["actor"], entry["target"]) == ("tenant.added", "operator:sari", "tenant:baru")
    assert entry["data"]["owner"] == "sari"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"tenant": "firma"}, ConflictError),
        ({"waba_id": "200001"}, ConflictError),
        ({"phone_number_ids": ["300009", "300001"]}, ConflictError),
        ({"app": "absent"}, UsageError),
        ({"tenant": "../baru"}, UsageError),
        ({"waba_id": "+628120000001"}, UsageError),
        ({"phone_number_ids": []}, UsageError),
        ({"time_zone": "Asia/Bandung"}, UsageError),
        ({"access_token": ""}, UsageError),
    ],
    ids=lambda case: next(iter(case)) if isinstance(case, dict) else case.__name__,
)
def test_a_firm_that_cannot_be_leaves_no_trace(
    registry: Registry, me: Caller, now: Instant, changes: dict[str, Any], error: type[Exception]
) -> None:
    size = registry.audit_frontier().n
    with pytest.raises(error):
        add(registry, me, now, **changes)
    assert registry.audit_frontier().n == size
    assert [firm.id for firm in tenants.list_tenants(registry, me, now=now)] == ["firma", "lain"]


def test_only_the_installer_adds_firms(registry: Registry, caller_as: CallerAs, now: Instant) -> None:
    with pytest.raises(NotAllowedError):
        add(registry, caller_as("firma", "owner"), now)


def test_the_installer_sees_all_firms_and_a_token_its_own(
    registry: Registry, me: Caller, caller_as: CallerAs, now: Instant
) -> None:
    assert [firm.id for firm in tenants.list_tenants(registry, me, now=now)] == ["firma", "lain"]
    staff = caller_as("firma", "staff")
    assert [firm.id for firm in tenants.list_tenants(registry, staff, now=now)] == ["firma"]
    assert tenants.show_tenant(registry, staff, "firma", now=now).waba_id == "200001"
    for wanted in ("lain", "absent"):
        with pytest.raises(NotAllowedError):
            tenants.show_tenant(registry, staff, wanted, now=now)


def test_suspending_and_resuming_say_why(registry: Registry, caller_as: CallerAs, now: Instant) -> None:
    owner = caller_as("firma", "owner")
    assert (
        tenants.suspend_tenant(registry, owner, "firma", reason="belum bayar", now=now).state is TenantState.SUSPENDED
    )
    assert last_entry(registry)["data"] == {"reason": "belum bayar"}
    with pytest.raises(ConflictError, match="suspended already"):
        tenants.suspend_tenant(registry, owner, "firma", reason="lagi", now=now)
    assert tenants.resume_tenant(registry, owner, "firma", reason="lunas", now=now).state is TenantState.ACTIVE
    assert last_entry(registry)["action"] == "tenant.resumed"


def test_an_act_on_another_firm_is_answered_like_one_on_no_firm(
    registry: Registry, caller_as: CallerAs, now: Instant
) -> None:
    owner = caller_as("firma", "owner")
    acts: tuple[Callable[[str], object], ...] = (
        lambda firm: tenants.suspend_tenant(registry, owner, firm, reason="sample", now=now),
        lambda firm: tenants.resume_tenant(registry, owner, firm, reason="sample", now=now),
        lambda firm: tenants.set_access_token(registry, owner, firm, access_token="sample", now=now),
        lambda firm: tenants.add_phone_number(registry, owner, firm, phone_number_id="300099", now=now),
        lambda firm: tenants.show_tenant(registry, owner, firm, now=now),
    )
    for act in acts:
        answers = set()
        for firm in ("lain", "absent", "../x"):
            with pytest.raises(NotAllowedError) as refused:
                act(firm)
            answers.add((refused.value.message, refused.value.hint))
        assert len(answers) == 1


def test_an_access_token_is_sealed_and_replaced(registry: Registry, me: Caller, now: Instant, path: Path) -> None:
    for token in ("needle-one", "needle-two"):
        assert tenants.set_access_token(registry, me, "firma", access_token=token, now=now).has_access_token
    with registry.read() as view:
        assert rows.access_token(view, TenantId("firma")) == b"needle-two"
    registry.close()
    assert b"needle" not in path.read_bytes()


def test_a_number_belongs_to_one_firm(registry: Registry, me: Caller, now: Instant) -> None:
    assert tenants.add_phone_number(registry, me, "firma", phone_number_id="300007", now=now).phone_number_ids == (
        "300001",
        "300007",
    )
    for taken in ("300007", "300002"):
        with pytest.raises(ConflictError):
            tenants.add_phone_number(registry, me, "lain", phone_number_id=taken, now=now)


def test_a_wrong_number_can_be_taken_back_but_not_the_last_one(registry: Registry, me: Caller, now: Instant) -> None:
    tenants.add_phone_number(registry, me, "firma", phone_number_id="300007", now=now)
    view = tenants.remove_phone_number(registry, me, "firma", phone_number_id="300007", now=now)
    assert view.phone_number_ids == ("300001",)
    assert last_entry(registry)["action"] == "tenant.number_removed"
    for number in ("300007", "300001"):
        with pytest.raises(ConflictError):
            tenants.remove_phone_number(registry, me, "firma", phone_number_id=number, now=now)


@pytest.mark.parametrize("number", ["6281234567890", "081234567890", "622150001234"])
def test_a_telephone_number_is_no_phone_number_id(registry: Registry, me: Caller, now: Instant, number: str) -> None:
    with pytest.raises(UsageError, match="telephone") as refused:
        tenants.add_phone_number(registry, me, "firma", phone_number_id=number, now=now)
    assert number not in refused.value.message + refused.value.hint
