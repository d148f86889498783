"""Drafts: what people are writing and have not sent, one for each person and thread, sealed as notes are."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.sealing import Place
from lhwa.store.connection import rows
from lhwa.store.tables.notes import subject_of
from lhwa.store.vault import Vault


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One draft, still sealed."""

    conversation: ConversationId
    operator: str
    written_at_ms: int
    sealed: bytes


class Drafts:
    """The table of drafts."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def keep(self, conversation: ConversationId, operator: str, text: str, *, contact: ContactId | None) -> None:
        """Keep a text in place of the one before; the last write wins.

        Args:
            conversation: the thread.
            operator: who writes.
            text: what stands there now.
            contact: of the thread; None for a group.
        """
        place = self._place(conversation, operator)
        # Half a character from a terminal must not cost somebody the rest of what they wrote.
        clear = text.encode("utf-8", "replace")
        sealed = self._vault.seal(subject_of(contact), place, clear, now_ms=self._now_ms)
        self._connection.execute(
            "INSERT INTO draft (conversation, operator, written_at, sealed) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (conversation, operator) DO UPDATE"
            " SET written_at = excluded.written_at, sealed = excluded.sealed",
            (conversation, operator, self._now_ms, sealed),
        )

    def of(self, conversation: str, operator: str) -> DraftRow | None:
        """What somebody is writing in a thread."""
        found = rows(
            self._connection,
            "SELECT conversation, operator, written_at, sealed FROM draft WHERE conversation = ? AND operator = ?",
            (conversation, operator),
        )
        return DraftRow(*found[0]) if found else None

    def drop(self, conversation: str, operator: str) -> bool:
        """Throw a draft away; False when there is none."""
        before = self._connection.total_changes()
        self._connection.execute("DELETE FROM draft WHERE conversation = ? AND operator = ?", (conversation, operator))
        return self._connection.total_changes() > before

    def text(self, row: DraftRow) -> str:
        """The draft in clear; SealError when the contact's key was destroyed."""
        return self._vault.unseal(self._place(row.conversation, row.operator), row.sealed).decode()

    def _place(self, conversation: str, operator: str) -> Place:
        return self._vault.place("draft", "text", f"{conversation}/{operator}")
