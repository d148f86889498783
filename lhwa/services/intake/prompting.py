"""What a session says, put into the outbox: free text in the window, the invitation to go on outside of it.

The gates are asked when it leaves. Only texts that people of the firm approved with the tree go out here.
"""

from __future__ import annotations

import hashlib

from lhwa.domain.audit import INTAKE, AuditRecord
from lhwa.domain.events import EventType
from lhwa.domain.gates import APPROVED, MARKETING, WINDOW_GUARD_MS
from lhwa.domain.ids import ulid
from lhwa.domain.instants import from_ms
from lhwa.domain.intake.session import Prompt
from lhwa.domain.intake.wording import Language
from lhwa.domain.outbound import Content, FilledTemplate, OutboundState, Recipient
from lhwa.domain.send_policy import DAY_MS
from lhwa.domain.template_filling import fill
from lhwa.services.intake.concerning import Client
from lhwa.services.messaging.addressing import recipient_of
from lhwa.services.messaging.rules import window_closes_ms
from lhwa.services.messaging.sending import new_outbound, wake_sender
from lhwa.store.announce import emit_outbound
from lhwa.store.gate_facts import stored_template, value_findings
from lhwa.store.tables.outbox import Letter, OutboundRow
from lhwa.store.transaction import Tx

AUTHOR = "intake"
INVITATION = "lanjutkan_pendaftaran"
"""The template that asks a client to go on when the window has closed."""
_LANGUAGES = {Language.ID: ("id",), Language.EN: ("en", "en_US", "en_GB")}
_ADDRESS = {Language.ID: "Bapak/Ibu", Language.EN: "Sir or Madam"}
_WAITING = frozenset({OutboundState.DRAFT, OutboundState.PENDING_APPROVAL, OutboundState.QUEUED, OutboundState.SENDING})
_THERE = frozenset({"sent", "delivered", "read"})
_LOST = frozenset({OutboundState.FAILED, OutboundState.CANCELLED, OutboundState.EXPIRED})


def put_prompt(tx: Tx, client: Client, content: Content, *, intake: str, nth: str, author: str = AUTHOR) -> str | None:
    """Put a text of a session into the outbox; returns its id, None when it cannot reach the client now.

    Args:
        nth: tells the texts of one session apart.
    """
    if not is_open(tx, client):
        return None
    return _put(tx, client, content, intake=intake, nth=nth, author=author)


def invite(tx: Tx, client: Client, *, intake: str, nth: str, language: Language, since_ms: int) -> bool:
    """Ask a client to go on, by template; False when the firm has none that may be sent."""
    content = _invitation(tx, language, since_ms=since_ms)
    if content is None:
        data = {"why": "window_closed", "template": INVITATION}
        tx.audit.append(AuditRecord(INTAKE, "intake.unreachable", f"intake:{intake}", data))
        return False
    return _put(tx, client, content, intake=intake, nth=nth, author=AUTHOR) is not None


def is_open(tx: Tx, client: Client) -> bool:
    """True while the customer service window surely is."""
    thread = tx.conversations.get(client.conversation)
    closes_ms = None if thread is None else window_closes_ms(thread.last_inbound_at_ms, now_ms=tx.now_ms)
    return closes_ms is not None and closes_ms - WINDOW_GUARD_MS > tx.now_ms


def fate_of(tx: Tx, prompt: str | None) -> tuple[Prompt, int | None]:
    """What became of a question, and when it was posted (unix milliseconds)."""
    row = None if prompt is None else tx.outbox.get(prompt)
    if row is None or row.state in _LOST:
        return Prompt.LOST, None
    if row.state in _WAITING:
        return Prompt.WAITING, None
    return Prompt.POSTED, _by_metas_clock(tx, row)


def _by_metas_clock(tx: Tx, row: OutboundRow) -> int | None:
    """When a question was there, by the clock that also tells when its answer was written.

    Ours may be ahead: then answers would seem to be older than their questions, and would count for nothing.
    """
    told = [] if row.message_dedup is None else tx.statuses.of_message(row.message_dedup)
    return min((each.at_ms for each in told if each.status in _THERE), default=row.posted_at_ms)


def take_back(tx: Tx, prompt: str | None) -> None:
    """Let a question that has not left stay here: nobody waits for its answer any more."""
    row = None if prompt is None else tx.outbox.get(prompt)
    if row is None or row.state is not OutboundState.QUEUED:
        return
    tx.outbox.move(row, OutboundState.CANCELLED)
    # Also for the next one of the thread, which waited for this one.
    wake_sender(tx, at_ms=tx.now_ms)
    emit_outbound(tx, EventType.OUTBOUND_SETTLED, row, state=OutboundState.CANCELLED)
    tx.audit.append(AuditRecord(INTAKE, "outbound.cancelled", f"outbound:{row.id}", {"why": "nobody_waits"}))


def _put(tx: Tx, client: Client, content: Content, *, intake: str, nth: str, author: str) -> str | None:
    recipient = recipient_of(tx, client.contact)
    if recipient == Recipient():
        return None  # the client was erased: there is nowhere to send it
    seed = hashlib.sha256(f"{tx.tenant}/{intake}/{nth}".encode()).digest()
    message = new_outbound(
        tx,
        ulid(tx.now_ms, seed),
        Letter(recipient=recipient, content=content),
        conversation=client.conversation,
        contact=client.contact,
        phone_number_id=client.phone_number_id,
        author_kind="automatic_text",
        author=author,
        state=OutboundState.QUEUED,
        send_at_ms=tx.now_ms,
        expires_at_ms=tx.now_ms + DAY_MS,
    )
    tx.outbox.add(message)
    emit_outbound(tx, EventType.OUTBOUND_REQUESTED, message, state=OutboundState.QUEUED)
    facts = {"intake": intake, "type": message.kind, "conversation": client.conversation}
    tx.audit.append(AuditRecord(INTAKE, "outbound.requested", f"outbound:{message.id}", facts))
    wake_sender(tx, at_ms=tx.now_ms)
    return message.id


def _invitation(tx: Tx, language: Language, *, since_ms: int) -> FilledTemplate | None:
    for name in (*_LANGUAGES[language], *_LANGUAGES[Language.ID]):
        row = tx.templates.get(INVITATION, name)
        if row is None or row.status != APPROVED or row.category == MARKETING:
            continue
        template = stored_template(row.definition)
        day = from_ms(since_ms)
        values = {"nama": _ADDRESS[language], "tanggal": f"{day.day}-{day.month}-{day.year}"}
        if not value_findings(template, values):
            return fill(template, values)
    return None
