"""Matters: what a lawyer accepted. Title and outside reference are sealed under the client's key."""

from __future__ import annotations

from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows
from lhwa.store.vault import Vault, contact_subject


class MatterWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sealed of a matter."""

    title: str
    external_reference: str | None = None
    """Its name in the firm's system of record."""

    def __repr__(self) -> str:
        return "MatterWords(…)"


@dataclass(frozen=True, slots=True)
class MatterRow:
    """One matter, still sealed."""

    id: str
    intake: str
    contact: ContactId
    lawyer: str
    opened_at_ms: int
    opened_by: str
    needs_check_since_ms: int | None
    sealed: bytes


_ROW = "SELECT id, intake, contact, lawyer, opened_at, opened_by, needs_check_since, sealed FROM matter"
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(MatterWords)


class Matters:
    """The table of matters."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def open(self, matter: str, words: MatterWords, *, intake: str, contact: ContactId, lawyer: str, by: str) -> None:
        """A new matter."""
        place = self._vault.place("matter", "words", matter)
        sealed = self._vault.seal(contact_subject(contact), place, _ENCODER.encode(words), now_ms=self._now_ms)
        self._connection.execute(
            "INSERT INTO matter (id, intake, contact, lawyer, opened_at, opened_by, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (matter, intake, contact, lawyer, self._now_ms, by, sealed),
        )

    def of_intake(self, intake: str) -> MatterRow | None:
        """The matter that an intake became."""
        found = self._all("intake = ?", intake)
        return found[0] if found else None

    def of_contact(self, contact: str) -> list[MatterRow]:
        """The matters of a contact, oldest first."""
        return self._all("contact = ? ORDER BY seq", contact)

    def has_any(self, contact: str) -> bool:
        """True when the contact is a client already."""
        return bool(rows(self._connection, "SELECT 1 FROM matter WHERE contact = ? LIMIT 1", (contact,)))

    def needs_check(self, intake: str) -> bool:
        """Flag the matter of an intake: a name came up that it was never compared with; False when it is no matter."""
        before = self._connection.total_changes()
        self._connection.execute(
            "UPDATE matter SET needs_check_since = coalesce(needs_check_since, ?) WHERE intake = ?",
            (self._now_ms, intake),
        )
        return self._connection.total_changes() > before

    def is_checked(self, intake: str) -> None:
        """Somebody compared its names with all of today's."""
        self._connection.execute("UPDATE matter SET needs_check_since = NULL WHERE intake = ?", (intake,))

    def flagged(self) -> list[MatterRow]:
        """Matters that wait for another conflict check, the longest first."""
        return self._all("needs_check_since IS NOT NULL ORDER BY needs_check_since, seq")

    def words(self, row: MatterRow) -> MatterWords:
        """Title and reference; SealError when the client's key was destroyed."""
        return _DECODER.decode(self._vault.unseal(self._vault.place("matter", "words", row.id), row.sealed))

    def _all(self, where: str, *bindings: object) -> list[MatterRow]:
        return [MatterRow(*each) for each in rows(self._connection, f"{_ROW} WHERE {where}", bindings)]
