"""From the spool into a firm's file: one batch of stored requests, one transaction.

A crash between the commit in tenant.db and the mark in spool.db repeats the batch; element keys make that harmless.
Runs on the worker's storage thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lhwa.bus.routes import Inbound
from lhwa.domain.ids import TenantId
from lhwa.domain.keys import TenantKeys
from lhwa.errors import SealError
from lhwa.store.spool import Spool
from lhwa.store.spool_rows import SpoolRow, mark, open_request
from lhwa.store.store import Store
from lhwa.store.transaction import Tx


@dataclass(slots=True)
class Drained:
    """What one batch did."""

    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    received_at_ms: list[int] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    """Ids of requests whose seal does not open: they are marked dead."""


@dataclass(frozen=True, slots=True)
class _Opened:
    row: SpoolRow
    elements: Sequence[object]


def drain_batch(
    spool: Spool,
    store: Store,
    inbound: Inbound,
    *,
    tenant: TenantId,
    keys: Callable[[], TenantKeys],
    requests_max: int,
    elements_max: int,
) -> Drained:
    """Apply the oldest waiting requests of one firm.

    Raises: errors of the disk; nothing of the batch is marked then.
    """
    done = Drained()
    opened: list[_Opened] = []
    dead: list[int] = []
    waiting = 0
    for row in spool.read.take(tenant, rows_max=requests_max):
        try:
            elements = inbound.read(open_request(row, keys()))
        except SealError:
            dead.append(row.seq)
            done.unreadable.append(row.event_id)
            continue
        opened.append(_Opened(row, elements))
        waiting += len(elements)
        if waiting >= elements_max:
            break
    if opened:
        for outcomes in store.write(_apply_requests, inbound, opened):
            done.outcomes.update(outcomes)
    done.requests = len(opened)
    done.received_at_ms = [request.row.received_at_ms for request in opened]
    _mark_served(spool, [request.row.seq for request in opened], dead)
    return done


def _apply_requests(tx: Tx, inbound: Inbound, opened: Sequence[_Opened]) -> list[list[str]]:
    return [inbound.apply(tx, request.elements, request.row.event_id, request.row.received_at_ms) for request in opened]


def _mark_served(spool: Spool, done: list[int], dead: list[int]) -> None:
    changes = [mark(done, state="done")] if done else []
    if dead:
        changes.append(mark(dead, state="dead", reason="seal"))
    for future in [spool.change(change) for change in changes]:
        future.result()
