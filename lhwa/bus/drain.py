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
from lhwa.errors import SealError, VerificationError
from lhwa.store.connection import is_storage_failure
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
    unreadable: dict[str, str] = field(default_factory=dict)
    """Ids of requests that are marked dead, and why: `seal` when it does not open, or the name of our defect."""


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

    Raises: errors of the disk, and whatever stops every request alike; nothing of the batch is marked then.
    """
    done = Drained()
    opened: list[_Opened] = []
    seqs: dict[str, int] = {}
    waiting = 0
    for row in spool.read.take(tenant, rows_max=requests_max):
        seqs[row.event_id] = row.seq
        try:
            elements = inbound.read(open_request(row, keys()))
        except SealError:
            done.unreadable[row.event_id] = "seal"
            continue
        opened.append(_Opened(row, elements))
        waiting += len(elements)
        if waiting >= elements_max:
            break
    applied = _apply(store, inbound, opened, done) if opened else []
    done.requests = len(applied)
    done.received_at_ms = [request.row.received_at_ms for request in applied]
    dead = [(seqs[event_id], reason) for event_id, reason in done.unreadable.items()]
    _mark_served(spool, [request.row.seq for request in applied], dead)
    return done


def _apply(store: Store, inbound: Inbound, opened: Sequence[_Opened], done: Drained) -> Sequence[_Opened]:
    """Apply requests together; when that breaks a law of ours, one by one, so that one costs its neighbours nothing."""
    try:
        outcomes = store.write(_apply_requests, inbound, opened)
    except Exception as error:
        if len(opened) == 1 or not _is_defect(error):
            raise
        return _apply_one_by_one(store, inbound, opened, done)
    for outcome in outcomes:
        done.outcomes.update(outcome)
    return opened


def _apply_one_by_one(store: Store, inbound: Inbound, opened: Sequence[_Opened], done: Drained) -> Sequence[_Opened]:
    applied: list[_Opened] = []
    broken: dict[str, Exception] = {}
    for request in opened:
        try:
            applied += _apply(store, inbound, [request], done)
        except Exception as error:
            if not _is_defect(error):
                raise
            broken[request.row.event_id] = error
    if broken and not applied:
        # Nothing goes through: the firm is in trouble, not its requests. They wait.
        raise next(iter(broken.values()))
    done.unreadable.update({event_id: type(error).__name__ for event_id, error in broken.items()})
    return applied


def _is_defect(error: Exception) -> bool:
    return not is_storage_failure(error) and not isinstance(error, VerificationError)


def _apply_requests(tx: Tx, inbound: Inbound, opened: Sequence[_Opened]) -> list[list[str]]:
    return [inbound.apply(tx, request.elements, request.row.event_id, request.row.received_at_ms) for request in opened]


def _mark_served(spool: Spool, done: list[int], dead: list[tuple[int, str]]) -> None:
    changes = [mark(done, state="done")] if done else []
    changes += [mark([seq], state="dead", reason=reason) for seq, reason in dead]
    for future in [spool.change(change) for change in changes]:
        future.result()
