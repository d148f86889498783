"""How much may leave when: what pacing and breakers remember, one row for each scope."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from lhwa.store.connection import rows


class Allowances:
    """The table of allowances; what the JSON means is the domain's business."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def get(self, scope: str) -> str | None:
        """What is remembered of a scope, as JSON."""
        found = rows(self._connection, "SELECT state FROM send_allowance WHERE scope = ?", (scope,))
        return str(found[0][0]) if found else None

    def put(self, scope: str, state: str) -> None:
        """Remember it."""
        self._connection.execute(
            "INSERT INTO send_allowance (scope, state) VALUES (?, ?)"
            " ON CONFLICT (scope) DO UPDATE SET state = excluded.state",
            (scope, state),
        )

    def below(self, prefix: str) -> Sequence[tuple[str, str]]:
        """Every scope that begins with these words."""
        found = rows(
            self._connection,
            "SELECT scope, state FROM send_allowance WHERE scope >= ? AND scope < ? ORDER BY scope",
            (prefix, prefix + "\U0010ffff"),
        )
        return [(str(scope), str(state)) for scope, state in found]
