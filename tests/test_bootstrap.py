from __future__ import annotations

from pathlib import Path

import pytest

from lhwa.bootstrap import open_clock, open_store
from lhwa.config import Home
from lhwa.domain.audit import AuditRecord
from lhwa.domain.jobs import JobKind
from lhwa.domain.keys import TenantKeys
from lhwa.errors import StorageError
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import FIRM, tenant_keys


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def keys() -> TenantKeys:
    return tenant_keys()


def opened(home: Home, keys: TenantKeys, *, is_daemon: bool = False) -> Store:
    return open_store(home, FIRM, keys, clock=open_clock(), is_daemon=is_daemon)


def put_job(tx: Tx) -> None:
    tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
    tx.jobs.put(JobKind.ALERT_STAFF, b"{}", place="p")


def test_a_firm_gets_its_files_once(home: Home, keys: TenantKeys) -> None:
    for _ in range(2):
        with opened(home, keys) as store:
            assert store.read(lambda tx: (tx.firm(), tx.audit.frontier().size)) == (FIRM, 1)


@pytest.mark.parametrize("lost", ["tenant.db", "keys.db"])
def test_a_lost_file_is_not_replaced(home: Home, keys: TenantKeys, lost: str) -> None:
    opened(home, keys).close()
    (home.tenant_db(FIRM).parent / lost).unlink()
    with pytest.raises(StorageError):
        opened(home, keys)
    assert not (home.tenant_db(FIRM).parent / lost).exists()


@pytest.mark.parametrize("is_daemon", [False, True])
def test_only_other_processes_wake_the_daemon(home: Home, keys: TenantKeys, *, is_daemon: bool) -> None:
    with opened(home, keys, is_daemon=is_daemon) as store:
        store.write(put_job)
    assert (home.wake_dir / FIRM).exists() is not is_daemon


def test_two_processes_may_open_a_new_firm_one_after_the_other(home: Home, keys: TenantKeys) -> None:
    with opened(home, keys) as one, opened(home, keys) as other:
        one.write(put_job)
        other.write(put_job)
        assert one.read(lambda tx: tx.audit.frontier().size) == 3
