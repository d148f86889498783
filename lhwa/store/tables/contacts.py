"""People: contacts, the identifiers they were seen with, and the flags that ask for a person's judgement."""

from __future__ import annotations

from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows
from lhwa.store.vault import BLIND_VERSION, Vault, contact_subject

ALIAS_KINDS = ("bsuid", "wa_id", "parent_bsuid")
"""In the order of trust: the user id is matched before the telephone number."""

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Party)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact without its profile."""

    id: ContactId
    created_at_ms: int
    profile_at_ms: int
    sends_paused: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a person must look at a contact."""

    reason: str
    other: str
    since_ms: int


class Contacts:
    """The contact tables."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def alias_hash(self, kind: str, value: str) -> bytes:
        """The keyed hash of an identifier; telephone numbers are hashed as E.164."""
        return self._vault.blind("phone", "+" + value) if kind == "wa_id" else self._vault.blind(kind, value)

    def by_alias(self, kind: str, value: str) -> ContactId | None:
        """Who was seen with this identifier."""
        found = rows(
            self._connection,
            "SELECT contact FROM contact_alias WHERE kind = ? AND hash = ?",
            (kind, self.alias_hash(kind, value)),
        )
        return ContactId(found[0][0]) if found else None

    def alias_kinds(self, contact: ContactId) -> frozenset[str]:
        """Which kinds of identifiers a contact has."""
        found = rows(self._connection, "SELECT DISTINCT kind FROM contact_alias WHERE contact = ?", (contact,))
        return frozenset(row[0] for row in found)

    def add(self, contact: ContactId, profile: Party, *, at_ms: int) -> None:
        """A new person with what is known."""
        self._connection.execute(
            "INSERT INTO contact (id, created_at, profile, profile_at) VALUES (?, ?, ?, ?)",
            (contact, self._now_ms, self._sealed(contact, profile), at_ms),
        )

    def add_alias(self, contact: ContactId, kind: str, value: str) -> None:
        """Remember an identifier of a person."""
        self._connection.execute(
            "INSERT INTO contact_alias (kind, hash, hash_version, contact, first_seen_at) VALUES (?, ?, ?, ?, ?)",
            (kind, self.alias_hash(kind, value), BLIND_VERSION, contact, self._now_ms),
        )

    def profile(self, contact: ContactId) -> Party:
        """What is known of a person, in clear; SealError when the key was destroyed."""
        ((sealed,),) = rows(self._connection, "SELECT profile FROM contact WHERE id = ?", (contact,))
        return _DECODER.decode(self._vault.unseal(self._vault.place("contact", "profile", contact), sealed))

    def set_profile(self, contact: ContactId, profile: Party, *, at_ms: int) -> None:
        """Replace what is known of a person."""
        self._connection.execute(
            "UPDATE contact SET profile = ?, profile_at = max(profile_at, ?) WHERE id = ?",
            (self._sealed(contact, profile), at_ms, contact),
        )

    def confirm_profile(self, contact: ContactId, *, at_ms: int) -> None:
        """The same profile was seen again: an older fact that comes late must not replace it."""
        self._connection.execute("UPDATE contact SET profile_at = ? WHERE id = ?", (at_ms, contact))

    def row(self, contact: ContactId) -> ContactRow | None:
        """One contact, if it exists."""
        found = rows(
            self._connection, "SELECT id, created_at, profile_at, sends_paused FROM contact WHERE id = ?", (contact,)
        )
        return ContactRow(found[0][0], found[0][1], found[0][2], bool(found[0][3])) if found else None

    def flag(self, contact: ContactId, reason: str, *, other: str = "") -> bool:
        """Ask for a person's judgement and pause confidential sends; False when that flag is open already."""
        if rows(
            self._connection,
            "SELECT 1 FROM contact_flag WHERE contact = ? AND reason = ? AND other = ? AND resolved_at IS NULL",
            (contact, reason, other),
        ):
            return False
        self._connection.execute(
            "INSERT INTO contact_flag (contact, reason, other, since) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (contact, reason, other, self._now_ms),
        )
        self._connection.execute("UPDATE contact SET sends_paused = 1 WHERE id = ?", (contact,))
        return True

    def open_flags(self, contact: ContactId) -> list[Flag]:
        """Flags that nobody has resolved."""
        found = rows(
            self._connection,
            "SELECT reason, other, since FROM contact_flag WHERE contact = ? AND resolved_at IS NULL ORDER BY seq",
            (contact,),
        )
        return [Flag(*row) for row in found]

    def _sealed(self, contact: ContactId, profile: Party) -> bytes:
        place = self._vault.place("contact", "profile", contact)
        return self._vault.seal(contact_subject(contact), place, _ENCODER.encode(profile), now_ms=self._now_ms)
