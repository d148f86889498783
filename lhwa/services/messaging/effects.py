"""Async work on ports, between transactions."""

from __future__ import annotations

from typing import Protocol

import msgspec

from lhwa.domain.audit import WORKER, AuditRecord
from lhwa.domain.events import CloudEvent
from lhwa.domain.ids import TenantId, ulid
from lhwa.ports.notifier import Alert, Notifier
from lhwa.store.transaction import Tx

_EVENT = msgspec.json.Decoder(CloudEvent)


class HasNotifier(Protocol):
    """What `alert_staff` needs of its context."""

    @property
    def notifier(self) -> Notifier:
        """Where alerts go."""
        ...


async def alert_staff(payload: bytes, context: HasNotifier) -> None:
    """Tell the firm's people about an AccountAlert event. A crash right after may tell them twice, never not at all."""
    event = _EVENT.decode(payload)
    await context.notifier.notify(
        Alert(
            tenant=TenantId(event.source.removeprefix("lhwa/")),
            severity=event.data["severity"],
            field=event.data["field"],
            event=event.data["event"],
            subject=event.subject,
        )
    )


def bury_alert(tx: Tx, payload: bytes, *, error: str, tries: int) -> None:
    """An alert that could not be delivered waits in the dead letters."""
    event = _EVENT.decode(payload)
    digest = tx.vault.blind("dead_letter", "job", event.id)
    letter = ulid(tx.now_ms, digest)
    tx.dead_letters.add(
        letter,
        dedup=digest[:16],
        kind="job",
        reason=error,
        tries=tries,
        raw_event="",
        position=event.subject,
        clear=payload,
    )
    tx.audit.append(AuditRecord(WORKER, "alert.buried", event.subject, {"reason": error, "tries": tries}))
