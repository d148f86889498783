"""From the spool into a firm's file: one batch of stored requests, one transaction.

A crash between the commit in tenant.db and the mark in spool.db repeats the batch; element keys make that harmless.
A request with very many elements is applied in slices, so that it holds up neither the firm's other requests nor the
other firms; it is marked after its last slice. Runs on the worker's storage thread.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
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

REQUESTS_IN_MEMORY = 8
"""Long requests whose elements are kept between slices; the elements of others are read again."""


@dataclass(slots=True)
class Drained:
    """What one batch did."""

    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    received_at_ms: list[int] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Ids of requests that are marked dead, and why: `seal` when it does not open, or the name of our defect."""
    more: bool = False
    """True when a request was applied in part: its next slice waits."""


class Progress:
    """How far requests with very many elements have come. In memory: after a crash they begin anew, harmlessly."""

    def __init__(self) -> None:
        self._applied: dict[tuple[int, int], int] = {}
        self._elements: OrderedDict[tuple[int, int], Sequence[object]] = OrderedDict()

    def elements_of(self, row: SpoolRow, read: Callable[[], Sequence[object]]) -> Sequence[object]:
        """The elements of a request; those of one that is under way are not read again for each slice."""
        return self._elements.get(_version(row)) or read()

    def applied(self, row: SpoolRow) -> int:
        """How many of its elements are committed."""
        return self._applied.get(_version(row), 0)

    def advance(self, row: SpoolRow, elements: Sequence[object], *, applied: int) -> None:
        """A slice was committed and it was not the last one."""
        self._applied[_version(row)] = applied
        self._elements[_version(row)] = elements
        self._elements.move_to_end(_version(row))
        while len(self._elements) > REQUESTS_IN_MEMORY:
            self._elements.popitem(last=False)

    def forget(self, row: SpoolRow) -> None:
        """The request is served."""
        self._applied.pop(_version(row), None)
        self._elements.pop(_version(row), None)


def _version(row: SpoolRow) -> tuple[int, int]:
    return row.seq, row.generation


@dataclass(frozen=True, slots=True)
class _Opened:
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
    tenant: TenantId,
    keys: Callable[[], TenantKeys],
    requests_max: int,
    elements_max: int,
    progress: Progress,
) -> Drained:
    """Apply the oldest waiting requests of one firm: about `elements_max` elements, never more than twice as many.

    Raises: errors of the disk, and whatever stops every request alike; nothing of the batch is marked then.
    """
    done = Drained()
    opened: list[_Opened] = []
    dead: list[tuple[SpoolRow, str]] = []
    waiting = 0
    for row in spool.read.take(tenant, rows_max=requests_max):
        try:
            piece = _open(row, inbound, keys, progress, elements_max=elements_max)
        except SealError:
            dead.append((row, "seal"))
            continue
        opened.append(piece)
        waiting += piece.stop - piece.start
        # A long request never goes alone: when it breaks a law of ours, its neighbour shows that the firm is sound.
        if waiting >= elements_max and (len(opened) > 1 or piece.is_last):
            break
    try:
        applied = _apply(store, inbound, opened, done, dead) if opened else []
    except BaseException:
        # The file may be replaced by a backup now, which has none of the earlier slices.
        for piece in opened:
            progress.forget(piece.row)
        raise
    served = [piece.row for piece in applied if piece.is_last]
    for piece in applied:
        if not piece.is_last:
            progress.advance(piece.row, piece.elements, applied=piece.stop)
    done.requests = len(served)
    done.more = len(served) < len(applied)
    done.received_at_ms = [row.received_at_ms for row in served]
    done.unreadable = {row.event_id: reason for row, reason in dead}
    _mark_served(spool, served, dead)
    for row in (*served, *(row for row, _ in dead)):
        progress.forget(row)
    return done


def _open(
    row: SpoolRow, inbound: Inbound, keys: Callable[[], TenantKeys], progress: Progress, *, elements_max: int
) -> _Opened:
    elements = progress.elements_of(row, lambda: inbound.read(open_request(row, keys())))
    start = progress.applied(row)
    return _Opened(row, elements, start, min(start + elements_max, len(elements)))


def _apply(
    store: Store, inbound: Inbound, opened: Sequence[_Opened], done: Drained, dead: list[tuple[SpoolRow, str]]
) -> Sequence[_Opened]:
    """Apply requests together; when that breaks a law of ours, one by one, so that one costs its neighbours nothing."""
    try:
        outcomes = store.write(_apply_requests, inbound, opened)
    except Exception as error:
        if len(opened) == 1 or not _is_defect(error):
            raise
        return _apply_one_by_one(store, inbound, opened, done, dead)
    for outcome in outcomes:
        done.outcomes.update(outcome)
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


def _apply_requests(tx: Tx, inbound: Inbound, opened: Sequence[_Opened]) -> list[list[str]]:
    return [
        inbound.apply(tx, piece.elements[piece.start : piece.stop], piece.row.event_id, piece.row.received_at_ms)
        for piece in opened
    ]


def _mark_served(spool: Spool, done: Sequence[SpoolRow], dead: Sequence[tuple[SpoolRow, str]]) -> None:
    changes = [mark(done, state="done")] if done else []
    changes += [mark([row], state="dead", reason=reason) for row, reason in dead]
    for future in [spool.change(change) for change in changes]:
        future.result()
