"""What must hold once a world is quiet, whatever happened on the way."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lhwa.domain.elements import MessageElement
from lhwa.domain.ids import TenantId
from lhwa.domain.messages import STATUS_RANK, Status
from lhwa.normalizer.normalize import normalize
from lhwa.routes import ROUTES
from lhwa.services.audit.verify import verify_log
from lhwa.services.messaging.derived import dump
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from scripts.benchmarks.simulating.plan import Step
from scripts.benchmarks.simulating.world import Delivery, SimulationError, World, played


def simulate(root: Path, plan: Iterable[Step]) -> int:
    """Play a plan in an empty folder and check everything; returns how many elements it delivered.

    Raises: SimulationError at the first promise that is broken.
    """
    return asyncio.run(_simulate(root, list(plan)))


async def _simulate(root: Path, plan: list[Step]) -> int:
    async with played(root, plan) as world:
        check_spool(world)
        return sum(check_firm(world, tenant) for tenant in world.keys)


def check_spool(world: World) -> None:
    """Nothing waits, nothing was put aside, nobody was forgotten."""
    left = set(world.spool.read.counts().by_state) - {"done"}
    _require(not left, f"requests are left: {', '.join(sorted(left))}")


def check_firm(world: World, tenant: TenantId) -> int:
    """One firm's file against what was delivered to it; returns the number of elements."""
    delivered = [delivery for delivery in world.deliveries if delivery.tenant == tenant]
    with world.open(tenant) as store:
        for check in (_counters, _statuses, _events, _jobs, _audit, _pauses):
            store.read(check)
        _count_elements(store, delivered)
        found = store.read(dump)
    for name, order in (("oldest first", sorted(delivered, key=_age)), ("newest first", _reversed(delivered))):
        with world.fresh(tenant, world.root / f"{tenant}-{name.replace(' ', '-')}") as other:
            _apply(other, order)
            expected = other.read(dump)
        for table, lines in expected.items():
            if lines != found[table]:
                raise SimulationError(f"{table} differs from what {name} gives: {_difference(found[table], lines)}")
    return sum(len(normalize(delivery.body)) for delivery in delivered)


def _age(delivery: Delivery) -> tuple[int, str]:
    return delivery.received_at_ms, delivery.event_id


def _reversed(delivered: list[Delivery]) -> list[Delivery]:
    return sorted(delivered, key=_age, reverse=True)


def _apply(store: Store, deliveries: Iterable[Delivery]) -> None:
    """One element a transaction, without a spool or a worker: nothing that could batch or forget."""
    for delivery in deliveries:
        for element in normalize(delivery.body):
            outcome = store.write(ROUTES.inbound.apply, [element], delivery.event_id, delivery.received_at_ms)
            _require(outcome != ["postponed"], "an element could not be applied")


def _count_elements(store: Store, delivered: list[Delivery]) -> None:
    """As many messages as different ones were told, counted without the code that records them."""
    told = {
        (element.phone_number_id, element.wamid)
        for delivery in delivered
        for element in normalize(delivery.body)
        if isinstance(element, MessageElement) and not element.party.is_nobody
    }
    stored = store.read(lambda tx: tx.messages.count())
    _require(stored == len(told), f"{len(told)} messages were told and {stored} are here")


def _counters(tx: Tx) -> None:
    counted = Counter(row[0] for row in _rows(tx, "SELECT conversation FROM message"))
    unread = Counter(
        row[0]
        for row in _rows(
            tx,
            "SELECT conversation FROM message WHERE direction = 'inbound' AND via IN ('messages', 'standby')"
            " AND seq > (SELECT read_to FROM conversation WHERE id = message.conversation)",
        )
    )
    newest: dict[str, int] = {}
    for conversation, sent_at, received_at in _rows(tx, "SELECT conversation, sent_at, received_at FROM message"):
        newest[conversation] = max(newest.get(conversation, 0), min(sent_at, received_at))
    for thread, messages, unread_here, last in _rows(
        tx, "SELECT id, messages, unread, last_message_at FROM conversation"
    ):
        _require(messages == counted[thread], f"a thread counts {messages} messages and has {counted[thread]}")
        _require(unread_here == unread[thread], f"a thread counts {unread_here} unread and has {unread[thread]}")
        _require(last == newest.get(thread, 0), "a thread has another last message than its messages say")


def _statuses(tx: Tx) -> None:
    facts: dict[bytes, set[str]] = {}
    for message, status in _rows(tx, "SELECT message_dedup, status FROM message_status"):
        facts.setdefault(message, set()).add(status)
    for dedup, direction, status in _rows(tx, "SELECT dedup, direction, status FROM message"):
        expected = _folded(facts.get(dedup, set())) if direction == "outbound" else None
        _require(status == expected, f"a message is {status} and its facts say {expected}")


def _folded(words: set[str]) -> str | None:
    ranked = [status.value for status in sorted(STATUS_RANK, key=STATUS_RANK.__getitem__) if status.value in words]
    is_delivered = bool(words & {"delivered", "read", "played"})
    if Status.FAILED.value in words and not is_delivered:
        return Status.FAILED.value
    return ranked[-1] if ranked else None


def _events(tx: Tx) -> None:
    announced = Counter(row[0] for row in _rows(tx, "SELECT subject FROM event WHERE type = 'MessageReceived'"))
    messages = {f"message:{row[0]}" for row in _rows(tx, "SELECT id FROM message")}
    _require(announced.keys() == messages, "messages and their events do not match")
    _require(set(announced.values()) <= {1}, "a message was announced twice")


def _jobs(tx: Tx) -> None:
    counts = tx.jobs.counts()
    _require(not counts.waiting + counts.running, "jobs are stuck")


def _audit(tx: Tx) -> None:
    size, stack = tx.audit.stored_frontier()
    found = verify_log(tx.audit.entries(), stored_size=size, stored_stack=stack)
    _require(found.ok, f"the audit log does not verify: {found.reason}")


def _pauses(tx: Tx) -> None:
    paused = {row[0] for row in _rows(tx, "SELECT id FROM contact WHERE sends_paused")}
    flagged = {row[0] for row in _rows(tx, "SELECT contact FROM contact_flag WHERE resolved_at IS NULL")}
    _require(paused == flagged, "sends are paused for others than those who are flagged")


def _rows(tx: Tx, sql: str) -> list[tuple[Any, ...]]:
    """Plain SQL beside the code that is checked."""
    return rows(tx._connection, sql)  # noqa: SLF001 -- a check looks at the file itself


def _difference(found: bytes, expected: bytes) -> str:
    """Which rows, by their keys and values. The people of a simulation are samples."""
    here, there = set(found.splitlines()), set(expected.splitlines())
    return f"only here {sorted(here - there)[:3]}; only there {sorted(there - here)[:3]}"


def _require(holds: object, what: str) -> None:
    if not holds:
        raise SimulationError(what)
