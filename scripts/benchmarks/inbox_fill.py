"""A home with one firm whose inbox is full: very many threads with a message each, and one thread that is very long.

The rows are written through the store's own tables, many to a transaction: rows, seals and indexes are those of the
product, the audit log is shorter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lhwa.bootstrap import open_registry
from lhwa.domain.access import Role
from lhwa.domain.audit import AuditRecord
from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId, ConversationId, MessageId, OperatorId, short_id, ulid
from lhwa.domain.instants import to_ms
from lhwa.domain.intake.session import Session
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.outbound import OutboundState, Recipient, Text
from lhwa.services.access.callers import Caller, os_uid
from lhwa.services.access.operators import add_operator
from lhwa.services.intake.publishing import publish_tree, submit_tree
from lhwa.store.store import Store
from lhwa.store.tables.messages import DEDUP_BYTES, MessageContent, NewMessage
from lhwa.store.tables.outbox import Letter, NewOutbound, Receipt
from lhwa.store.transaction import Tx
from lhwa.testing.builders import acting_as
from lhwa.testing.intake import SMALL_TREE
from scripts.benchmarks import webhooks
from scripts.benchmarks.daemon import BenchHome, make_home

LAWYER = OperatorId("contoh-lawyer")
A_COMMIT = 2_000
STEP_MS = 1_000
"""Between two messages of the firm."""
OUTBOUND_EVERY, INTAKE_EVERY = 5, 20
_QUESTIONS = (
    "Selamat siang, mohon informasi mengenai jadwal sidang perkara saya minggu depan.",
    "Apakah dokumen yang kemarin sudah diterima?",
    "Terima kasih, kami tunggu kabar dari kantor soal perjanjian sewa itu. Surat kuasanya sudah ada di meja saya.",
    "Mohon maaf baru membalas, kemarin saya di luar kota. Kapan sebaiknya kami datang ke kantor?",
)
_ANSWERS = ("Baik, kami periksa dulu berkasnya.", "Terima kasih, sudah kami terima.", "Besok kami kabari lagi, ya.")
_STATES = (IntakeState.IN_PROGRESS, IntakeState.SUBMITTED, IntakeState.UNDER_REVIEW, IntakeState.REJECTED)


@dataclass(frozen=True, slots=True)
class FullInbox:
    """What was filled."""

    home: BenchHome
    long_thread: ConversationId


@dataclass(frozen=True, slots=True)
class _Client:
    contact: ContactId
    conversation: ConversationId
    number: str
    """`wa_id`."""


def fill(home: Path, *, conversations: int, thread_messages: int) -> FullInbox:
    """Make a home with one founded firm, an owner (`contoh`) and a lawyer, and fill its inbox.

    Args:
        home: a folder that does not exist yet.
        conversations: threads of different clients, with one message each; every 20th has an intake.
        thread_messages: of the client in the one long thread, spread over all the others; the firm answers every
            5th of them from the outbox.
    """
    made = make_home(home, firms=1)
    with open_registry(made.home, made.root) as registry:
        caller, now = Caller(os_uid=os_uid()), datetime.now(UTC)
        add_operator(registry, caller, made.tenants[0], operator=LAWYER, name="Contoh", role=Role.LAWYER.value, now=now)
    with made.open_store(made.tenants[0]) as store:
        long_thread = _Filling(store, conversations, thread_messages).run()
    return FullInbox(made, long_thread)


class _Filling:
    """Everything in the order of its times."""

    def __init__(self, store: Store, conversations: int, thread_messages: int) -> None:
        self._store = store
        self._conversations = conversations
        self._thread_messages = thread_messages
        self._began_ms = to_ms(store.now()) - (conversations + thread_messages + 10) * STEP_MS

    def run(self) -> ConversationId:
        tenant, submission = self._store.tenant, ulid(self._began_ms, bytes(10))
        self._store.write(submit_tree, acting_as(Role.LAWYER, tenant=tenant), SMALL_TREE, submission=submission)
        self._store.write(publish_tree, acting_as(Role.OWNER, tenant=tenant), submission)
        long_one = self._write(lambda tx: self._client(tx, 0))
        total = self._conversations + self._thread_messages
        for first in range(0, total, A_COMMIT):
            numbers = range(first, min(first + A_COMMIT, total))
            self._write(lambda tx, numbers=numbers: self._add(tx, long_one, numbers))  # type: ignore[misc]  # of a loop
        return long_one.conversation

    def _write(self, fn: Callable[[Tx], _Client]) -> _Client:
        def audited(tx: Tx) -> _Client:
            tx.audit.append(AuditRecord("system:bench", "bench.filled", f"firm:{tx.tenant}"))
            return fn(tx)

        return self._store.write_together(audited)

    def _add(self, tx: Tx, long_one: _Client, numbers: range) -> _Client:
        """The messages with these numbers: those of the long thread lie evenly among the others."""
        total = self._conversations + self._thread_messages
        for number in numbers:
            at_ms = self._began_ms + number * STEP_MS
            before, after = number * self._thread_messages // total, (number + 1) * self._thread_messages // total
            if after > before:
                self._hear(tx, long_one, number, at_ms=at_ms)
                if after % OUTBOUND_EVERY == 0:
                    self._answer(tx, long_one, number, at_ms=at_ms + STEP_MS // 2)
                continue
            client = self._client(tx, number + 1)
            self._hear(tx, client, number, at_ms=at_ms)
            nth, is_no_intake = divmod(number - before, INTAKE_EVERY)
            if not is_no_intake:
                state = _STATES[nth % len(_STATES)]
                session = Session(id=ulid(at_ms, _tail("intake", number)), tree=SMALL_TREE.name, version=1, state=state)
                tx.intakes.begin(session, contact=client.contact, conversation=client.conversation)
        return long_one

    def _client(self, tx: Tx, number: int) -> _Client:
        wa_id = f"62812{number:08}"
        party = Party(wa_id=wa_id, profile_name=f"Contoh Klien {number}")
        hashed = tx.contacts.alias_hash("wa_id", wa_id)
        contact = tx.contacts.own_id("wa_id", hashed)
        tx.contacts.add(contact, party, at_ms=self._began_ms)
        tx.contacts.link(contact, "wa_id", hashed, how="seen", since_ms=self._began_ms)
        conversation = ConversationId(short_id(_tail("thread", number)))
        tx.conversations.add(conversation, webhooks.number_of(0), contact=contact, group_hash=None)
        return _Client(contact, conversation, wa_id)

    def _hear(self, tx: Tx, client: _Client, number: int, *, at_ms: int) -> None:
        text = f"{_QUESTIONS[number % len(_QUESTIONS)]} ({number})"
        wamid = f"wamid.FILL{number}"
        dedup = tx.messages.dedup_of(webhooks.number_of(0), wamid)
        tx.messages.add(
            NewMessage(
                id=MessageId(ulid(at_ms, dedup)),
                dedup=dedup,
                conversation=client.conversation,
                contact=client.contact,
                phone_number_id=webhooks.number_of(0),
                direction="inbound",
                via="messages",
                type="text",
                wire_type="text",
                sender_hash=tx.contacts.alias_hash("wa_id", client.number),
                sent_at_ms=at_ms,
                received_at_ms=at_ms,
                reply_to=None,
                target=None,
                telling=bytes(8),
                status=None,
                raw_event=ulid(at_ms, dedup),
                position="entry[0].changes[0].value.messages[0]",
                content=MessageContent(wamid=wamid, text=text, content={"type": "text", "text": {"body": text}}),
            )
        )
        tx.conversations.count_message(client.conversation, sent_at_ms=at_ms, opens_window=True, is_unread=True)

    def _answer(self, tx: Tx, client: _Client, number: int, *, at_ms: int) -> None:
        outbound = ulid(at_ms, _tail("outbound", number))
        letter = Letter(
            recipient=Recipient(phone=f"+{client.number}"), content=Text(body=_ANSWERS[number % len(_ANSWERS)])
        )
        tx.outbox.add(
            NewOutbound(
                id=outbound,
                conversation=client.conversation,
                contact=client.contact,
                phone_number_id=webhooks.number_of(0),
                recipient_hash=tx.contacts.alias_hash("wa_id", client.number),
                kind="text",
                template=None,
                language=None,
                author_kind="person",
                author=LAWYER,
                state=OutboundState.QUEUED,
                send_at_ms=at_ms,
                expires_at_ms=at_ms + 86_400_000,
                letter=letter,
            )
        )
        row = tx.outbox.get(outbound)
        assert row is not None
        wamid = f"wamid.SENT{number}"
        tx.outbox.move(
            row,
            OutboundState.READ,
            posted_at=at_ms,
            message_dedup=tx.messages.dedup_of(webhooks.number_of(0), wamid),
            receipt=tx.outbox.sealed_receipt(row, Receipt(wamid=wamid)),
        )


def _tail(kind: str, number: int) -> bytes:
    return hashlib.sha256(f"{kind} {number}".encode()).digest()[:DEDUP_BYTES]
