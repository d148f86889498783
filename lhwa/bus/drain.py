"""From the spool into a firm's file: one batch of stored requests, one transaction.

A crash between the commit in tenant.db and the mark in spool.db repeats the batch; element keys make that harmless.
A request with very many elements is applied in slices, so that it holds up neither the firm's other requests nor the
other firms; it is marked after its last slice. Runs on the worker's storage thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import msgspec

from lhwa.bus.progress import LONG_BODY_BYTES, Progress
from lhwa.bus.recovery import AuditEnd, audit_end
from lhwa.bus.routes import Inbound
from lhwa.domain.keys import TenantKeys
from lhwa.errors import SealError, VerificationError
from lhwa.store.connection import is_storage_failure
from lhwa.store.spool import Spool
from lhwa.store.spool_rows import RequestOpener, SpoolChange, SpoolRow, all_of, mark, mark_applied
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
    end: AuditEnd | None = None
    """Where the firm's audit log ended when the last of it was committed; None when nothing was."""
    has_put_jobs: bool = False
    marks: list[SpoolChange] = field(default_factory=list)
    """What the spool must still be told, by `settle`. Until then the same requests would be applied again."""


class _Opened(msgspec.Struct, frozen=True):
    """A request, or a slice of one that is too long for one transaction."""

    row: SpoolRow
    elements: Sequence[object]
    start: int
    stop: int

    @property
    def is_last(self) -> bool:
        return self.stop == len(self.elements)


def drain_batch(
    spool: Spool,
    store: Store,
    inbound: Inbound,
    *,
    keys: Callable[[], TenantKeys],
    requests_max: int,
    elements_max: int,
    progress: Progress,
) -> Drained:
    """Apply the oldest waiting requests of a firm: about `elements_max` elements, never more than twice as many.

    The caller hands what it returns to `settle`.

    Raises: errors of the disk, and whatever stops every request alike; nothing of the batch is marked then.
    """
    done = Drained()
    dead: list[tuple[SpoolRow, str]] = []
    opened: list[_Opened] = []
    waiting = 0

    rows = spool.read.take(store.tenant, rows_max=requests_max, short_bytes=LONG_BODY_BYTES)
    course = progress.begin(store, rows)
    if not rows:
        return done
    opener = RequestOpener(keys())

    def read(row: SpoolRow) -> Sequence[object]:
        return inbound.read(opener.open(row if row.sealed else spool.read.fetch(row)))

    for row in rows:
        try:
            found = progress.elements_of(course, row, read)
        except SealError:
            dead.append((row, "seal"))
            continue
        if found is None:
            continue
        elements, start = found
        piece = _Opened(row, elements, start, min(start + elements_max, len(elements)))
        opened.append(piece)
        waiting += piece.stop - piece.start
        # A long request never goes alone: when it breaks a law of ours, its neighbour shows that the firm is sound.
        if waiting >= elements_max and (len(opened) > 1 or piece.is_last):
            break
    applied = _apply(store, inbound, opened, done, dead) if opened else []
    _conclude(store, applied, dead, progress, done)
    return done


def settle(spool: Spool, batches: Iterable[Drained]) -> None:
    """Mark in the spool what some batches served: those of many firms in one commit.

    Raises: errors of the disk. The requests are applied once more then, which changes nothing.
    """
    changes = [change for batch in batches for change in batch.marks]
    if changes:
        spool.change(all_of(changes)).result()


def _conclude(
    store: Store,
    applied: Sequence[_Opened],
    dead: Sequence[tuple[SpoolRow, str]],
    progress: Progress,
    done: Drained,
) -> None:
    """Note what is served, and remember how far the rest came."""
    served = [piece.row for piece in applied if piece.is_last]
    for piece in applied:
        if not piece.is_last:
            progress.advance(store, piece.row, applied=piece.stop)
    done.requests = len(served)
    done.received_at_ms = [row.received_at_ms for row in served]
    done.unreadable = {row.event_id: reason for row, reason in dead}
    if served and done.end is not None:
        done.marks.append(mark_applied(served, audit_size=done.end.size, audit_leaf=done.end.leaf))
    done.marks += [mark([row], state="dead", reason=reason) for row, reason in dead]


def _apply(
    store: Store, inbound: Inbound, opened: Sequence[_Opened], done: Drained, dead: list[tuple[SpoolRow, str]]
) -> Sequence[_Opened]:
    """Apply requests together; when that breaks a law of ours, one by one, so that one costs its neighbours nothing."""
    try:
        # The end of the log is of this very transaction: a file that is exchanged right after it does not have it.
        outcomes, done.end, has_put_jobs = store.write_together(_apply_requests, inbound, opened)
    except Exception as error:
        if len(opened) == 1 or not _is_defect(error):
            raise
        return _apply_one_by_one(store, inbound, opened, done, dead)
    done.outcomes.update(chain.from_iterable(outcomes))
    done.has_put_jobs |= has_put_jobs
    return opened


def _apply_one_by_one(
    store: Store, inbound: Inbound, opened: Sequence[_Opened], done: Drained, dead: list[tuple[SpoolRow, str]]
) -> Sequence[_Opened]:
    applied: list[_Opened] = []
    broken: list[tuple[SpoolRow, Exception]] = []
    for request in opened:
        try:
            applied += _apply(store, inbound, [request], done, dead)
        except Exception as error:
            if not _is_defect(error):
                raise
            broken.append((request.row, error))
    if broken and not applied:
        # Nothing goes through: the firm is in trouble, not its requests. They wait.
        raise broken[0][1]
    dead += [(row, type(error).__name__) for row, error in broken]
    return applied


def _is_defect(error: Exception) -> bool:
    return not is_storage_failure(error) and not isinstance(error, VerificationError)


def _apply_requests(tx: Tx, inbound: Inbound, opened: Sequence[_Opened]) -> tuple[list[list[str]], AuditEnd, bool]:
    outcomes = [
        inbound.apply(tx, piece.elements[piece.start : piece.stop], piece.row.event_id, piece.row.received_at_ms)
        for piece in opened
    ]
    return outcomes, audit_end(tx), tx.jobs.put_any
