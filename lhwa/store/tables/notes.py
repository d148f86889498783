"""Notes about threads, sealed under the contact's key; those about a group under the firm's. Rows are never changed."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.sealing import Place
from lhwa.store.connection import rows
from lhwa.store.vault import FIRM, Vault, contact_subject


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note, still sealed."""

    id: str
    conversation: ConversationId
    author: str
    written_at_ms: int
    sealed: bytes


_ROW = "SELECT id, conversation, author, written_at, sealed FROM note"


class Notes:
    """The table of notes."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def add(
        self, note: str, text: str, *, conversation: ConversationId, contact: ContactId | None, author: str
    ) -> NoteRow:
        """Keep a note.

        Args:
            note: its ULID, new.
            text: what it says.
            conversation: the thread that it is about.
            contact: of the thread; None for a group.
            author: the operator.
        """
        sealed = self._vault.seal(subject_of(contact), self._place(note), text.encode(), now_ms=self._now_ms)
        row = NoteRow(note, conversation, author, self._now_ms, sealed)
        self._connection.execute(
            "INSERT INTO note (id, conversation, author, written_at, sealed) VALUES (?, ?, ?, ?, ?)",
            (row.id, row.conversation, row.author, row.written_at_ms, row.sealed),
        )
        return row

    def get(self, note: str) -> NoteRow | None:
        """One note by its id."""
        found = rows(self._connection, f"{_ROW} WHERE id = ?", (note,))
        return NoteRow(*found[0]) if found else None

    def of_conversation(self, conversation: str) -> list[NoteRow]:
        """The notes about a thread, oldest first."""
        found = rows(self._connection, f"{_ROW} WHERE conversation = ? ORDER BY written_at, seq", (conversation,))
        return [NoteRow(*row) for row in found]

    def before(self, conversation: str, *, at_ms: int, rows_max: int) -> list[NoteRow]:
        """Notes about a thread that were written up to some time, that moment included; newest first."""
        found = rows(
            self._connection,
            f"{_ROW} WHERE conversation = ? AND written_at <= ? ORDER BY written_at DESC, seq DESC LIMIT ?",
            (conversation, at_ms, rows_max),
        )
        return [NoteRow(*row) for row in found]

    def after(self, conversation: str, *, at_ms: int, rows_max: int) -> list[NoteRow]:
        """Notes about a thread that were written from some time on, that moment included; oldest first."""
        found = rows(
            self._connection,
            f"{_ROW} WHERE conversation = ? AND written_at >= ? ORDER BY written_at, seq LIMIT ?",
            (conversation, at_ms, rows_max),
        )
        return [NoteRow(*row) for row in found]

    def text(self, row: NoteRow) -> str:
        """What a note says; SealError when the contact's key was destroyed."""
        return self._vault.unseal(self._place(row.id), row.sealed).decode()

    def _place(self, note: str) -> Place:
        return self._vault.place("note", "text", note)


def subject_of(contact: ContactId | None) -> str:
    """Under whose key lies what people write about a thread."""
    return FIRM if contact is None else contact_subject(contact)
