"""The audit log of one firm: appended inside the transaction of the change, together with the tree's frontier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import apsw

from lhwa.domain.audit import AuditRecord
from lhwa.domain.instants import Instant
from lhwa.domain.merkle import Frontier, leaf_hash
from lhwa.errors import VerificationError
from lhwa.store.connection import rows


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row as it lies in the file; `entry` is canonical JSON."""

    seq: int
    entry: bytes
    leaf_hash: bytes


class AuditLog:
    """Appends and reads. The frontier is read once per transaction and written once, before the commit."""

    def __init__(self, connection: apsw.Connection, *, now: Instant) -> None:
        self._connection = connection
        self._now = now
        self._frontier: Frontier | None = None
        self._written_size: int | None = None
        self.appended = 0

    def append(self, record: AuditRecord) -> int:
        """Append one record; returns its number."""
        frontier = self.frontier()
        entry = record.canonical(seq=frontier.size, at=self._now)
        leaf = leaf_hash(entry)
        self._connection.execute(
            "INSERT INTO audit_entry (seq, entry, leaf_hash) VALUES (?, ?, ?)", (frontier.size, entry, leaf)
        )
        self._frontier = frontier.append(leaf)
        self.appended += 1
        return frontier.size

    def frontier(self) -> Frontier:
        """The frontier as of this transaction; VerificationError when the stored one is damaged."""
        if self._frontier is None:
            try:
                self._frontier = Frontier.from_bytes(*self.stored_frontier())
            except ValueError:
                raise VerificationError(
                    "The frontier of the audit log is damaged.", hint="Run `lhwa audit verify`."
                ) from None
            self._written_size = self._frontier.size
        return self._frontier

    def stored_frontier(self) -> tuple[int, bytes]:
        """Size and packed hashes as they lie in the file, sound or not."""
        found = rows(self._connection, "SELECT n, stack FROM audit_frontier WHERE id = 1")
        return (int(found[0][0]), bytes(found[0][1])) if found else (0, b"")

    def write_frontier(self) -> None:
        """Store the frontier when entries were added since it was read."""
        if self._frontier is not None and self._frontier.size != self._written_size:
            self._connection.execute(
                "UPDATE audit_frontier SET n = ?, stack = ? WHERE id = 1",
                (self._frontier.size, self._frontier.to_bytes()),
            )
            self._written_size = self._frontier.size

    def mark(self) -> tuple[Frontier, int]:
        """Where the log is now, for `rewind` after a savepoint was rolled back."""
        return self.frontier(), self.appended

    def rewind(self, mark: tuple[Frontier, int]) -> None:
        """Forget what was appended since `mark`; its rows are gone with the savepoint."""
        self._frontier, self.appended = mark

    def entries(self, *, start: int = 0, stop: int | None = None) -> Iterator[StoredEntry]:
        """Rows with `start <= seq < stop`, in order."""
        end = (1 << 62) if stop is None else stop
        for row in self._connection.execute(
            "SELECT seq, entry, leaf_hash FROM audit_entry WHERE seq >= ? AND seq < ? ORDER BY seq", (start, end)
        ):
            yield StoredEntry(*row)

    def about(self, target: str) -> list[StoredEntry]:
        """Entries whose target is this row, oldest first."""
        found = rows(
            self._connection,
            "SELECT seq, entry, leaf_hash FROM audit_entry"
            " WHERE json_extract(CAST(entry AS TEXT), '$.target') = ? ORDER BY seq",
            (target,),
        )
        return [StoredEntry(*row) for row in found]
