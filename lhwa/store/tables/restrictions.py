"""What keeps messages from a contact: opt-outs, blocks and holds, each from when to when."""

from __future__ import annotations

from dataclasses import dataclass

import apsw

from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows


@dataclass(frozen=True, slots=True)
class Restriction:
    """One that is in force."""

    contact: str
    kind: str
    since_ms: int
    source: str


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

    def in_force(self, contact: ContactId | None = None) -> list[Restriction]:
        """Everything that is in force for one contact, or for anybody; oldest first."""
        sql = "SELECT contact, kind, since, source FROM contact_restriction WHERE ended_at IS NULL"
        if contact is None:
            return [Restriction(*row) for row in rows(self._connection, f"{sql} ORDER BY seq")]
        return [Restriction(*row) for row in rows(self._connection, f"{sql} AND contact = ? ORDER BY seq", (contact,))]

    def tell(self, contact: ContactId, kind: str, *, begins: bool, at_ms: int, source: str) -> bool:
        """Take in what was said at some time, in whatever order it comes; False when something newer was said."""
        ((newest_ms,),) = rows(
            self._connection,
            "SELECT max(max(since, coalesce(ended_at, 0))) FROM contact_restriction WHERE contact = ? AND kind = ?",
            (contact, kind),
        )
        if newest_ms is not None and newest_ms >= at_ms:
            return False
        self._connection.execute(
            "UPDATE contact_restriction SET ended_at = ? WHERE contact = ? AND kind = ? AND ended_at IS NULL",
            (at_ms, contact, kind),
        )
        self._connection.execute(
            "INSERT INTO contact_restriction (contact, kind, since, ended_at, source) VALUES (?, ?, ?, ?, ?)",
            (contact, kind, at_ms, None if begins else at_ms, source),
        )
        return True

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
