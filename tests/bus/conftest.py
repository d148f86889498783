"""What the tests of the bus share: a spool, firms with files of their own, and the real routes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lhwa.bus.drain import Drained
from lhwa.bus.observer import Observer
from lhwa.bus.routes import Routes
from lhwa.bus.serving import WorkerLimits
from lhwa.bus.worker import Worker
from lhwa.domain.ids import RawEventId, TenantId
from lhwa.domain.instants import Instant, from_ms
from lhwa.domain.jobs import Job
from lhwa.domain.keys import TenantKeys, spool_key
from lhwa.domain.sealing import seal
from lhwa.routes import REACTIONS, ROUTES
from lhwa.store.pool import StorePool
from lhwa.store.spool import SpoolRequest
from lhwa.store.spool_rows import request_place
from lhwa.store.store import Store
from lhwa.testing.builders import NUMBER, SENT_AT_MS, WABA, open_firm, open_spool, tenant_keys
from lhwa.testing.fakes import FakeClock, FakeNotifier


def body(*wamids: str, text: str = "Selamat siang.") -> bytes:
    """A webhook with one text for each wamid."""
    messages = [
        {"id": wamid, "from": "6281230001111", "timestamp": str(SENT_AT_MS // 1000), "type": "text"}
        | {"text": {"body": text}}
        for wamid in wamids
    ]
    value = {"metadata": {"phone_number_id": NUMBER}, "messages": messages}
    change = {"field": "messages", "value": value}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [change]}]}).encode()


@dataclass
class Witness(Observer):
    """Keeps what happened, in order."""

    batches: list[tuple[TenantId, Drained]] = field(default_factory=list)
    jobs: list[tuple[TenantId, str]] = field(default_factory=list)
    troubles: list[tuple[TenantId, Exception]] = field(default_factory=list)
    recoveries: list[tuple[TenantId, int]] = field(default_factory=list)

    def recovered(self, tenant: TenantId, *, requests: int) -> None:
        self.recoveries.append((tenant, requests))

    def drained(self, tenant: TenantId, batch: Drained, *, now: Instant) -> None:
        self.batches.append((tenant, batch))

    def job_done(self, tenant: TenantId, job: Job, *, outcome: str) -> None:
        self.jobs.append((tenant, outcome))

    def trouble(self, tenant: TenantId, error: Exception, *, now: Instant, retry_at: Instant) -> None:
        self.troubles.append((tenant, error))


class Town:
    """Several firms with one spool."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = FakeClock()
        self.spool = open_spool(root / "spool.db")
        self.keys: dict[TenantId, TenantKeys] = {}
        self.active: list[TenantId] = []
        self.opened: list[TenantId] = []
        self.notifier = FakeNotifier()
        self.witness = Witness()
        self._number = 0

    def firm(self, name: str) -> TenantId:
        """A new active firm."""
        tenant = TenantId(name)
        self.keys[tenant] = tenant_keys()
        self.active.append(tenant)
        self.open(tenant).close()
        return tenant

    def open(self, tenant: TenantId) -> Store:
        return open_firm(
            self.root / tenant, tenant=tenant, keys=self.keys[tenant], clock=self.clock, reactions=REACTIONS
        )

    def put(self, tenant: TenantId, *bodies: bytes, keys: TenantKeys | None = None) -> None:
        """Store requests as the gateway does."""
        requests = []
        for raw in bodies:
            self._number += 1
            event = RawEventId(f"raw-{self._number}")
            key = spool_key((keys or self.keys[tenant]).current, from_ms(SENT_AT_MS))
            sealed = seal(key, request_place(tenant, event), raw)
            dedup = self._number.to_bytes(20, "big")
            requests.append(SpoolRequest(event, tenant, "main", SENT_AT_MS, dedup, len(raw), sealed))
        self.spool.put(requests).result()

    def worker(self, *, routes: Routes = ROUTES, limits: WorkerLimits | None = None, open_max: int = 8) -> Worker:
        def opening(tenant: TenantId) -> Store:
            self.opened.append(tenant)
            return self.open(tenant)

        return Worker(
            spool=self.spool,
            stores=StorePool(opening, open_max=open_max),
            routes=routes,
            clock=self.clock,
            firms=lambda: self.active,
            keys_of=self.keys.__getitem__,
            context=self,
            limits=limits,
            observer=self.witness,
        )

    def count(self, tenant: TenantId) -> int:
        """How many messages a firm has."""
        with self.open(tenant) as store:
            return store.read(lambda tx: tx.messages.count())

    def states(self) -> dict[str, int]:
        """How many requests of the spool are in each state."""
        return self.spool.read.counts().by_state


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.spool.close()


@pytest.fixture(name="body")
def _body() -> Any:
    return body
