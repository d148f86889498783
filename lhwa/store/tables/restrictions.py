"""What keeps messages from a contact: opt-outs, blocks and holds, each from when to when."""

from __future__ import annotations

import apsw

from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows


class Restrictions:
    """The table of restrictions. A row is ended, never deleted."""

    def __init__(self, connection: apsw.Connection, *, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def of(self, contact: ContactId) -> frozenset[str]:
        """The kinds that are in force for a contact."""
        found = rows(
            self._connection,
            "SELECT DISTINCT kind FROM contact_restriction WHERE contact = ? AND ended_at IS NULL",
            (contact,),
        )
        return frozenset(str(row[0]) for row in found)

    def begin(self, contact: ContactId, kind: str, *, source: str) -> bool:
        """Put a restriction in force; False when it is already."""
        if kind in self.of(contact):
            return False
        self._connection.execute(
            "INSERT INTO contact_restriction (contact, kind, since, source) VALUES (?, ?, ?, ?)",
            (contact, kind, self._now_ms, source),
        )
        return True

    def end(self, contact: ContactId, kind: str) -> bool:
        """End a restriction; False when none was in force."""
        before = self._connection.total_changes()
        self._connection.execute(
            "UPDATE contact_restriction SET ended_at = ? WHERE contact = ? AND kind = ? AND ended_at IS NULL",
            (self._now_ms, contact, kind),
        )
        return self._connection.total_changes() > before
