"""Dead letters: what could not be processed, sealed, until a person decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice

import apsw

from lhwa.domain.jobs import DeadLetterState
from lhwa.store.connection import rows
from lhwa.store.vault import FIRM, Vault


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """One dead letter, still sealed."""

    seq: int
    id: str
    kind: str
    reason: str
    tries: int
    state: DeadLetterState
    created_at_ms: int
    decided_at_ms: int | None
    raw_event: str
    position: str
    sealed: bytes


_ROW = (
    "SELECT seq, id, kind, reason, tries, state, created_at, decided_at, raw_event, position, sealed FROM dead_letter"
)


class DeadLetters:
    """The dead letter table."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def add(  # one argument per column
        self,
        letter: str,
        *,
        dedup: bytes,
        kind: str,
        reason: str,
        tries: int,
        raw_event: str,
        position: str,
        clear: bytes,
    ) -> bool:
        """Bury something; False when the same thing lies here already. A retried letter opens again."""
        lying = rows(self._connection, "SELECT state FROM dead_letter WHERE dedup = ?", (dedup,))
        if lying:
            return lying[0][0] == DeadLetterState.RETRIED and self._reopen(dedup, reason=reason, tries=tries)
        place = self._vault.place("dead_letter", "content", letter)
        self._connection.execute(
            "INSERT INTO dead_letter (id, dedup, kind, reason, tries, state, created_at, raw_event, position, sealed)"
            " VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?, ?)",
            (
                letter,
                dedup,
                kind,
                reason,
                tries,
                self._now_ms,
                raw_event,
                position,
                self._vault.seal(FIRM, place, clear, now_ms=self._now_ms),
            ),
        )
        return True

    def get(self, letter: str) -> DeadLetterRow | None:
        """One dead letter."""
        found = rows(self._connection, f"{_ROW} WHERE id = ?", (letter,))
        return self._row(found[0]) if found else None

    def content(self, row: DeadLetterRow) -> bytes:
        """What was buried, in clear."""
        return self._vault.unseal(self._vault.place("dead_letter", "content", row.id), row.sealed)

    def in_states(self, *, states: tuple[DeadLetterState, ...], rows_max: int) -> list[DeadLetterRow]:
        """Dead letters in these states, oldest first."""
        marks = ", ".join("?" * len(states))
        found = rows(
            self._connection,
            f"{_ROW} WHERE state IN ({marks}) ORDER BY seq LIMIT ?",
            (*(state.value for state in states), rows_max),
        )
        return [self._row(row) for row in found]

    def unsettled(self, *, rows_max: int, request_waits: Callable[[str], bool]) -> list[DeadLetterRow]:
        """Open letters, and retried ones whose retry has not run yet: it is their job, or their request, that waits.

        A retried letter that fails again is opened again; one whose retry is over and that is still `retried` is done.
        """
        waits = cache(request_waits)
        jobs = {place for (place,) in rows(self._connection, "SELECT place FROM job WHERE place LIKE 'dead_letter:%'")}
        retried = rows(
            self._connection, "SELECT seq, id, kind, raw_event FROM dead_letter WHERE state = 'retried' ORDER BY seq"
        )
        waiting = (
            seq
            for seq, letter, kind, raw_event in retried
            if (waits(raw_event) if kind == "poison" else f"dead_letter:{letter}" in jobs)
        )
        found = self.in_states(states=(DeadLetterState.OPEN,), rows_max=rows_max)
        for seq in islice(waiting, rows_max):
            found += [self._row(row) for row in rows(self._connection, f"{_ROW} WHERE seq = ?", (seq,))]
        return sorted(found, key=lambda row: row.seq)[:rows_max]

    def of_raw_event(self, raw_event: str) -> list[DeadLetterRow]:
        """What of one webhook request could not be processed."""
        return [self._row(row) for row in rows(self._connection, f"{_ROW} WHERE raw_event = ?", (raw_event,))]

    def decide(self, letter: str, state: DeadLetterState, *, was: DeadLetterState = DeadLetterState.OPEN) -> bool:
        """Move a letter; False when it was not in the expected state any more."""
        before = self._connection.total_changes()
        self._connection.execute(
            "UPDATE dead_letter SET state = ?, decided_at = ? WHERE id = ? AND state = ?",
            (state.value, self._now_ms, letter, was.value),
        )
        return self._connection.total_changes() > before

    def _reopen(self, dedup: bytes, *, reason: str, tries: int) -> bool:
        self._connection.execute(
            "UPDATE dead_letter SET state = 'open', decided_at = NULL, reason = ?, tries = tries + ? WHERE dedup = ?",
            (reason, tries, dedup),
        )
        return True

    def open_count(self) -> int:
        """How many wait for a person."""
        ((number,),) = rows(self._connection, "SELECT count(*) FROM dead_letter WHERE state = 'open'")
        return int(number)

    @staticmethod
    def _row(row: tuple[object, ...]) -> DeadLetterRow:
        seq, letter, kind, reason, tries, state, *rest = row
        return DeadLetterRow(seq, letter, kind, reason, tries, DeadLetterState(state), *rest)  # type: ignore[arg-type]  # STRICT
