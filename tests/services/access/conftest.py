from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key
from lhwa.registry.registry import Registry
from lhwa.services.access import apps, operators, tenants, tokens
from lhwa.services.access.callers import Caller
from lhwa.services.access.installation import init_installation

CallerAs = Callable[[str, str], Caller]


@pytest.fixture
def now() -> Instant:
    return datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def me() -> Caller:
    """The installer, without a token."""
    return Caller(os_uid=1000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def empty(path: Path, now: Instant) -> Iterator[Registry]:
    """An installation of Sari, without firms."""
    with init_installation(path, Key.random(), operator="sari", name="Sari Contoh", os_uid=1000, now=now) as made:
        yield made


@pytest.fixture
def registry(empty: Registry, me: Caller, now: Instant) -> Registry:
    """Two firms on one app; Sari owns both."""
    apps.add_app(empty, me, "main", app_secret="sample-app-secret-0001", verify_token="sample-verify", now=now)
    for number, firm in enumerate(("firma", "lain"), start=1):
        tenants.add_tenant(
            empty,
            me,
            firm,
            name="Firma Contoh",
            waba_id=f"20000{number}",
            phone_number_ids=[f"30000{number}"],
            app="main",
            time_zone="WIB",
            now=now,
        )
    return empty


@pytest.fixture
def caller_as(registry: Registry, me: Caller, now: Instant) -> CallerAs:
    """Somebody with a role in a firm, by a token: `caller_as("firma", "lawyer")` is the operator `lawyer.firma`."""

    def make(firm: str, role: str) -> Caller:
        person = f"{role}.{firm}"
        operators.add_operator(registry, me, firm, operator=person, name="Orang Contoh", role=role, now=now)
        return Caller(token=tokens.issue_token(registry, me, firm, operator=person, now=now).text)

    return make
