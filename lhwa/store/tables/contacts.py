"""People: contacts, what was said of them, the identifiers they were seen with, and the flags that ask for a judgement.

A person may have several contacts here: one for the user id and, when messages came that name the number alone, one
for the number. `parts` finds them; whose thread they share is decided in `services/messaging/identity.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import apsw
import msgspec

from lhwa.domain.contacts import Link, Sighting, folded_profile
from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId, short_id
from lhwa.store.connection import rows
from lhwa.store.recall import Recall
from lhwa.store.vault import BLIND_VERSION, Vault, contact_subject

SAID_BYTES = 16

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Party)
_PARTS = (
    # Contacts of the identifiers that this contact was seen with: those of the number alone, and itself.
    "SELECT DISTINCT part.contact FROM contact_alias AS mine"
    " JOIN contact_alias AS part ON part.kind = mine.kind AND part.hash = mine.hash AND part.how = 'seen'"
    " JOIN contact ON contact.id = part.contact AND contact.kind = part.kind"
    " WHERE mine.contact = ? AND mine.how = 'seen'"
)


class News(Enum):
    """What a sighting or a link adds to what was known."""

    NOTHING = "nothing"
    LATER = "later"
    """Known, but not from so late a time."""
    EARLIER = "earlier"
    """Known, but not from so early a time."""
    NEW = "new"


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact without what is said of it."""

    id: ContactId
    kind: str
    created_at_ms: int
    sends_paused: bool
    """True while it, or a part of it, waits for review."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a person must look at a contact."""

    reason: str
    other: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class Paused:
    """A contact whose changed identity waits for a person."""

    contact: ContactId
    since_ms: int


class Contacts:
    """The contact tables.

    Args:
        holds_back: new times of what was said before are written by `write_held`, once for each saying.
    """

    def __init__(
        self, connection: apsw.Connection, vault: Vault, recall: Recall, *, now_ms: int, holds_back: bool
    ) -> None:
        self._connection = connection
        self._holds_back = holds_back
        self._held: dict[tuple[ContactId, bytes], tuple[int, int]] = {}
        self.held_back = 0
        """How often something was held back; never falls."""
        self._recall = recall
        self._vault = vault
        self._now_ms = now_ms

    def alias_hash(self, kind: str, value: str) -> bytes:
        """The keyed hash of an identifier; telephone numbers are hashed as E.164."""
        known = self._recall.alias_hashes.get((kind, value))
        if known is not None:
            return known
        parts = ("phone", "+" + value) if kind == "wa_id" else (kind, value)
        return self._recall.alias_hashes.keep((kind, value), self._vault.blind(*parts))

    def own_id(self, kind: str, alias_hash: bytes) -> ContactId:
        """The contact that an identifier has of its own, whether or not it is there."""
        known = self._recall.own_ids.get((kind, alias_hash))
        if known is not None:
            return known
        made = ContactId(short_id(self._vault.blind("contact", kind, alias_hash.hex())))
        return self._recall.own_ids.keep((kind, alias_hash), made)

    def add(self, contact: ContactId, party: Party, *, at_ms: int, last_ms: int | None = None) -> None:
        """A new person with what is said of them."""
        kind = "bsuid" if party.bsuid else "wa_id" if party.wa_id else "parent_bsuid"
        self._connection.execute(
            "INSERT INTO contact (id, kind, created_at) VALUES (?, ?, ?)", (contact, kind, self._now_ms)
        )
        self.see(contact, party, first_ms=at_ms, last_ms=at_ms if last_ms is None else last_ms)

    def sighted(self, contact: ContactId, party: Party, *, first_ms: int, last_ms: int) -> News:
        """Take the time of a sighting into account that is known already; NEW when it is not, and nothing is done."""
        said = self._said(party)
        known = self._times(contact, said)
        if known is None:
            return News.NEW
        known_first_ms, known_last_ms = known
        if first_ms >= known_first_ms and last_ms <= known_last_ms:
            return News.NOTHING
        times = min(known_first_ms, first_ms), max(known_last_ms, last_ms)
        self._held[contact, said] = self._recall.sightings.keep((contact, said), times)
        self.held_back += 1
        if not self._holds_back:
            self.write_held()
        return News.EARLIER if first_ms < known_first_ms else News.LATER

    def write_held(self) -> None:
        """Write the times that were held back."""
        if not self._held:
            return
        self._connection.executemany(
            "UPDATE contact_sighting SET first_at = ?, last_at = ? WHERE contact = ? AND said = ?",
            [(*times, *key) for key, times in self._held.items()],
        )
        self._held.clear()

    def _times(self, contact: ContactId, said: bytes) -> tuple[int, int] | None:
        """The first and the last time of a sighting that is known."""
        known = self._recall.sightings.get((contact, said))
        if known is not None:
            return known
        self.write_held()
        found = rows(
            self._connection,
            "SELECT first_at, last_at FROM contact_sighting WHERE contact = ? AND said = ?",
            (contact, said),
        )
        return self._recall.sightings.keep((contact, said), (found[0][0], found[0][1])) if found else None

    def see(self, contact: ContactId, party: Party, *, first_ms: int, last_ms: int) -> None:
        """Something new is said of a person."""
        said = self._said(party)
        place = self._vault.place("contact_sighting", "party", f"{contact}/{said.hex()}")
        sealed = self._vault.seal(contact_subject(contact), place, _ENCODER.encode(party), now_ms=self._now_ms)
        self._connection.execute(
            "INSERT INTO contact_sighting (contact, said, first_at, last_at, sealed) VALUES (?, ?, ?, ?, ?)",
            (contact, said, first_ms, last_ms, sealed),
        )
        self._recall.sightings.keep((contact, said), (first_ms, last_ms))

    def sightings(self, contact: ContactId) -> list[Sighting]:
        """All that was said of one contact, in clear; SealError when the key was destroyed."""
        self.write_held()
        found = rows(
            self._connection,
            "SELECT said, first_at, last_at, sealed FROM contact_sighting WHERE contact = ?",
            (contact,),
        )
        return [
            Sighting(self.party_of(contact, said, sealed), first_ms, last_ms)
            for said, first_ms, last_ms, sealed in found
        ]

    def party_of(self, contact: str, said: bytes, sealed: bytes) -> Party:
        """One sighting in clear."""
        place = self._vault.place("contact_sighting", "party", f"{contact}/{said.hex()}")
        return _DECODER.decode(self._vault.unseal(place, sealed))

    def profile(self, contact: ContactId) -> Party:
        """What is known of one contact by itself, in clear; SealError when the key was destroyed."""
        return folded_profile(self.sightings(contact))

    def link(self, contact: ContactId, kind: str, alias_hash: bytes, *, how: str, since_ms: int) -> News:
        """Remember an identifier of a person, from the earliest time that says so."""
        self._recall.links.pop((kind, alias_hash), None)
        known = rows(
            self._connection,
            "SELECT since FROM contact_alias WHERE kind = ? AND hash = ? AND contact = ? AND how = ?",
            (kind, alias_hash, contact, how),
        )
        if not known:
            self._connection.execute(
                "INSERT INTO contact_alias (kind, hash, hash_version, contact, how, since) VALUES (?, ?, ?, ?, ?, ?)",
                (kind, alias_hash, BLIND_VERSION, contact, how, since_ms),
            )
            return News.NEW
        if known[0][0] <= since_ms:
            return News.NOTHING
        self._connection.execute(
            "UPDATE contact_alias SET since = ? WHERE kind = ? AND hash = ? AND contact = ? AND how = ?",
            (since_ms, kind, alias_hash, contact, how),
        )
        return News.EARLIER

    def links(self, kind: str, alias_hash: bytes) -> list[Link]:
        """Which contacts an identifier was seen with; its own one among them, if it has one."""
        known = self._recall.links.get((kind, alias_hash))
        if known is not None:
            return known
        found = rows(
            self._connection,
            "SELECT contact.id, contact.kind, since FROM contact_alias JOIN contact ON contact.id = contact"
            " WHERE contact_alias.kind = ? AND hash = ? AND how = 'seen'",
            (kind, alias_hash),
        )
        return self._recall.links.keep((kind, alias_hash), [Link(*row) for row in found])

    def handovers(self, kind: str, alias_hash: bytes) -> list[int]:
        """When system messages told that an identifier went from one person to another."""
        found = rows(
            self._connection,
            "SELECT DISTINCT since FROM contact_alias WHERE kind = ? AND hash = ? AND how = 'told'",
            (kind, alias_hash),
        )
        return [row[0] for row in found]

    def hashes(self, contact: ContactId, kind: str) -> list[bytes]:
        """The identifiers of one kind that a contact was seen with."""
        found = rows(
            self._connection,
            # The plus keeps SQLite from the index that begins with the kind: it would read everybody's.
            "SELECT hash FROM contact_alias WHERE contact = ? AND +kind = ? AND how = 'seen'",
            (contact, kind),
        )
        return sorted(row[0] for row in found)

    def parts(self, contact: ContactId) -> list[ContactId]:
        """This contact, and those that identifiers of it have of their own."""
        return [ContactId(row[0]) for row in rows(self._connection, _PARTS, (contact,))] or [contact]

    def row(self, contact: ContactId) -> ContactRow | None:
        """One contact, if it exists."""
        found = rows(self._connection, "SELECT id, kind, created_at FROM contact WHERE id = ?", (contact,))
        if not found:
            return None
        paused = rows(
            self._connection,
            f"SELECT 1 FROM contact WHERE sends_paused AND (id = ? OR id IN ({_PARTS})) LIMIT 1",  # noqa: S608 -- fixed text
            (contact, contact),
        )
        return ContactRow(ContactId(found[0][0]), found[0][1], found[0][2], bool(paused))

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

    def confirm(self, contact: ContactId) -> int:
        """A person looked at what was flagged: resolve it, and let messages leave again. Returns how many flags."""
        parts = (contact, contact)
        self._connection.execute(
            f"UPDATE contact SET sends_paused = 0 WHERE id = ? OR id IN ({_PARTS})",  # noqa: S608 -- fixed text
            parts,
        )
        self._connection.execute(
            "UPDATE contact_flag SET resolved_at = ?"  # noqa: S608 -- fixed text
            f" WHERE (contact = ? OR contact IN ({_PARTS})) AND resolved_at IS NULL",
            (self._now_ms, *parts),
        )
        return self._connection.changes()

    def paused(self) -> list[Paused]:
        """Contacts whose changed identity waits for a person, oldest first."""
        found = rows(
            self._connection,
            "SELECT contact, min(since) FROM contact_flag WHERE resolved_at IS NULL GROUP BY contact ORDER BY min(seq)",
        )
        return [Paused(ContactId(contact), since_ms) for contact, since_ms in found]

    def paused_count(self) -> int:
        """How many those are."""
        ((count,),) = rows(
            self._connection, "SELECT count(DISTINCT contact) FROM contact_flag WHERE resolved_at IS NULL"
        )
        return int(count)

    def open_flags(self, contact: ContactId) -> list[Flag]:
        """Flags of a contact and its parts that nobody has resolved."""
        found = rows(
            self._connection,
            "SELECT reason, other, since FROM contact_flag"  # noqa: S608 -- fixed text
            f" WHERE (contact = ? OR contact IN ({_PARTS})) AND resolved_at IS NULL ORDER BY seq",
            (contact, contact),
        )
        return [Flag(*row) for row in found]

    def _said(self, party: Party) -> bytes:
        known = self._recall.said.get(party)
        if known is not None:
            return known
        return self._recall.said.keep(party, self._vault.blind("party", _ENCODER.encode(party).decode())[:SAID_BYTES])
