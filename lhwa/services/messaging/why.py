"""`messages why`: the way of one message from raw bytes to stored facts, on one screen."""

from __future__ import annotations

import hashlib

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import DamagedEntryError, read_entry
from lhwa.domain.events import WebhookEvent
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.keys import TenantKeys
from lhwa.errors import NotAllowedError, SealError
from lhwa.services.messaging.views import (
    MessageDetail,
    StatusView,
    find_message,
    hint_of_outbound,
    message_detail,
    note_read,
    status_views,
)
from lhwa.store.spool_rows import SpoolReader, open_request
from lhwa.store.tables.audit_log import StoredEntry
from lhwa.store.transaction import Tx


class Step(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One event or audit record about the message."""

    number: int
    """The audit number, or the place of the event in the firm's order."""
    at: str | None
    """None for an audit record that is damaged."""
    what: str
    id: str
    """The event id; for audit records their actor."""


class RawRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A webhook request that this message or one of its statuses came in."""

    request: WebhookEvent
    app: str | None = None
    state: str
    """`stored`, `done`, ...; `pruned` when its retention time is over."""
    body_bytes: int | None = None
    body_sha256: str | None = None
    """Of the raw bytes as Meta sent them; absent when they are gone or do not open."""


class Why(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Everything that is known of how a message came to be what it is."""

    detail: MessageDetail | None = None
    """Absent when only status facts are known: the message was sent by somebody else on this number."""
    statuses: tuple[StatusView, ...] = ()
    raw: tuple[RawRequest, ...] = ()
    events: tuple[Step, ...] = ()
    audit: tuple[Step, ...] = ()


def why(tx: Tx, principal: Principal, wanted: str, *, spool: SpoolReader, keys: TenantKeys) -> Why:
    """Trace a message by our id or its wamid.

    Raises: NotAllowedError when neither a message nor a status of it is here.
    """
    principal.require(Permission.READ_RECORDS)
    row = find_message(tx, wanted)
    if row is None:
        return _why_parked(tx, principal, wanted, spool=spool, keys=keys)
    subject = f"message:{row.id}"
    facts = status_views(tx, row.dedup)
    events = tx.events.about(subject)
    audit = tx.audit.about(subject)
    received = {row.raw_event: rfc3339_ms(row.received_at_ms)} | _received(facts)
    note_read(tx, principal, "message.traced", subject, {})
    return Why(
        detail=message_detail(tx, principal, row),
        statuses=facts,
        raw=_raw_requests(received, principal, spool=spool, keys=keys),
        events=tuple(
            Step(number=stored.seq, at=stored.event.time, what=stored.event.type.value, id=stored.event.id)
            for stored in events
        ),
        audit=tuple(_audit_step(entry) for entry in audit),
    )


def _why_parked(tx: Tx, principal: Principal, wanted: str, *, spool: SpoolReader, keys: TenantKeys) -> Why:
    for number in tx.statuses.numbers():
        dedup = tx.messages.dedup_of(number, wanted)
        facts = status_views(tx, dedup)
        if facts:
            note_read(tx, principal, "status.traced", f"status:{dedup.hex()}", {})
            return Why(statuses=facts, raw=_raw_requests(_received(facts), principal, spool=spool, keys=keys))
    raise NotAllowedError(NOT_YOURS, hint=hint_of_outbound(tx, wanted))


def _audit_step(row: StoredEntry) -> Step:
    try:
        entry = read_entry(row)
    except DamagedEntryError as damage:
        return Step(number=row.seq, at=None, what=f"(damaged: {damage}; run `lhwa audit verify`)", id="")
    return Step(number=row.seq, at=entry.ts, what=entry.action, id=entry.actor)


def _received(facts: tuple[StatusView, ...]) -> dict[str, str]:
    return {fact.raw_event: fact.received_at for fact in facts}


def _raw_requests(
    received: dict[str, str], principal: Principal, *, spool: SpoolReader, keys: TenantKeys
) -> tuple[RawRequest, ...]:
    found = []
    for raw_event, received_at in received.items():
        row = spool.by_event(raw_event)
        if row is None or row.tenant != principal.tenant:
            found.append(RawRequest(request=_webhook_event(raw_event, received_at), state="pruned"))
            continue
        try:
            digest = hashlib.sha256(open_request(row, keys)).hexdigest()
        except SealError:
            digest = None
        found.append(
            RawRequest(
                request=_webhook_event(raw_event, received_at),
                app=row.app,
                state=row.state,
                body_bytes=row.body_bytes,
                body_sha256=digest,
            )
        )
    return tuple(found)


def _webhook_event(raw_event: str, received_at: str) -> WebhookEvent:
    return WebhookEvent(event_id=raw_event, raw_payload_ref=f"spool:{raw_event}", received_at=received_at)
