from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.access import GRANTS, Permission, Principal, Role
from lhwa.domain.ids import OperatorId, TenantId
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.access import rules

NOW = datetime(2026, 11, 22, tzinfo=UTC)

MAY = {
    Role.OWNER: set(Permission) - {Permission.DECIDE_INTAKE},
    Role.LAWYER: {
        Permission.READ_CONTENT,
        Permission.READ_RECORDS,
        Permission.READ_AUDIT,
        Permission.WRITE_TO_CLIENTS,
        Permission.APPROVE_OUTBOUND,
        Permission.RUN_INTAKE,
        Permission.DECIDE_INTAKE,
    },
    Role.STAFF: {
        Permission.READ_CONTENT,
        Permission.READ_RECORDS,
        Permission.WRITE_TO_CLIENTS,
        Permission.RUN_INTAKE,
    },
    Role.FINANCE: {Permission.READ_RECORDS},
    Role.AUDITOR: {Permission.READ_AUDIT, Permission.READ_RECORDS},
    Role.SERVICE: {Permission.READ_RECORDS, Permission.OPERATE_QUEUE},
}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_this_and_nothing_else(role: Role, permission: Permission) -> None:
    principal = Principal(OperatorId("sari"), TenantId("firma"), role)
    assert principal.may(permission) is (permission in MAY[role])
    if permission not in MAY[role]:
        with pytest.raises(NotAllowedError):
            principal.require(permission)
    assert set(GRANTS) == set(Role)


@pytest.mark.parametrize(
    ("check", "good"),
    [
        (rules.tenant_id, "firma-contoh"),
        (rules.app_name, "main"),
        (rules.operator_id, "sari.contoh_2"),
        (rules.waba_id, "200300400500600"),
        (rules.phone_number_id, "301301301301301"),
        (rules.display_name, "Firma Contoh & Rekan"),
        (rules.reason, "salah ketik"),
        (rules.role, "lawyer"),
    ],
)
def test_what_is_right_passes_unchanged(check: Callable[[str], str], good: str) -> None:
    assert check(good) == good


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        (rules.tenant_id, ""),
        (rules.tenant_id, "Firma"),
        (rules.tenant_id, "../firma"),
        (rules.tenant_id, "a" * 32),
        (rules.tenant_id, "firma\n"),
        (rules.app_name, "main/../x"),
        (rules.operator_id, "Sari"),
        (rules.operator_id, "sari contoh"),
        (rules.waba_id, "2003004x"),
        (rules.waba_id, "٢٠٠٣٠٠٤٠٠"),
        (rules.waba_id, ""),
        (rules.phone_number_id, "+628120000001"),
        (rules.phone_number_id, "0812 0000 001"),
        (rules.phone_number_id, "3013013\n"),
        (rules.display_name, "  "),
        (rules.display_name, "a\nb"),
        (rules.display_name, "\x1b[2J"),
        (rules.display_name, "a" * 121),
        (rules.reason, ""),
        (rules.reason, "\ud800"),
        (rules.role, "admin"),
        (rules.role, "OWNER"),
        (rules.time_zone, "Asia/Bandung"),
        (rules.time_zone, "../../etc/passwd"),
        (rules.time_zone, "/etc/localtime"),
        (rules.time_zone, "Asia"),
        (rules.time_zone, ""),
        (rules.time_zone, "a\x00b"),
        (rules.app_secret, "short"),
        (rules.app_secret, "sample app secret with spaces"),
        (rules.app_secret, "sämple-app-secret-0001"),
        (rules.app_secret, "sample-app-secret-0001\n"),
        (rules.app_secret, "a" * 5000),
        (rules.verify_token, ""),
        (rules.access_token, ""),
        (rules.access_token, "a\r\nHost: b"),
    ],
)
def test_what_is_wrong_is_refused(check: Callable[[str], object], bad: str) -> None:
    with pytest.raises(UsageError):
        check(bad)


@given(st.text(min_size=4))
def test_numbers_and_secrets_are_never_repeated_in_an_error(text: str) -> None:
    for check in (rules.phone_number_id, rules.waba_id, rules.app_secret, rules.verify_token):
        with pytest.raises(UsageError) as refused:
            check(f"+{text}\n")
        assert f"{text}\n" not in f"{refused.value.message} {refused.value.hint}"


@given(st.one_of(st.text(), st.from_regex(r"[a-z][a-z0-9-]{1,30}", fullmatch=True)))
def test_an_id_that_passes_is_a_plain_folder_name(text: str) -> None:
    try:
        passed = rules.tenant_id(text)
    except UsageError:
        return
    assert passed == text
    assert passed.isascii()
    assert not set(passed) & set("/\\.\x00 ")


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("WIB", "Asia/Jakarta"),
        ("wita", "Asia/Makassar"),
        ("WIT", "Asia/Jayapura"),
        ("Asia/Pontianak", "Asia/Pontianak"),
        ("UTC", "UTC"),
    ],
)
def test_the_zones_of_indonesia_have_short_names(written: str, zone: str) -> None:
    assert rules.time_zone(written) == zone


def test_a_firm_has_at_least_one_number_and_none_twice() -> None:
    assert rules.phone_number_ids(["300001", "300002"]) == ("300001", "300002")
    for wrong in ([], ["300001", "300001"], ["300001", "x"]):
        with pytest.raises(UsageError):
            rules.phone_number_ids(wrong)


def test_the_old_secret_ends_after_eight_days_or_when_somebody_says() -> None:
    assert rules.end_of_old_secret(None, now=NOW) == NOW + timedelta(days=8)
    assert rules.end_of_old_secret(NOW, now=NOW) == NOW
    with pytest.raises(UsageError):
        rules.end_of_old_secret(NOW - timedelta(seconds=1), now=NOW)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_token_lives_between_a_day_and_a_year(days: int) -> None:
    assert rules.end_of_token(1, now=NOW) == NOW + timedelta(days=1)
    with pytest.raises(UsageError):
        rules.end_of_token(days, now=NOW)
