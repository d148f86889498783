"""The world: gateway, spool, two workers and a clock in one process, without sockets, driven by a plan."""

from __future__ import annotations

import random
import shutil
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lhwa.bus.worker import Worker
from lhwa.config.settings import Limits
from lhwa.domain.access import Role
from lhwa.domain.ids import AppName, TenantId
from lhwa.domain.instants import to_ms
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import KEY_BYTES, KEY_ID_BYTES, Key
from lhwa.gateway.app import PATH, WebhookApp
from lhwa.gateway.unrouted import reroute_all
from lhwa.registry.routing import AppSecret, MetaApp, RoutingTable
from lhwa.routes import REACTIONS, ROUTES
from lhwa.services.inbox.seeing import mark_seen
from lhwa.store.pool import StorePool
from lhwa.store.spool import Spool
from lhwa.store.spool_rows import open_request, prune_done
from lhwa.store.store import Store
from lhwa.telemetry.metrics import Metrics
from lhwa.testing.builders import acting_as, open_firm, open_spool
from lhwa.testing.fakes import NOON, FakeClock, FakeNotifier
from lhwa.testing.webhooks import BusinessNumber, Scene, build, encode, merge, set_path, sign
from scripts.benchmarks.simulating.plan import (
    FIRMS,
    LATE_FIRM,
    PEOPLE,
    Clock,
    Fact,
    Map,
    Prune,
    See,
    Send,
    Serve,
    Step,
    Suspend,
)

SECRET = b"sample-app-secret-of-the-simulation"
ROUNDS_MAX = 300
RETENTION = timedelta(days=7)


class SimulationError(AssertionError):
    """The world broke a promise."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the spool took for a firm: told once, kept for comparison for good."""

    tenant: TenantId
    event_id: str
    received_at_ms: int
    body: bytes = field(repr=False)


class ForgetfulSpool:
    """The spool as a worker sees it that dies between its commit and the mark in the spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self.forgets = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._spool, name)

    def change(self, change: Any) -> Future[int]:
        """Run a change, or say so without doing it."""
        if not self.forgets:
            return self._spool.change(change)
        done: Future[int] = Future()
        done.set_result(0)
        return done


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two workers, with the spool as it sees it."""

    worker: Worker
    spool: ForgetfulSpool


class World:
    """Everything between a webhook request and the firms' files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = FakeClock()
        self.keys = {TenantId(name): TenantKeys(Key.random()) for name in FIRMS}
        self.active = set(self.keys)
        self.notifier = FakeNotifier()
        self.deliveries: list[Delivery] = []
        self.spool = open_spool(root / "spool.db")
        self._second = Spool(root / "spool.db")
        self._noted: set[str] = set()
        self._table = _routing_table(self.keys, is_late_mapped=False)
        self._app = WebhookApp(
            table=lambda: self._table,
            spool=self.spool,
            clock=self.clock,
            limits=Limits(),
            metrics=Metrics(version="0", sqlite="0"),
        )
        for tenant in self.keys:
            self.open(tenant).close()
        self._sides = [self._side(self.spool), self._side(self._second)]

    def open(self, tenant: TenantId, folder: Path | None = None) -> Store:
        """A firm's store; the caller closes it."""
        return open_firm(
            folder or self.root / tenant,
            tenant=tenant,
            keys=self.keys[tenant],
            clock=self.clock,
            reactions=REACTIONS,
        )

    def fresh(self, tenant: TenantId, folder: Path) -> Store:
        """A new file of a firm under the keys that it has."""
        folder.mkdir()
        with self.open(tenant):
            # Checkpointed by the last that closes it; here we are alone.
            pass
        shutil.copy(self.root / tenant / "keys.db", folder / "keys.db")
        return self.open(tenant, folder)

    async def play(self, plan: Iterable[Step]) -> None:
        """Do every step, and then wait until nothing is left to do."""
        for step in plan:
            await self._do(step)
            self.clock.advance(0.25)
        await self._settle()

    async def close(self) -> None:
        """Close everything."""
        for side in self._sides:
            await side.worker.close()
        self._second.close()
        self.spool.close()

    async def _do(self, step: Step) -> None:
        match step:
            case Send(facts):
                await self.send(body_of(facts))
            case Serve(number, forgets):
                side = self._sides[number]
                side.spool.forgets = forgets
                await side.worker.serve_round()
                side.spool.forgets = False
            case Clock(seconds):
                self.clock.set(self.clock.now() + timedelta(seconds=seconds))
            case Suspend(firm, is_active):
                tenant = TenantId(FIRMS[firm])
                (self.active.add if is_active else self.active.discard)(tenant)
            case Map():
                self._map_late()
            case Prune():
                before_ms = to_ms(self.clock.now() - RETENTION)
                self.spool.change(prune_done(received_before_ms=before_ms)).result()
            case See(firm, thread, is_unread):
                self._see(TenantId(FIRMS[firm]), thread, is_unread=is_unread)

    def _see(self, tenant: TenantId, thread: int, *, is_unread: bool) -> None:
        """Through connections of its own, as a command does it."""
        with self.open(tenant) as store:
            threads = sorted(row.id for row in store.read(lambda tx: tx.conversations.newest(rows_max=99)))
            if threads:
                person = acting_as(Role.LAWYER, tenant=tenant)
                store.write(mark_seen, person, threads[thread % len(threads)], unread=is_unread)

    async def send(self, body: bytes) -> None:
        """Post a webhook request and expect a 200."""
        scope = {
            "type": "http",
            "method": "POST",
            "path": PATH,
            "query_string": b"",
            "client": ("192.0.2.1", 1),
            "headers": [(b"x-hub-signature-256", sign(body, SECRET).encode()), (b"content-length", b"%d" % len(body))],
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(dict(message))

        await self._app(scope, receive, send)
        if sent[0]["status"] != 200:
            raise SimulationError(f"a request was answered {sent[0]['status']}")
        self._note_deliveries()

    def _note_deliveries(self) -> None:
        # By their ids: the numbers of pruned rows are given again.
        for tenant, keys in self.keys.items():
            for row in self.spool.read.of_tenant(tenant):
                if row.event_id not in self._noted:
                    self._noted.add(row.event_id)
                    body = open_request(row, keys)
                    self.deliveries.append(Delivery(tenant, row.event_id, row.received_at_ms, body))

    def _map_late(self) -> None:
        self._table = _routing_table(self.keys, is_late_mapped=True)
        reroute_all(self.spool, self._table, dry_run=False)
        self._note_deliveries()

    async def _settle(self) -> None:
        """Everybody is served, every number has its firm, and time passes until nothing is left to do."""
        self.active = set(self.keys)
        self._map_late()
        for _ in range(ROUNDS_MAX):
            for side in self._sides:
                side.worker.wake(self.active)
            busy = [await side.worker.serve_round() for side in self._sides]
            if not any(busy) or not (self.spool.read.waiting_tenants() or self._jobs()):
                return
            self.clock.advance(120)
        raise SimulationError(f"work is left after {ROUNDS_MAX} rounds")

    def _jobs(self) -> int:
        waiting = 0
        for tenant in self.keys:
            with self.open(tenant) as store:
                counts = store.read(lambda tx: tx.jobs.counts())
                waiting += counts.waiting + counts.running
        return waiting

    def _side(self, spool: Spool) -> Side:
        forgetful = ForgetfulSpool(spool)
        worker = Worker(
            spool=forgetful,  # type: ignore[arg-type]  # a spool in all that a worker asks of it
            stores=StorePool(self.open, open_max=2),
            routes=ROUTES,
            clock=self.clock,
            firms=lambda: sorted(self.active),
            keys_of=self.keys.__getitem__,
            context=self,
        )
        return Side(worker, forgetful)


@asynccontextmanager
async def played(root: Path, plan: Iterable[Step]) -> AsyncIterator[World]:
    """A world after a plan."""
    drawn = random.Random("keys")

    def key() -> Key:
        return Key(drawn.randbytes(KEY_ID_BYTES), drawn.randbytes(KEY_BYTES))

    with patch.object(Key, "random", staticmethod(key)):
        world = World(root)
        try:
            await world.play(plan)
            yield world
        finally:
            await world.close()


def number_of(firm: int) -> BusinessNumber:
    """The number of a firm."""
    return BusinessNumber(
        phone_number_id=str(301301301301301 + firm),
        display_phone_number=f"62215000123{firm}",
        waba_id=str(200300400500600 + firm),
    )


def body_of(facts: Iterable[Fact]) -> bytes:
    """One request with these facts."""
    return encode(merge([_payload(fact) for fact in facts]))


def _payload(fact: Fact) -> dict[str, Any]:
    number, client, at = number_of(fact.firm), PEOPLE[fact.person], NOON + timedelta(hours=fact.seq - 3)
    payload = build(fact.kind, number=number, client=client, seq=fact.seq, at=at)
    if fact.kind != "echo":
        return payload
    # The message that the statuses are about.
    wamid = Scene(number=number, client=client, seq=fact.seq, at=at).wamid("out")
    return set_path(payload, "entry.0.changes.0.value.message_echoes.0.id", wamid)


def _routing_table(keys: dict[TenantId, TenantKeys], *, is_late_mapped: bool) -> RoutingTable:
    firms = [firm for firm in range(len(FIRMS)) if is_late_mapped or firm != LATE_FIRM]
    name = AppName("main")
    return RoutingTable(
        revision=1 + is_late_mapped,
        apps={name: MetaApp(name, (AppSecret(SECRET, "current"),), ())},
        tenant_of_number={number_of(firm).phone_number_id: TenantId(FIRMS[firm]) for firm in firms},
        tenant_of_waba={number_of(firm).waba_id: TenantId(FIRMS[firm]) for firm in firms},
        app_of_tenant={},
        state_of_tenant={},
        root=_ROOT,
        wrapped_keys={},
        _unwrapped=dict(keys),
    )


_ROOT = Key.random()
