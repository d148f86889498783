"""What one open store remembers of its file between transactions, so that people who are known cost no queries.

It holds identifiers of people in clear, in memory only, as the vault holds their keys.

Invariants: it is emptied when another connection has committed and when anything was rolled back; whatever changes a
row that is remembered here says so in the same call. So an answer from here is the one that the file would give.
"""

from __future__ import annotations

from lhwa.domain.contacts import Link
from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId, ConversationId
from lhwa.store.memory import Memory

RECALLED_TABLES = frozenset({"contact", "contact_sighting", "contact_alias", "conversation"})


class Recall:
    """The memories of one open store."""

    def __init__(self) -> None:
        self._version: int | None = None
        # What follows from the firm's secret alone stays true whatever happens to the file.
        self.alias_hashes: Memory[tuple[str, str], bytes] = Memory()
        self.own_ids: Memory[tuple[str, bytes], ContactId] = Memory()
        self.said: Memory[Party, bytes] = Memory()
        # What is in the file.
        self.sightings: Memory[tuple[ContactId, bytes], tuple[int, int]] = Memory()
        """The first and the last time of each."""
        self.links: Memory[tuple[str, bytes], list[Link]] = Memory()
        self.conversations: Memory[tuple[str, ContactId | None, bytes | None], ConversationId] = Memory()

    def begin(self, data_version: int) -> None:
        """A transaction began; `data_version` changes when another connection commits."""
        if data_version != self._version:
            self.forget_rows()
            self._version = data_version

    def forget_rows(self) -> None:
        """Something in the file may be otherwise than we knew."""
        self.sightings.clear()
        self.links.clear()
        self.conversations.clear()
