"""Parties, the blind index of their names, and conflict checks. Names are sealed; the index holds keyed hashes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows
from lhwa.store.vault import Vault, contact_subject

KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One party of an intake, still sealed."""

    seq: int
    id: str
    intake: str
    role: str
    node: str | None
    added_by: str | None
    added_at_ms: int
    ended_at_ms: int | None
    sealed: bytes


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One conflict check, still sealed."""

    id: str
    intake: str
    at_ms: int
    by: str
    parties: bytes
    hits: int
    decision: str | None
    decided_by: str | None
    decided_at_ms: int | None
    reason: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a conflict check says without its content."""

    hits: int
    decision: str | None
    is_outdated: bool = False
    """A later name is like one of these."""


_PARTY = "SELECT seq, id, intake, role, node, added_by, added_at, ended_at, sealed FROM party"
_CHECK = (
    "SELECT id, intake, at, by, parties, hits, decision, decided_by, decided_at, reason, sealed FROM conflict_check"
)


class Parties:
    """The tables of parties, their name index, and conflict checks."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def add(
        self,
        party: str,
        *,
        contact: ContactId,
        intake: str,
        role: str,
        name: str,
        keys: Iterable[str],
        node: str | None = None,
        added_by: str | None = None,
    ) -> None:
        """Keep a name, sealed under the client's key, and index the ways in which it could be written.

        Args:
            keys: of the name, in clear; only their keyed hashes are stored.
        """
        sealed = self._vault.seal(
            contact_subject(contact), self._vault.place("party", "name", party), name.encode(), now_ms=self._now_ms
        )
        self._connection.execute(
            "INSERT INTO party (id, intake, role, node, added_by, added_at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (party, intake, role, node, added_by, self._now_ms, sealed),
        )
        seq = self._connection.last_insert_rowid()
        self._connection.executemany(
            "INSERT INTO party_key (hash, party) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(self._hash(key), seq) for key in sorted(set(keys))],
        )

    def end(self, row: PartyRow, *, keys: Iterable[str] | None) -> None:
        """Another name took its place. It stays, and is no longer looked for.

        Args:
            keys: of its name, as `add` had them; None when nobody can read it any more: then the whole index is read.
        """
        self._connection.execute("UPDATE party SET ended_at = ? WHERE seq = ?", (self._now_ms, row.seq))
        if keys is None:
            self._connection.execute("DELETE FROM party_key WHERE party = ?", (row.seq,))
            return
        self._connection.executemany(
            "DELETE FROM party_key WHERE hash = ? AND party = ?",
            [(self._hash(key), row.seq) for key in sorted(set(keys))],
        )

    def of_intake(self, intake: str) -> list[PartyRow]:
        """The parties of an intake that are in force, in the order in which they came."""
        return self._parties("intake = ? AND ended_at IS NULL ORDER BY seq", intake)

    def sharing(self, keys: Iterable[str], *, besides: str) -> list[PartyRow]:
        """Parties of other intakes that have one of these keys: those that could match.

        Args:
            besides: the intake whose own parties are left out.
        """
        hashes = [self._hash(key) for key in sorted(set(keys))]
        marks = ", ".join("?" * len(hashes))
        shared = f"SELECT party FROM party_key WHERE hash IN ({marks})"  # noqa: S608 -- fixed text
        return self._parties(f"seq IN ({shared}) AND intake <> ? AND ended_at IS NULL ORDER BY seq", *hashes, besides)

    def name(self, row: PartyRow) -> str:
        """A party's name; SealError when the client's key was destroyed."""
        return self._vault.unseal(self._vault.place("party", "name", row.id), row.sealed).decode()

    def count(self) -> int:
        """How many parties in force the firm has."""
        # Neither part reads a row: all are counted along an index, and those that ended have one of their own.
        sql = "SELECT (SELECT count(*) FROM party) - (SELECT count(*) FROM party WHERE ended_at IS NOT NULL)"
        ((number,),) = rows(self._connection, sql)
        return int(number)

    def last_seq(self) -> int:
        """The number of the newest party, ended ones too; 0 before the first."""
        ((seq,),) = rows(self._connection, "SELECT max(seq) FROM party")
        return int(seq or 0)

    def fingerprint(self, names: Sequence[str]) -> bytes:
        """32 bytes that change when one of the names that were compared does."""
        return self._vault.blind("parties", *names)

    def note_check(
        self, check: str, *, contact: ContactId, intake: str, by: str, parties: bytes, hits: int, clear: bytes
    ) -> None:
        """Record that the names were compared, with what was found."""
        sealed = self._vault.seal(
            contact_subject(contact), self._vault.place("conflict_check", "hits", check), clear, now_ms=self._now_ms
        )
        self._connection.execute(
            "INSERT INTO conflict_check (id, intake, at, by, parties, hits, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (check, intake, self._now_ms, by, parties, hits, sealed),
        )

    def decide(self, row: CheckRow, decision: str, *, by: str, reason: str) -> bool:
        """What a lawyer makes of a check; False when it was decided already."""
        before = self._connection.total_changes()
        self._connection.execute(
            "UPDATE conflict_check SET decision = ?, decided_by = ?, decided_at = ?, reason = ?"
            " WHERE id = ? AND decision IS NULL",
            (decision, by, self._now_ms, reason, row.id),
        )
        return self._connection.total_changes() > before

    def last_check(self, intake: str) -> CheckRow | None:
        """The newest check of an intake."""
        found = self._checks("intake = ? ORDER BY seq DESC LIMIT 1", intake)
        return found[0] if found else None

    def outcomes(self, intakes: Sequence[str]) -> dict[str, Outcome]:
        """How the newest check of each intake ended; those that were never checked are left out."""
        newest = "SELECT max(seq) FROM conflict_check WHERE intake IN (SELECT value FROM json_each(?)) GROUP BY intake"
        columns = "intake, hits, decision, is_outdated"
        sql = f"SELECT {columns} FROM conflict_check WHERE seq IN ({newest})"  # noqa: S608 -- fixed text
        found = rows(self._connection, sql, (msgspec.json.encode(intakes).decode(),))
        return {intake: Outcome(hits, decision, bool(is_outdated)) for intake, hits, decision, is_outdated in found}

    def outdate(self, intake: str) -> None:
        """A later name is like one of an intake: what was found before is no longer all."""
        self._connection.execute(
            "UPDATE conflict_check SET is_outdated = 1"
            " WHERE seq = (SELECT max(seq) FROM conflict_check WHERE intake = ?)",
            (intake,),
        )

    def checks_count(self, intake: str) -> int:
        """How often the names of an intake were compared."""
        ((number,),) = rows(self._connection, "SELECT count(*) FROM conflict_check WHERE intake = ?", (intake,))
        return int(number)

    def found(self, row: CheckRow) -> bytes:
        """What a check found, in clear; SealError when the client's key was destroyed."""
        return self._vault.unseal(self._vault.place("conflict_check", "hits", row.id), row.sealed)

    def _hash(self, key: str) -> bytes:
        return self._vault.blind("party_key", key)[:KEY_BYTES]

    def _parties(self, where: str, *bindings: object) -> list[PartyRow]:
        return [PartyRow(*each) for each in rows(self._connection, f"{_PARTY} WHERE {where}", bindings)]

    def _checks(self, where: str, *bindings: object) -> list[CheckRow]:
        return [CheckRow(*each) for each in rows(self._connection, f"{_CHECK} WHERE {where}", bindings)]
