from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lhwa.domain.ids import TenantId
from lhwa.domain.jobs import JobKind
from lhwa.errors import StorageError
from lhwa.store.pool import StorePool
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import open_firm, tenant_keys

KEYS = tenant_keys()


def is_open(store: Store) -> bool:
    return store._connection is not None


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def pool(tmp_path: Path, opened: list[str]) -> StorePool:
    def opening(tenant: TenantId) -> Store:
        opened.append(tenant)
        if tenant == "broken":
            raise StorageError("x")
        return open_firm(tmp_path / tenant, tenant=tenant, keys=KEYS)

    return StorePool(opening, open_max=2)


def test_the_most_recently_used_stay_open(pool: StorePool, opened: list[str]) -> None:
    a, b = pool.get(TenantId("a")), pool.get(TenantId("b"))
    assert pool.get(TenantId("a")) is a
    c = pool.get(TenantId("c"))
    assert [is_open(store) for store in (a, b, c)] == [True, False, True]
    assert len(pool) == 2
    assert opened == ["a", "b", "c"]
    pool.close()
    assert not any(is_open(store) for store in (a, b, c))
    assert len(pool) == 0


def test_a_dropped_store_is_opened_anew(pool: StorePool, opened: list[str]) -> None:
    first = pool.get(TenantId("a"))
    pool.drop(TenantId("a"))
    pool.drop(TenantId("a"))
    assert not is_open(first)
    assert pool.get(TenantId("a")) is not first
    assert opened == ["a", "a"]
    pool.close()


def test_a_firm_in_trouble_concerns_that_firm_alone(pool: StorePool) -> None:
    a = pool.get(TenantId("a"))
    for _ in range(3):
        with pytest.raises(StorageError):
            pool.get(TenantId("broken"))
    assert pool.get(TenantId("a")) is a
    assert len(pool) == 1
    pool.close()


def test_what_was_seen_of_a_firms_files_outlives_its_store(pool: StorePool, tmp_path: Path) -> None:
    """A worker lets go of the store of a firm in trouble: the next one must know what happened."""
    tenant, path = TenantId("a"), tmp_path / "a" / "tenant.db"
    seen = pool.get(tenant).seen
    seen.overwritten[path] = path.stat().st_ino
    pool.drop(tenant)
    for _ in range(2):
        with pytest.raises(StorageError, match="written over"):
            pool.get(tenant)
    path.rename(path.with_suffix(".aside"))
    shutil.copy(path.with_suffix(".aside"), path)
    assert pool.get(tenant)


def test_logs_that_have_grown_are_copied_one_at_a_time(tmp_path: Path) -> None:
    made = {TenantId(name): open_firm(_folder(tmp_path, name), tenant=TenantId(name)) for name in ("one", "two", "new")}
    pool = StorePool(made.__getitem__, open_max=9)
    for firm in made:
        pool.get(firm)
    assert not pool.tidy_one()
    for name in ("one", "two"):
        _grow(made[TenantId(name)])
    before = [(tmp_path / name / "tenant.db").stat().st_size for name in ("one", "two", "new")]
    assert [pool.tidy_one() for _ in range(3)] == [True, True, False]
    after = [(tmp_path / name / "tenant.db").stat().st_size for name in ("one", "two", "new")]
    assert [new > old for old, new in zip(before, after, strict=True)] == [True, True, False]
    pool.close()


def _folder(root: Path, name: str) -> Path:
    (root / name).mkdir()
    return root / name


def _grow(store: Store) -> None:
    for number in range(60):
        store.bookkeep(_put_large_job, number)


def _put_large_job(tx: Tx, number: int) -> None:
    tx.jobs.put(JobKind.ALERT_STAFF, b"x" * 100_000, place=f"p{number}")
