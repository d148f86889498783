"""What the tests of a failing disk share: a spool and two firms on a disk that fails on command."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import apsw
import pytest

from lhwa.bus.observer import Observer
from lhwa.bus.serving import WorkerLimits
from lhwa.bus.worker import Worker
from lhwa.domain.audit import AuditRecord, read_entry
from lhwa.domain.ids import RawEventId, TenantId
from lhwa.domain.instants import Instant, from_ms
from lhwa.domain.keys import spool_key
from lhwa.domain.sealing import seal
from lhwa.errors import LhwaError
from lhwa.routes import REACTIONS, ROUTES
from lhwa.services.audit.views import verify_firm
from lhwa.store.pool import StorePool
from lhwa.store.spool import Spool, SpoolRequest, create_spool
from lhwa.store.spool_rows import request_place
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER, SENT_AT_MS, WABA, open_firm, tenant_keys
from lhwa.testing.disk import FaultyDisk, Survival
from lhwa.testing.fakes import FakeClock, FakeNotifier

WAIT_S = 20
REST_S = 3_600
ROUNDS_MAX = 40


class Watcher(Observer):
    """Keeps the troubles of firms."""

    def __init__(self) -> None:
        self.troubles: list[tuple[TenantId, Exception]] = []

    def trouble(self, tenant: TenantId, error: Exception, *, now: Instant, retry_at: Instant) -> None:
        self.troubles.append((tenant, error))


class World:
    """One process with its spool and its firms, which may die and come back."""

    firms = (TenantId("firma"), TenantId("lain"))

    def __init__(self, root: Path, disk: FaultyDisk) -> None:
        self.root = root
        self.disk = disk
        self.clock = FakeClock()
        self.keys = {firm: tenant_keys() for firm in self.firms}
        self.sent: dict[str, tuple[TenantId, bytes, tuple[str, ...]]] = {}
        self.acked: set[str] = set()
        self.answers: Counter[str] = Counter()
        self.watcher = Watcher()
        self.notifier = FakeNotifier()
        self.spool: Spool | None = None
        self.worker: Worker | None = None
        self._loop = asyncio.new_event_loop()
        create_spool(root / "spool.db")
        for firm in self.firms:
            self.store(firm).close()
        self.start()

    def store(self, firm: TenantId) -> Store:
        """A firm's store, to be closed by the caller."""
        return open_firm(self.root / firm, tenant=firm, keys=self.keys[firm], clock=self.clock, reactions=REACTIONS)

    def start(self) -> bool:
        """Start the process; False when the disk does not let it."""
        assert self.spool is None
        try:
            self.spool = Spool(self.root / "spool.db")
        except LhwaError as error:
            self.answers[type(error).__name__] += 1
            self._let_go()
            return False
        self.worker = Worker(
            spool=self.spool,
            stores=StorePool(self.store, open_max=8),
            routes=ROUTES,
            clock=self.clock,
            firms=lambda: self.firms,
            keys_of=self.keys.__getitem__,
            context=self,
            limits=WorkerLimits(elements_max=3),
            observer=self.watcher,
        )
        return True

    def stop(self) -> None:
        """Stop the process as it stops by itself."""
        worker, self.worker = self.worker, None
        spool, self.spool = self.spool, None
        if worker is not None:
            with suppress(Exception):
                self._loop.run_until_complete(worker.close())
        if spool is not None:
            with suppress(Exception):
                spool.close()
        self._let_go()

    def stop_dark(self) -> None:
        """End the process at a power cut; `disk.restore_power` is the caller's."""
        self.disk.is_dark = True
        self.stop()

    def kill(self) -> None:
        """End the process without letting it do anything more. What the system has in memory stays."""
        self.disk.is_dark = True
        self.stop()
        self.disk.is_dark = False

    def lose_power(self, survival: Survival) -> None:
        """Cut the power, unless that is done, and put back what survives. The process is not started."""
        self.stop_dark()
        self.disk.restore_power(survival)

    def put(self, firm: TenantId, *wamids: str, again: str = "") -> bool:
        """Send one webhook, or an earlier one again; True when it is answered 200."""
        return self.answer(*self.submit(firm, *wamids, again=again))

    def submit(self, firm: TenantId, *wamids: str, again: str = "") -> tuple[str, Future[int] | None]:
        """Hand one webhook to the spool."""
        name = again or f"raw-{len(self.sent)}"
        if not again:
            self.sent[name] = (firm, _body(wamids), wamids)
        firm, raw, _ = self.sent[name]
        event = RawEventId(name)
        sealed = seal(spool_key(self.keys[firm].current, from_ms(SENT_AT_MS)), request_place(firm, event), raw)
        dedup = int(name[4:]).to_bytes(20, "big")
        if self.spool is None:
            return name, None
        return name, self.spool.put([SpoolRequest(event, firm, "main", SENT_AT_MS, dedup, len(raw), sealed)])

    def answer(self, name: str, stored: Future[int] | None) -> bool:
        """What the gateway would answer."""
        try:
            if stored is not None:
                stored.result(WAIT_S)
        except LhwaError as error:
            self.answers[type(error).__name__] += 1
            return False
        if stored is not None:
            self.acked.add(name)
        return stored is not None

    def drain(self) -> bool:
        """Serve all firms until nothing is due; False when the spool does not answer."""
        if self.worker is None:
            return False
        for _ in range(ROUNDS_MAX):
            self.clock.advance(REST_S)
            try:
                if not self._loop.run_until_complete(self.worker.serve_round()):
                    return True
            except LhwaError:
                return False
        return True

    def serve_once(self) -> None:
        """Give each firm that is due its turn."""
        if self.worker is not None:
            with suppress(LhwaError):
                self._loop.run_until_complete(self.worker.serve_round())

    def checkpoint(self, firm: TenantId) -> None:
        """Copy the logs of the spool and of a firm, as another process may do at any time."""
        for path in (self.root / "spool.db", self.root / firm / "tenant.db", self.root / firm / "keys.db"):
            connection = None
            with suppress(apsw.Error):
                connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
                connection.pragma("journal_mode")  # only who has read knows of the log
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            if connection is not None:
                with suppress(apsw.Error):
                    connection.close(True)

    def stored(self) -> set[str]:
        """Which requests are in the spool."""
        assert self.spool is not None
        return {row.event_id for row in self.spool.read.after(0)}

    def settled(self) -> None:
        """The disk is well, everything that waits is applied, and all that was promised is true."""
        self.disk.heal()
        if self.spool is None:
            assert self.start()
        assert self.drain()
        assert self.spool is not None
        stored = self.stored()
        assert self.acked <= stored, f"lost: {sorted(self.acked - stored)}"
        assert set(self.spool.read.counts().by_state) <= {"done"}, self.spool.read.counts().by_state
        for firm in self.firms:
            wanted = Counter({w: 1 for n in stored for w in self.sent[n][2] if self.sent[n][0] == firm})
            found = self.texts(firm)
            assert found == wanted, (firm, found - wanted, wanted - found)

    def texts(self, firm: TenantId) -> Counter[str]:
        """Every text of a firm, opened with its keys; the audit log is verified on the way."""
        with self.store(firm) as store:
            found = store.read(verify_firm)
            assert found.ok, found.reason
            return store.read(_texts)

    def decide(self, firm: TenantId, name: str) -> None:
        """A decision that stands in no webhook: a record of the audit log, about somebody new."""
        with self.store(firm) as store:
            store.write(_decide, name)

    def decisions(self, firm: TenantId) -> list[str]:
        """All decisions of a firm, with their text opened."""
        with self.store(firm) as store:
            return store.read(_decisions)

    def quick_check(self) -> None:
        """The structure of every file is sound."""
        for path in self.root.rglob("*.db"):
            connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
            assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)], path
            connection.close()

    def close(self) -> None:
        """End it all."""
        self.stop()
        self._loop.close()

    def _let_go(self) -> None:
        for connection in apsw.connections():
            with suppress(apsw.Error):
                connection.close(True)


def _body(wamids: Sequence[str]) -> bytes:
    messages = [
        {"id": wamid, "from": f"62812300{abs(hash(wamid)) % 7:05d}", "timestamp": str(SENT_AT_MS // 1000)}
        | {"type": "text", "text": {"body": wamid}}
        for wamid in wamids
    ]
    value = {"metadata": {"phone_number_id": NUMBER}, "messages": messages}
    change = {"field": "messages", "value": value}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [change]}]}).encode()


def _texts(tx: Tx) -> Counter[str]:
    return Counter(tx.messages.content(row).text or "" for row in tx.messages.newest(rows_max=10_000))


def _decide(tx: Tx, name: str) -> None:
    place = tx.vault.place("dead_letter", "raw", name)
    sealed = tx.vault.seal(f"contact:{name}", place, name.encode(), now_ms=tx.now_ms)
    tx.audit.append(AuditRecord("operator:contoh", "contact.noted", f"contact:{name}", {"sealed": sealed.hex()}))


def _decisions(tx: Tx) -> list[str]:
    noted = [read_entry(row) for row in tx.audit.entries()]
    return [
        tx.vault.unseal(
            tx.vault.place("dead_letter", "raw", str(record.target).removeprefix("contact:")),
            bytes.fromhex(str(record.data["sealed"])),
        ).decode()
        for record in noted
        if record.action == "contact.noted"
    ]


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    with FaultyDisk(remembers=True) as made:
        yield made


@pytest.fixture
def world(tmp_path: Path, disk: FaultyDisk) -> Iterator[World]:
    made = World(tmp_path, disk)
    yield made
    made.close()


@pytest.fixture(scope="session")
def new_world() -> type[World]:
    """Makes a world in a folder of its own, for tests that need many."""
    return World
