"""Watching for silence: one job of a firm reminds clients who do not answer, and ends what nobody goes on with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from lhwa.domain.audit import INTAKE, AuditRecord
from lhwa.domain.ids import TenantId
from lhwa.domain.jobs import INTAKES, JobKind
from lhwa.services.intake.moving import is_readable, lapse, move, silence, tree_of
from lhwa.store.transaction import Tx

AT_ONCE_MAX = 50
"""So many sessions are looked at in one transaction."""
BURIED_WAIT_MS = 300_000


class _Ports(Protocol):
    @property
    def write(self) -> Callable[..., Awaitable[Any]]: ...


class HasWrite(Protocol):
    """What `watch_intakes` needs of its context."""

    @property
    def outbound(self) -> _Ports:
        """Runs a transaction in a firm's file, away from the event loop."""
        ...


class _Payload(msgspec.Struct):
    tenant: str


async def watch_intakes(payload: bytes, context: HasWrite) -> None:
    """Look after every session in which silence has a consequence now."""
    tenant = TenantId(msgspec.json.decode(payload, type=_Payload).tenant)
    while await context.outbound.write(tenant, look_after_due):
        pass


def look_after_due(tx: Tx) -> bool:
    """Remind or end what is due; True while there may be more."""
    due = tx.intakes.due(rows_max=AT_ONCE_MAX)
    for row in due:
        if not is_readable(tx, row):
            lapse(tx, row)
            continue
        move(tx, row, silence(row, tree_of(tx, row), now_ms=tx.now_ms), at_ms=tx.now_ms)
    return len(due) == AT_ONCE_MAX


def next_watch_ms(tx: Tx, _context: HasWrite) -> int | None:
    """When silence has its next consequence."""
    return tx.intakes.next_due_ms()


def bury_watch(tx: Tx, payload: bytes, *, error: str, tries: int) -> None:
    """A watch that failed is begun again later: no session waits for ever because of another one."""
    tx.audit.append(AuditRecord(INTAKE, "intake.watch_failed", f"firm:{tx.tenant}", {"why": error, "tries": tries}))
    tx.jobs.put(JobKind.WATCH_INTAKES, payload, place=INTAKES, run_at_ms=tx.now_ms + BURIED_WAIT_MS, once=True)
