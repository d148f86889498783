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
    reason: str
    tries: int


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


_ROW = "SELECT seq, event_id, tenant, app, received_at, body_bytes, sealed, state, reason, tries FROM webhook_request"


class SpoolReader:
    """Reads on a connection of its own. One thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def waiting_tenants(self, *, now_ms: int) -> list[TenantId]:
        """Firms with requests to apply now."""
        with storage_errors("spool.db"):
            found = rows(
                self._connection,
                "SELECT DISTINCT tenant FROM webhook_request"
                " WHERE state = 'stored' AND tenant IS NOT NULL AND next_try_at <= ?",
                (now_ms,),
            )
        return [TenantId(row[0]) for row in found]

    def next_try_ms(self) -> int | None:
        """When the earliest waiting request may be tried."""
        with storage_errors("spool.db"):
            ((earliest,),) = rows(
                self._connection, "SELECT min(next_try_at) FROM webhook_request WHERE state = 'stored'"
            )
        return None if earliest is None else int(earliest)

    def take(self, tenant: TenantId, *, now_ms: int, rows_max: int) -> list[SpoolRow]:
        """The oldest waiting requests of one firm. They stay `stored` until marked."""
        return self._rows(
            f"{_ROW} WHERE state = 'stored' AND tenant = ? AND next_try_at <= ? ORDER BY seq LIMIT ?",
            (tenant, now_ms, rows_max),
        )

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
        """Counts over all firms, or of one."""
        sql = "SELECT state, count(*), min(received_at), max(received_at) FROM webhook_request"
        of_firm, bindings = (" WHERE tenant = ?", (tenant,)) if tenant is not None else ("", ())
        with storage_errors("spool.db"):
            states = rows(self._connection, f"{sql}{of_firm} GROUP BY state", bindings)
        oldest = next((int(row[2]) for row in states if row[0] == "stored"), None)
        newest = max((int(row[3]) for row in states), default=None)
        return SpoolCounts({row[0]: int(row[1]) for row in states}, oldest, newest)

    def _rows(self, sql: str, bindings: tuple[object, ...]) -> list[SpoolRow]:
        with storage_errors("spool.db"):
            return [SpoolRow(*row) for row in rows(self._connection, sql, bindings)]


def mark(seqs: Iterable[int], *, state: str, reason: str = "") -> SpoolChange:
    """Move requests to another state."""
    numbers = [(state, reason, seq) for seq in seqs]

    def change(connection: apsw.Connection) -> None:
        connection.executemany("UPDATE webhook_request SET state = ?, reason = ? WHERE seq = ?", numbers)

    return change


def postpone(seqs: Iterable[int], *, until_ms: int) -> SpoolChange:
    """Count a failed try and wait."""
    numbers = [(until_ms, seq) for seq in seqs]

    def change(connection: apsw.Connection) -> None:
        connection.executemany("UPDATE webhook_request SET tries = tries + 1, next_try_at = ? WHERE seq = ?", numbers)

    return change


def requeue(seqs: Iterable[int]) -> SpoolChange:
    """Send requests of a firm through the normalizer again; what was applied before changes nothing."""
    numbers = [(seq,) for seq in seqs]

    def change(connection: apsw.Connection) -> None:
        connection.executemany(
            "UPDATE webhook_request SET state = 'stored', reason = '', tries = 0, next_try_at = 0"
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
