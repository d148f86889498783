"""Notes about a thread, by people of the firm for each other; no client ever gets one.

Invariants: a note is never changed nor taken away; what it says is in no audit record, and shown to those alone who may
read content.
"""

from __future__ import annotations

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.instants import rfc3339_ms
from lhwa.errors import SealError, UsageError
from lhwa.services.inbox.naming import thread_named
from lhwa.services.messaging.views import note_read
from lhwa.store.tables.notes import NoteRow
from lhwa.store.transaction import Tx

NOTE_CHARS_MAX = 4_000


class NoteView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One note as people see it."""

    id: str
    conversation_id: str
    author: str
    """The operator."""
    written_at: str
    text: str | None = None
    """Absent without the right to read content, and when it is unreadable."""
    unreadable: bool = False
    """True when the text does not open: the client was erased."""

    def __repr__(self) -> str:
        return f"NoteView({self.id})"


def add_note(tx: Tx, principal: Principal, conversation: str, text: str, *, note_id: str) -> NoteView:
    """Note something about a thread. Whoever may write to clients may.

    Args:
        conversation: its id, or the beginning of it.
        text: up to 4,000 characters; blanks around it go.
        note_id: its ULID, new.
    Raises: NotAllowedError; UsageError for a text that is empty or too long.
    """
    principal.require(Permission.WRITE_TO_CLIENTS)
    thread, words = thread_named(tx, principal, conversation), _checked(text)
    row = tx.notes.add(note_id, words, conversation=thread.id, contact=thread.contact, author=principal.operator)
    data = {"note": row.id, "characters": len(words)}
    actor = operator_actor(principal.operator)
    tx.audit.append(AuditRecord(actor, "note.added", f"conversation:{thread.id}", data))
    return note_view(tx, principal, row)


def list_notes(tx: Tx, principal: Principal, conversation: str) -> list[NoteView]:
    """The notes about a thread, oldest first. Whoever shows them records that somebody looked."""
    thread = thread_named(tx, principal, conversation)
    return [note_view(tx, principal, row) for row in tx.notes.of_conversation(thread.id)]


def show_notes(tx: Tx, principal: Principal, conversation: str) -> list[NoteView]:
    """`list_notes`, with the record that somebody looked."""
    thread = thread_named(tx, principal, conversation)
    shown = list_notes(tx, principal, thread.id)
    note_read(tx, principal, "note.read", f"conversation:{thread.id}", {"count": len(shown)})
    return shown


def note_view(tx: Tx, principal: Principal, row: NoteRow) -> NoteView:
    """One note as this principal may see it."""
    may_read = principal.may(Permission.READ_CONTENT)
    text = _text(tx, row) if may_read else None
    return NoteView(
        id=row.id,
        conversation_id=row.conversation,
        author=row.author,
        written_at=rfc3339_ms(row.written_at_ms),
        text=text,
        unreadable=may_read and text is None,
    )


def _text(tx: Tx, row: NoteRow) -> str | None:
    try:
        return tx.notes.text(row)
    except SealError:
        return None


def _checked(text: str) -> str:
    words = text.strip()
    if not words or len(words) > NOTE_CHARS_MAX:
        raise UsageError(
            f"A note has 1 to {NOTE_CHARS_MAX:,} characters.", hint="Write several, or keep the document in the matter."
        )
    try:
        words.encode()
    except UnicodeEncodeError:
        raise UsageError("This is no text: a part of a character is missing.", hint="Write it as UTF-8.") from None
    return words
