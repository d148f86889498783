"""Published question trees: every version that was submitted, never changed, and which of them is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.intake.trees import Tree
from lhwa.errors import ConflictError
from lhwa.store.connection import rows


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One version of a tree."""

    id: str
    name: str
    version: int | None
    sha256: bytes
    definition: str
    is_entry: bool
    author: str
    created_at_ms: int
    state: str
    decided_by: str | None
    decided_at_ms: int | None

    def tree(self) -> Tree:
        """The tree itself."""
        return _DECODER.decode(self.definition)


_DECODER = msgspec.json.Decoder(Tree)
_ROW = (
    "SELECT id, name, version, sha256, definition, is_entry, author, created_at, state, decided_by, decided_at"
    " FROM tree_version"
)


class Trees:
    """The table of tree versions."""

    def __init__(self, connection: apsw.Connection, *, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms

    def submit(
        self, version_id: str, name: str, *, definition: str, sha256: bytes, is_entry: bool, author: str
    ) -> None:
        """Keep a version that waits for a second person."""
        self._connection.execute(
            "INSERT INTO tree_version (id, name, sha256, definition, is_entry, author, created_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'pending_approval')",
            (version_id, name, sha256, definition, int(is_entry), author, self._now_ms),
        )

    def publish(self, row: TreeRow, *, by: str) -> int:
        """Put a version in force in the place of the one before. Returns its number.

        Raises: ConflictError when it waits no longer.
        """
        ((highest,),) = rows(self._connection, "SELECT max(version) FROM tree_version WHERE name = ?", (row.name,))
        version = (highest or 0) + 1
        self._connection.execute(
            "UPDATE tree_version SET state = 'retired' WHERE name = ? AND state = 'published'", (row.name,)
        )
        self._decide(row, "published", by=by, version=version)
        return version

    def decline(self, row: TreeRow, *, by: str) -> None:
        """A second person said no. Raises: ConflictError when it waits no longer."""
        self._decide(row, "declined", by=by, version=None)

    def beginning_with(self, prefix: str, *, rows_max: int) -> list[str]:
        """Ids that begin like this, in order."""
        sql = "SELECT id FROM tree_version WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
        return [row[0] for row in rows(self._connection, sql, (prefix, prefix + "~", rows_max))]

    def get(self, version_id: str) -> TreeRow | None:
        """One version by its id."""
        return self._one("id = ?", version_id)

    def current(self, name: str) -> TreeRow | None:
        """The version of a tree that is in force."""
        return self._one("name = ? AND state = 'published'", name)

    def version(self, name: str, version: int) -> TreeRow | None:
        """One published version of a tree, in force or not."""
        return self._one("name = ? AND version = ?", name, version)

    def entry(self) -> TreeRow | None:
        """The tree that a new client's first message begins; the newest when there are several."""
        # The plus keeps SQLite from going through every version in its order: an index has the few that are in force.
        return self._one("state = 'published' AND is_entry ORDER BY +seq DESC LIMIT 1")

    def is_used(self) -> bool:
        """True once the firm has published a tree."""
        return bool(rows(self._connection, "SELECT 1 FROM tree_version WHERE version >= 1 LIMIT 1"))

    def pending(self) -> list[TreeRow]:
        """Versions that wait for a second person, oldest first."""
        return self._all("state = 'pending_approval' ORDER BY seq")

    def pending_count(self) -> int:
        """How many those are."""
        ((count,),) = rows(self._connection, "SELECT count(*) FROM tree_version WHERE state = 'pending_approval'")
        return int(count)

    def all(self) -> list[TreeRow]:
        """Every version, oldest first."""
        return self._all("1 ORDER BY seq")

    def _decide(self, row: TreeRow, state: str, *, by: str, version: int | None) -> None:
        before = self._connection.total_changes()
        self._connection.execute(
            "UPDATE tree_version SET state = ?, version = ?, decided_by = ?, decided_at = ?"
            " WHERE id = ? AND state = 'pending_approval'",
            (state, version, by, self._now_ms, row.id),
        )
        if self._connection.total_changes() == before:
            raise ConflictError("This tree was decided already.", hint="See `lhwa tree list`.")

    def _one(self, where: str, *bindings: object) -> TreeRow | None:
        found = self._all(where, *bindings)
        return found[0] if found else None

    def _all(self, where: str, *bindings: object) -> list[TreeRow]:
        return [_row(each) for each in rows(self._connection, f"{_ROW} WHERE {where}", bindings)]


def _row(found: Sequence[object]) -> TreeRow:
    values = list(found)
    values[5] = bool(values[5])
    return TreeRow(*values)  # type: ignore[arg-type]  # the table is STRICT
