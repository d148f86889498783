from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lhwa.bootstrap import open_clock, open_registry, open_store
from lhwa.config import Home
from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import TenantId
from lhwa.domain.jobs import JobKind
from lhwa.domain.sealing import Key
from lhwa.errors import StorageError, UnavailableError, VerificationError
from lhwa.registry.registry import Registry
from lhwa.registry.tables import tenants
from lhwa.services.access import founding
from lhwa.services.access.apps import add_app
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.installation import init_installation
from lhwa.services.access.tenants import add_tenant
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import FIRM, NUMBER, WABA


class Installation:
    """A home whose registry knows one firm that nobody has opened yet."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.root = Key.random()
        now, me = open_clock().now(), Caller(os_uid=os_uid())
        with init_installation(
            self.home.registry_db, self.root, operator="sari", name="Sari", os_uid=os_uid(), now=now
        ) as registry:
            add_app(registry, me, "main", app_secret="x" * 32, verify_token="verify-me", now=now)
            add_tenant(
                registry,
                me,
                FIRM,
                name="Firma Contoh",
                waba_id=WABA,
                phone_number_ids=[NUMBER],
                app="main",
                now=now,
            )

    def registry(self) -> Registry:
        return open_registry(self.home, self.root)

    def store(self, *, is_daemon: bool = False, founds: bool = True) -> Store:
        with self.registry() as registry, registry.read() as view:
            keys, is_founded = tenants.keys(view, FIRM), tenants.is_founded(view, FIRM)
        return open_store(
            self.home,
            FIRM,
            keys,
            registry=self.registry if founds else None,
            clock=open_clock(),
            is_founded=is_founded,
            is_daemon=is_daemon,
        )

    def file(self, name: str) -> Path:
        return self.home.tenant_db(FIRM).parent / name


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def put_job(tx: Tx) -> None:
    tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
    tx.jobs.put(JobKind.ALERT_STAFF, b"{}", place="p")


def founded_at(tx: Tx) -> tuple[str | None, int]:
    return tx.firm(), tx.audit.frontier().size


def empty(path: Path) -> None:
    path.write_bytes(b"")


def test_a_firm_gets_its_files_once_and_the_registry_says_so(place: Installation) -> None:
    for _ in range(2):
        with place.store() as store:
            assert store.read(founded_at) == (FIRM, 1)
    with place.registry() as registry:
        actions = [b'"tenant.founded"' in row.entry for row in registry.audit_entries()]
    assert actions.count(True) == 1


@pytest.mark.parametrize(
    ("damage", "error"), [(Path.unlink, StorageError), (empty, VerificationError)], ids=["removed", "emptied"]
)
@pytest.mark.parametrize("lost", [("tenant.db",), ("keys.db",), ("tenant.db", "keys.db")], ids=", ".join)
def test_files_of_a_founded_firm_are_never_made_anew(
    place: Installation, lost: tuple[str, ...], damage: Callable[[Path], None], error: type[Exception]
) -> None:
    place.store().close()
    for name in lost:
        damage(place.file(name))
    for _ in range(2):
        with pytest.raises(error):
            place.store()
    assert all(not place.file(name).exists() or place.file(name).stat().st_size <= 8_192 for name in lost)


@pytest.mark.parametrize("died_with", [(), ("tenant.db",), ("tenant.db", "keys.db")])
def test_a_crash_while_a_firm_is_founded_is_repaired(place: Installation, died_with: tuple[str, ...]) -> None:
    for name in died_with:
        place.file(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        empty(place.file(name))
    with place.store() as store:
        assert store.read(founded_at) == (FIRM, 1)


def test_files_that_another_process_is_making_are_there_when_it_has_made_them(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.file("tenant.db").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    empty(place.file("tenant.db"))
    found_once = founding.found_once

    def after_the_other(registry: Registry, tenant: TenantId, *, create: Callable[[], Store]) -> bool:
        assert found_once(registry, tenant, create=create)
        return found_once(registry, tenant, create=create)

    monkeypatch.setattr(founding, "found_once", after_the_other)
    with place.store() as store:
        assert store.read(founded_at) == (FIRM, 1)


def test_a_firm_that_the_registry_does_not_know_gets_no_files(place: Installation) -> None:
    with place.registry() as registry:
        keys = registry.tenant_keys(FIRM)
    with pytest.raises(StorageError):
        open_store(place.home, TenantId("firmb"), keys, registry=place.registry, clock=open_clock(), is_founded=False)
    assert not place.home.tenant_db(TenantId("firmb")).exists()


@pytest.mark.parametrize("is_daemon", [False, True])
def test_only_other_processes_wake_the_daemon(place: Installation, *, is_daemon: bool) -> None:
    with place.store(is_daemon=is_daemon) as store:
        store.write(put_job)
    assert (place.home.wake_dir / FIRM).exists() is not is_daemon


def test_two_processes_may_open_a_new_firm_one_after_the_other(place: Installation) -> None:
    with place.store() as one, place.store() as other:
        one.write(put_job)
        other.write(put_job)
        assert one.read(lambda tx: tx.audit.frontier().size) == 3


def founding_notes(place: Installation) -> int:
    with place.registry() as registry:
        return [b'"tenant.founded"' in row.entry for row in registry.audit_entries()].count(True)


def test_a_crash_before_the_registry_heard_of_the_files_is_repaired_at_the_next_opening(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lhwa.services.access.founding.remember_founded", die)
        with pytest.raises(KeyboardInterrupt):
            place.store()
    assert founding_notes(place) == 0
    for _ in range(2):
        place.store().close()
        assert founding_notes(place) == 1
    for name in ("tenant.db", "keys.db"):
        place.file(name).unlink()
    with pytest.raises(StorageError):
        place.store()


def test_a_registry_that_cannot_take_the_note_keeps_nobody_from_the_files(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise UnavailableError("registry.db is busy.")

    place.store().close()
    monkeypatch.setattr("lhwa.services.access.founding.remember_founded", refuse)
    with open_unnoted(place) as store:
        assert store.read(founded_at) == (FIRM, 1)


def open_unnoted(place: Installation) -> Store:
    with place.registry() as registry:
        keys = registry.tenant_keys(FIRM)
    return open_store(place.home, FIRM, keys, registry=place.registry, clock=open_clock(), is_founded=False)


def test_who_only_looks_founds_nothing(place: Installation) -> None:
    with pytest.raises(StorageError):
        place.store(founds=False)
    assert not place.file("tenant.db").exists()
    assert founding_notes(place) == 0
