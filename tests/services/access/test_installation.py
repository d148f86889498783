from __future__ import annotations

from pathlib import Path

import pytest

from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key
from lhwa.errors import ConfigError, ConflictError, UsageError
from lhwa.registry.registry import Registry
from lhwa.services.access import operators
from lhwa.services.access.callers import Caller
from lhwa.services.access.installation import init_installation


def test_the_first_operator_is_the_installer_bound_to_the_user(empty: Registry, me: Caller, now: Instant) -> None:
    (sari,) = operators.list_operators(empty, me, None, now=now)
    assert (sari.id, sari.is_installer, sari.memberships) == ("sari", True, ())
    assert b'"action":"installation.created","actor":"operator:sari"' in list(empty.audit_entries())[-1].entry


def test_a_second_installation_is_refused(path: Path, now: Instant) -> None:
    root = Key.random()
    init_installation(path, root, operator="sari", name="Sari", os_uid=1000, now=now).close()
    with pytest.raises(ConflictError):
        init_installation(path, root, operator="budi", name="Budi", os_uid=1001, now=now)
    with pytest.raises(ConfigError, match="another root key"):
        init_installation(path, Key.random(), operator="budi", name="Budi", os_uid=1001, now=now)


def test_an_installation_that_was_cut_off_is_finished(path: Path, me: Caller, now: Instant) -> None:
    root = Key.random()
    Registry.create(path, root, now=now).close()
    with init_installation(path, root, operator="sari", name="Sari", os_uid=1000, now=now) as registry:
        assert len(operators.list_operators(registry, me, None, now=now)) == 1


def test_a_wrong_name_leaves_no_file(path: Path, now: Instant) -> None:
    for operator, name in (("Sari Contoh", "Sari"), ("sari", "")):
        with pytest.raises(UsageError):
            init_installation(path, Key.random(), operator=operator, name=name, os_uid=1000, now=now)
    assert list(path.parent.iterdir()) == []
