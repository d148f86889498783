"""Reads for people: outgoing messages, where they are, when they leave, and what somebody has to do about them."""

from __future__ import annotations

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.ids import ContactId
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.outbound import (
    Content,
    Document,
    FilledTemplate,
    Interactive,
    Media,
    OutboundState,
    Reaction,
    Recipient,
    Text,
)
from lhwa.domain.phones import mask_bsuid, mask_e164
from lhwa.errors import NotAllowedError, SealError
from lhwa.services.messaging.addressing import recipient_of
from lhwa.services.messaging.decisions import Decision, decisions_about
from lhwa.services.messaging.meant import outbound_meant
from lhwa.services.messaging.outbox_words import hint_of, meaning_of
from lhwa.services.messaging.predictions import OpenBreaker, open_breakers, predict
from lhwa.services.messaging.prices import Price, price_of
from lhwa.services.messaging.views import StatusView, note_read, shown_statuses
from lhwa.store.tables.outbox import Letter, OutboundRow
from lhwa.store.transaction import Tx


class OutboundView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One outgoing message as people see it."""

    id: str
    state: str
    type: str
    conversation_id: str
    contact: str | None = None
    """Masked; absent without the right to read content."""
    template: str | None = None
    language: str | None = None
    author: str
    attempts: int
    created_at: str
    send_at: str | None = None
    """When it was asked to leave, if later than it was written."""
    next_attempt_at: str | None = None
    in_doubt_since: str | None = None
    decided_by: str | None = None
    rule: str | None = None
    error_code: int | None = None
    hint: str | None = None
    """What to do now; absent where nothing is to be done."""


class OutboundDetail(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Everything about one outgoing message that a person may see."""

    message: OutboundView
    meaning: str
    """Of its state, in plain words."""
    text: str | None = None
    wamid: str | None = None
    statuses: tuple[StatusView, ...] = ()
    price: Price | None = None
    """As what Meta counts it; absent while it has not said."""
    decisions: tuple[Decision, ...] = ()
    """What people decided about it, oldest first."""
    unreadable: bool = False


class Waiting(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Something that waits for a person's decision."""

    id: str
    kind: str
    since: str
    by: str
    about: str
    text: str | None = None
    conversation_id: str | None = None
    """Absent for what belongs to no client."""


def list_outbox(
    tx: Tx, principal: Principal, *, rows_max: int, states: tuple[OutboundState, ...] = ()
) -> list[OutboundView]:
    """Outgoing messages, newest first."""
    principal.require(Permission.READ_RECORDS)
    found = tx.outbox.newest(rows_max=rows_max, states=states)
    note_read(tx, principal, "outbound.read", f"firm:{tx.tenant}", {"count": len(found)})
    breakers = open_breakers(tx)
    return [outbound_view(tx, principal, row, breakers) for row in found]


def show_outbound(tx: Tx, principal: Principal, message: str) -> OutboundDetail:
    """One outgoing message with what it says, where the role may read content.

    Args:
        message: its id, or the beginning of it.
    """
    shown = outbound_detail(tx, principal, message)
    note_read(tx, principal, "outbound.read", f"outbound:{shown.message.id}", {"count": 1})
    return shown


def outbound_detail(tx: Tx, principal: Principal, message: str) -> OutboundDetail:
    """The same without a record. Whoever shows it has recorded that somebody looks."""
    principal.require(Permission.READ_RECORDS)
    row = tx.outbox.get(outbound_meant(tx, message))
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    may_read = principal.may(Permission.READ_CONTENT)
    letter = letter_of(tx, row) if may_read else None
    receipt = None if letter is None else tx.outbox.receipt(row)
    facts = [] if row.message_dedup is None else tx.statuses.of_message(row.message_dedup)
    return OutboundDetail(
        message=outbound_view(tx, principal, row, open_breakers(tx)),
        meaning=meaning_of(row.state),
        text=None if letter is None else said(letter.content),
        wamid=None if receipt is None else receipt.wamid,
        statuses=shown_statuses(facts),
        price=price_of(tx, facts),
        decisions=decisions_about(tx, principal, f"outbound:{row.id}"),
        unreadable=may_read and letter is None,
    )


def pending(tx: Tx, principal: Principal) -> list[Waiting]:
    """Messages that wait for a second person, oldest first. Whoever shows them records that somebody looked."""
    principal.require(Permission.READ_RECORDS)
    found = tx.outbox.in_state(OutboundState.PENDING_APPROVAL)
    may_read = principal.may(Permission.READ_CONTENT)
    shown: list[Waiting] = []
    for row in found:
        letter = letter_of(tx, row) if may_read else None
        shown.append(
            Waiting(
                id=row.id,
                kind="outbound",
                since=rfc3339_ms(row.created_at_ms),
                by=row.author,
                about=row.conversation if letter is None else masked_recipient(letter.recipient),
                text=None if letter is None else said(letter.content),
                conversation_id=row.conversation,
            )
        )
    return shown


def said(content: Content) -> str:
    """What the client reads, as one text."""
    match content:
        case Text():
            return content.body
        case FilledTemplate():
            values = ", ".join(f"{each.name}={each.value}" if each.name else each.value for each in content.body)
            return f"[{content.name}/{content.language}] {values}".rstrip()
        case Media():
            return content.caption or content.filename or f"[{content.media}]"
        case Document():
            caption = "" if content.caption is None else f" {content.caption}"
            return f"[{content.filename}, {content.size:,} bytes]{caption}"
        case Interactive():
            body = content.interactive.get("body")
            return str(body.get("text", "")) if isinstance(body, dict) else ""
        case Reaction():
            return content.emoji


def outbound_view(tx: Tx, principal: Principal, row: OutboundRow, breakers: list[OpenBreaker]) -> OutboundView:
    """One message as a line.

    Args:
        breakers: those that are open now.
    """
    letter = letter_of(tx, row) if principal.may(Permission.READ_CONTENT) else None
    waits = predict(tx, row, breakers) if row.state is OutboundState.QUEUED else None
    return OutboundView(
        id=row.id,
        state=row.state.value,
        type=row.kind,
        conversation_id=row.conversation,
        contact=None if letter is None else masked_recipient(letter.recipient),
        template=row.template,
        language=row.language,
        author=row.author,
        attempts=row.attempts,
        created_at=rfc3339_ms(row.created_at_ms),
        send_at=rfc3339_ms(row.send_at_ms) if row.send_at_ms > row.created_at_ms else None,
        next_attempt_at=None if waits is None else rfc3339_ms(waits.at_ms),
        in_doubt_since=None if row.in_doubt_since_ms is None else rfc3339_ms(row.in_doubt_since_ms),
        decided_by=row.decided_by,
        rule=row.rule or None,
        error_code=row.error_code,
        hint=hint_of(row) if waits is None else waits.hint,
    )


def letter_of(tx: Tx, row: OutboundRow) -> Letter | None:
    """What a message says; None when its key was destroyed."""
    try:
        return tx.outbox.letter(row)
    except SealError:
        return None


def masked_recipient(recipient: Recipient) -> str:
    """To whom, as people may see it."""
    if recipient.phone:
        return mask_e164(recipient.phone)
    return mask_bsuid(recipient.bsuid) if recipient.bsuid else "-"


def masked_contact(tx: Tx, contact: ContactId) -> str | None:
    """A contact as people may see it; None when nothing readable is known of them."""
    recipient = recipient_of(tx, contact)
    return masked_recipient(recipient) if recipient.phone or recipient.bsuid else None
