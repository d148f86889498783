"""The people of a world: they write, approve, decline, cancel, try again and resolve, as they please."""

from __future__ import annotations

from contextlib import suppress

from lhwa.domain.access import Principal, Role
from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import ContactId
from lhwa.domain.instants import to_ms
from lhwa.domain.outbound import OutboundState, Text
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.services.messaging.outbox_decisions import (
    approve_outbound,
    cancel_outbound,
    decline_outbound,
    resolve_outbound,
    retry_outbound,
)
from lhwa.services.messaging.sending import SendRequest, TemplateChoice, request_send
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.transaction import Tx
from scripts.benchmarks.outbound_simulation.world import World

REASON = "simulated"
_S = OutboundState


def writes(world: World) -> None:
    """Somebody asks for a message."""
    draw = world.random
    contacts = world.read(lambda tx: [each.contact for each in tx.conversations.newest(rows_max=20) if each.contact])
    if not contacts:
        return
    content: Text | TemplateChoice = Text(body="Selamat siang, kami bantu.")
    if draw.random() < 0.35:
        content = TemplateChoice(name=world.template, language="id", values={"1": "Contoh"})
    is_later = draw.random() < 0.15
    request = SendRequest(
        contact=draw.choice(contacts),
        content=content,
        phone_number_id=draw.choice((None, *world.numbers)),
        send_at_ms=to_ms(world.clock.now()) + draw.choice((5_000, 600_000, 7_200_000)) if is_later else None,
    )
    message = world.new_id()
    with suppress(NotAllowedError, UsageError):
        outcome = world.store.write(request_send, _somebody(world), request, world.policy, outbound_id=message)
        if outcome.id is not None:
            world.book.requested.append(message)


def decides(world: World) -> None:
    """Somebody decides about one of the messages, whether or not that is allowed."""
    found = world.read(lambda tx: tx.outbox.newest(rows_max=50))
    open_rows = [row for row in found if row.state in (_S.PENDING_APPROVAL, _S.QUEUED, _S.IN_DOUBT, _S.FAILED)]
    if not open_rows:
        return
    row = world.random.choice(open_rows)
    with suppress(ConflictError, NotAllowedError):
        _decides(world, row)


def restricts(world: World) -> None:
    """A contact is put on hold, or released."""
    draw = world.random
    contacts = world.read(lambda tx: [each.contact for each in tx.conversations.newest(rows_max=20) if each.contact])
    if contacts:
        world.store.write(_restrict, draw.choice(contacts), draw.choice(("opt_out", "outbound_hold")))


def _decides(world: World, row: OutboundRow) -> None:
    draw, who = world.random, _somebody(world)
    roll = draw.random()
    match row.state:
        case _S.PENDING_APPROVAL if roll < 0.7:
            world.store.write(approve_outbound, who, row.id)
            world.book.approved.add(row.id)
        case _S.PENDING_APPROVAL if roll < 0.85:
            world.store.write(decline_outbound, who, row.id, reason=REASON)
        case _S.PENDING_APPROVAL | _S.QUEUED:
            if roll > 0.9 or row.state is _S.PENDING_APPROVAL:
                world.store.write(cancel_outbound, who, row.id)
        case _S.IN_DOUBT:
            was_sent = roll < 0.3
            world.store.write(resolve_outbound, who, row.id, was_sent=was_sent, reason=REASON)
            if was_sent:
                world.book.resolved.add(row.id)
            else:
                world.book.words[row.id] += 1
        case _:
            world.store.write(retry_outbound, who, row.id, reason=REASON)
            world.book.words[row.id] += 1


def _restrict(tx: Tx, contact: ContactId, kind: str) -> None:
    if not tx.restrictions.end(contact, kind):
        tx.restrictions.begin(contact, kind, source="system:simulation")
    tx.audit.append(AuditRecord("system:simulation", "contact.restriction_changed", f"contact:{contact}"))


def _somebody(world: World) -> Principal:
    role = world.random.choices((Role.OWNER, Role.LAWYER, Role.STAFF, Role.FINANCE), weights=(3, 5, 3, 1))[0]
    return Principal(world.operator(role.value), world.store.tenant, role)
