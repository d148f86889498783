"""Reading the spool, and the changes of state that its rows go through.

States: `stored` waits for its firm's file; `done` was applied; `unrouted` belongs to no firm yet; `dead` cannot be
understood as a whole. Only `done` rows are ever pruned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import apsw

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.domain.instants import from_ms
from lhwa.domain.keys import TenantKeys, pick, spool_key, unrouted_key
from lhwa.domain.sealing import Key, Place, key_id_of, unseal
from lhwa.store.connection import rows, storage_errors

SpoolChange = Callable[[apsw.Connection], None]


@dataclass(frozen=True, slots=True)
class SpoolRow:
    """One stored webhook request. `sealed` opens at place (`webhook_request`, `body`, event id)."""

    seq: int
    event_id: RawEventId
    tenant: TenantId | None
    app: str
    received_at_ms: int
    body_bytes: int
    sealed: bytes
    state: str
    generation: int
    """How often it was sent through again."""
    reason: str


TAKEN_BYTES_MAX = 16 * 1024 * 1024
"""Bodies that are taken into memory at once: a few of the longest that the gateway accepts."""


@dataclass(frozen=True, slots=True)
class SpoolCounts:
    """How many requests are in each state, and since when the oldest waits."""

    by_state: dict[str, int]
    oldest_stored_ms: int | None
    last_received_ms: int | None


def request_place(tenant: TenantId | None, event_id: str) -> Place:
    """Where a sealed request belongs."""
    return Place(tenant or "-", "webhook_request", "body", event_id)


def open_request(row: SpoolRow, keys: TenantKeys) -> bytes:
    """The raw body of a stored request of a firm; SealError when it does not open."""
    at = from_ms(row.received_at_ms)
    key = pick((spool_key(key, at) for key in keys.all()), key_id_of(row.sealed))
    return unseal(key, request_place(row.tenant, row.event_id), row.sealed)


def open_unrouted(row: SpoolRow, root: Key) -> bytes:
    """The raw body of a request that belongs to no firm."""
    return unseal(unrouted_key(root, from_ms(row.received_at_ms)), request_place(None, row.event_id), row.sealed)


_ROW = (
    "SELECT seq, event_id, tenant, app, received_at, body_bytes, sealed, state, generation, reason FROM webhook_request"
)


class SpoolReader:
    """Reads on a connection of its own. One thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def waiting_tenants(self) -> list[TenantId]:
        """Firms with requests to apply. Steps from firm to firm in the index: a long queue costs nothing more."""
        with storage_errors("spool.db"):
            found = rows(
                self._connection,
                "WITH RECURSIVE firm (id) AS ("
                " SELECT min(tenant) FROM webhook_request WHERE state = 'stored'"
                " UNION ALL"
                " SELECT (SELECT min(tenant) FROM webhook_request WHERE state = 'stored' AND tenant > firm.id)"
                " FROM firm WHERE firm.id IS NOT NULL"
                ") SELECT id FROM firm WHERE id IS NOT NULL",
            )
        return [TenantId(row[0]) for row in found]

    def take(self, tenant: TenantId, *, rows_max: int, bytes_max: int = TAKEN_BYTES_MAX) -> list[SpoolRow]:
        """The oldest waiting requests of one firm, at least one. They stay `stored` until marked."""
        taken: list[SpoolRow] = []
        size = 0
        with storage_errors("spool.db"):
            waiting = self._connection.execute(
                f"{_ROW} WHERE state = 'stored' AND tenant = ? ORDER BY seq LIMIT ?", (tenant, rows_max)
            )
            for row in waiting:
                taken.append(SpoolRow(*row))
                size += taken[-1].body_bytes
                if size >= bytes_max:
                    break
            waiting.close(True)
        return taken

    def by_event(self, event_id: str) -> SpoolRow | None:
        """One request by its id."""
        found = self._rows(f"{_ROW} WHERE event_id = ?", (event_id,))
        return found[0] if found else None

    def after(self, seq: int, *, rows_max: int = 1_000) -> list[SpoolRow]:
        """Requests that were stored after another one, oldest first."""
        return self._rows(f"{_ROW} WHERE seq > ? ORDER BY seq LIMIT ?", (seq, rows_max))

    def aside(self, state: str, *, after_seq: int = 0, rows_max: int = 1_000) -> list[SpoolRow]:
        """Requests that are `unrouted` or `dead`, oldest first."""
        return self._rows(f"{_ROW} WHERE state = ? AND seq > ? ORDER BY seq LIMIT ?", (state, after_seq, rows_max))

    def of_tenant(self, tenant: TenantId, *, after_seq: int = 0, rows_max: int = 1_000) -> list[SpoolRow]:
        """All requests of one firm that are still here, oldest first."""
        return self._rows(f"{_ROW} WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?", (tenant, after_seq, rows_max))

    def counts(self, tenant: TenantId | None = None) -> SpoolCounts:
        """Counts over all firms, or what of one firm waits. Every number comes from an index, not from the rows."""
        of_firm, bindings = (" AND tenant = ?", (tenant,)) if tenant is not None else ("", ())
        count = "SELECT count(*) FROM webhook_request WHERE state"
        with storage_errors("spool.db"):
            by_state = {
                state: int(rows(self._connection, f"{count} = '{state}'{of_firm}", bindings)[0][0])
                for state in ("stored", "done", "unrouted", "dead")
            }
            oldest = rows(
                self._connection,
                f"SELECT min(received_at) FROM webhook_request WHERE state = 'stored'{of_firm}",  # noqa: S608 -- fixed text
                bindings,
            )
            newest = rows(
                self._connection,
                f"SELECT received_at FROM webhook_request WHERE true{of_firm} ORDER BY seq DESC LIMIT 1",  # noqa: S608 -- as above
                bindings,
            )
        return SpoolCounts(
            {state: number for state, number in by_state.items() if number},
            oldest[0][0],
            newest[0][0] if newest else None,
        )

    def _rows(self, sql: str, bindings: tuple[object, ...]) -> list[SpoolRow]:
        with storage_errors("spool.db"):
            return [SpoolRow(*row) for row in rows(self._connection, sql, bindings)]


def mark(served: Iterable[SpoolRow], *, state: str, reason: str = "") -> SpoolChange:
    """Move requests to another state, unless somebody sent them through again since they were read."""
    numbers = [(state, reason, row.seq, row.generation) for row in served]

    def change(connection: apsw.Connection) -> None:
        connection.executemany(
            "UPDATE webhook_request SET state = ?, reason = ? WHERE seq = ? AND generation = ?", numbers
        )

    return change


def requeue(seqs: Iterable[int]) -> SpoolChange:
    """Send requests of a firm through the normalizer again; what was applied before changes nothing."""
    numbers = [(seq,) for seq in seqs]

    def change(connection: apsw.Connection) -> None:
        connection.executemany(
            "UPDATE webhook_request SET state = 'stored', reason = '', generation = generation + 1"
            " WHERE seq = ? AND tenant IS NOT NULL",
            numbers,
        )

    return change


def prune_done(*, received_before_ms: int) -> SpoolChange:
    """Forget applied requests that are older than the retention time."""

    def change(connection: apsw.Connection) -> None:
        connection.execute(
            "DELETE FROM webhook_request WHERE state = 'done' AND received_at < ?", (received_before_ms,)
        )

    return change
