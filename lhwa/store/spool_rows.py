"""Reading the spool, and the changes of state that its rows go through.

States: `stored` waits for its firm's file; `done` was applied; `unrouted` belongs to no firm yet; `dead` cannot be
understood as a whole. Only `done` rows are ever pruned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import apsw
import msgspec

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.domain.instants import from_ms
from lhwa.domain.keys import TenantKeys, spool_key, unrouted_key
from lhwa.domain.sealing import Key, Place, key_id_of, unseal
from lhwa.errors import SealError, StorageError, VerificationError
from lhwa.store.connection import let_go, open_connection, rows, storage_errors
from lhwa.store.in_place import PUT_BACK
from lhwa.store.migrate import migrate

DAY_MS = 86_400_000
BODIES_BYTES_MAX = 8 * 1024 * 1024
"""So many bytes of bodies are read at once."""
SpoolChange = Callable[[apsw.Connection], None]


class SpoolRow(msgspec.Struct, frozen=True):
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


@dataclass(frozen=True, slots=True)
class Applied:
    """A done request, and the last record of its firm's audit log when it was applied."""

    seq: int
    audit_size: int
    audit_leaf: bytes


@dataclass(frozen=True, slots=True)
class SpoolCounts:
    """How many requests are in each state, and since when the oldest waits."""

    by_state: dict[str, int]
    oldest_stored_ms: int | None
    last_received_ms: int | None


def request_place(tenant: TenantId | None, event_id: str) -> Place:
    """Where a sealed request belongs."""
    return Place(tenant or "-", "webhook_request", "body", event_id)


class RequestOpener:
    """Opens stored requests of one firm. The keys of a day are derived once."""

    def __init__(self, keys: TenantKeys) -> None:
        self._keys = keys
        self._of_day: dict[int, dict[bytes, Key]] = {}

    def open(self, row: SpoolRow) -> bytes:
        """The raw body of a request; SealError when it does not open."""
        key = self._keys_of(row.received_at_ms).get(key_id_of(row.sealed))
        if key is None:
            raise SealError("The key of this request is gone, or was never here.")
        return unseal(key, request_place(row.tenant, row.event_id), row.sealed)

    def _keys_of(self, received_at_ms: int) -> dict[bytes, Key]:
        day = received_at_ms // DAY_MS
        found = self._of_day.get(day)
        if found is None:
            at = from_ms(received_at_ms)
            found = self._of_day[day] = {key.id: key for key in (spool_key(key, at) for key in self._keys.all())}
        return found


def open_request(row: SpoolRow, keys: TenantKeys) -> bytes:
    """The raw body of a stored request of a firm; SealError when it does not open."""
    return RequestOpener(keys).open(row)


def open_unrouted(row: SpoolRow, root: Key) -> bytes:
    """The raw body of a request that belongs to no firm."""
    return unseal(unrouted_key(root, from_ms(row.received_at_ms)), request_place(None, row.event_id), row.sealed)


_ROW = (
    "SELECT seq, event_id, tenant, app, received_at, body_bytes, sealed, state, generation, reason FROM webhook_request"
)
_SHORT = _ROW.replace(" sealed,", " iif(body_bytes < ?, sealed, x''),")
"""The same with an empty body in place of a long one."""

_WAITING = "SELECT count(*) FROM webhook_request WHERE state = 'stored'"

PRUNED_ROWS_MAX = 500
_LOST = f"{PUT_BACK} If it is lost for good: `lhwa init --new-spool`."
_FIRM_BY_FIRM = """
WITH RECURSIVE firm (id) AS (
    SELECT min(tenant) FROM webhook_request WHERE {condition}
    UNION ALL
    SELECT (SELECT min(tenant) FROM webhook_request WHERE {condition} AND tenant > firm.id)
    FROM firm WHERE firm.id IS NOT NULL
) SELECT id FROM firm WHERE id IS NOT NULL
"""
_MS_MIN = -(1 << 63)


def open_spool_file(path: Path, *, create: bool = False) -> apsw.Connection:
    """A connection to a spool with its tables. `create` makes it when it is missing, never when it is emptied.

    Raises: StorageError when it is missing; VerificationError when it is emptied.
    """
    create = create and not path.exists()
    if not create and not path.exists():
        raise StorageError(f"{path.name} is gone: accepted requests may be lost with it.", hint=_LOST)
    try:
        connection = open_connection(path, create=create)
        try:
            with storage_errors(path.name):
                migrate(connection, "spool", create=create)
        except BaseException:
            let_go(connection)
            raise
    except VerificationError as error:
        raise VerificationError(error.message, hint=_LOST) from None
    return connection


class SpoolReader:
    """Reads on a connection of its own. One thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the spool of this file. Raises: StorageError when it is missing; VerificationError when emptied."""
        connection = open_spool_file(path)
        # Whoever only reads leaves the log as it is: to copy it is the business of those who write.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        return cls(connection)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def waiting_tenants(self) -> list[TenantId]:
        """Firms with requests to apply."""
        return self._tenants_where("state = 'stored'")

    def tenants(self) -> list[TenantId]:
        """Firms with any request here, applied ones included."""
        return sorted({*self.waiting_tenants(), *self._tenants_where("state = 'done' AND audit_size IS NOT NULL")})

    def _tenants_where(self, condition: str) -> list[TenantId]:
        """Steps from firm to firm in the index of this condition: a long queue costs nothing more."""
        with storage_errors("spool.db"):
            found = rows(self._connection, _FIRM_BY_FIRM.format(condition=condition))
        return [TenantId(row[0]) for row in found]

    def take(self, tenant: TenantId, *, rows_max: int, short_bytes: int = 0) -> list[SpoolRow]:
        """The oldest waiting requests of one firm. They stay `stored` until marked.

        Args:
            rows_max: so many at most; fewer when their bodies are more than can be read at once.
            short_bytes: bodies that are shorter come along; of the others, `sealed` is empty until they are fetched.
        """
        taken: list[SpoolRow] = []
        held_bytes = 0
        with storage_errors("spool.db"):
            for found in self._connection.execute(
                f"{_SHORT} WHERE state = 'stored' AND tenant = ? ORDER BY seq LIMIT ?", (short_bytes, tenant, rows_max)
            ):
                row = SpoolRow(*found)
                taken.append(row)
                held_bytes += len(row.sealed)
                if held_bytes >= BODIES_BYTES_MAX:
                    break
        return taken

    def fetch(self, row: SpoolRow) -> SpoolRow:
        """A taken request with its sealed body."""
        found = self._rows(f"{_ROW} WHERE seq = ?", (row.seq,))
        return found[0] if found else row

    def applied(self, tenant: TenantId, *, before: Applied | None = None, rows_max: int) -> list[Applied]:
        """Requests that were applied to a firm's file, those with the longest audit log first."""
        size, seq = (before.audit_size, before.seq) if before else (1 << 62, 0)
        with storage_errors("spool.db"):
            found = rows(
                self._connection,
                "SELECT seq, audit_size, audit_leaf FROM webhook_request"
                " WHERE tenant = ? AND state = 'done' AND audit_size IS NOT NULL AND (audit_size, seq) < (?, ?)"
                " ORDER BY audit_size DESC, seq DESC LIMIT ?",
                (tenant, size, seq, rows_max),
            )
        return [Applied(*row) for row in found]

    def by_event(self, event_id: str) -> SpoolRow | None:
        """One request by its id."""
        found = self._rows(f"{_ROW} WHERE event_id = ?", (event_id,))
        return found[0] if found else None

    def state_of(self, event_id: str) -> str | None:
        """The state of one request, without its body; None when it is not here."""
        with storage_errors("spool.db"):
            found = rows(self._connection, "SELECT state FROM webhook_request WHERE event_id = ?", (event_id,))
        return str(found[0][0]) if found else None

    def seqs_of_tenant(self, tenant: TenantId, *, since_ms: int | None = None) -> list[int]:
        """The numbers of all requests of one firm that are still here, oldest first, without their bodies."""
        with storage_errors("spool.db"):
            found = rows(
                self._connection,
                "SELECT seq FROM webhook_request WHERE tenant = ? AND received_at >= ? ORDER BY seq",
                (tenant, _MS_MIN if since_ms is None else since_ms),
            )
        return [int(row[0]) for row in found]

    def after(self, seq: int, *, rows_max: int = 1_000) -> list[SpoolRow]:
        """Requests that were stored after another one, oldest first."""
        return self._rows(f"{_ROW} WHERE seq > ? ORDER BY seq LIMIT ?", (seq, rows_max))

    def aside(self, state: str, *, after_seq: int = 0, rows_max: int = 1_000) -> list[SpoolRow]:
        """Requests that are `unrouted` or `dead`, oldest first."""
        return self._rows(f"{_ROW} WHERE state = ? AND seq > ? ORDER BY seq LIMIT ?", (state, after_seq, rows_max))

    def of_tenant(self, tenant: TenantId, *, after_seq: int = 0, rows_max: int = 1_000) -> list[SpoolRow]:
        """All requests of one firm that are still here, oldest first."""
        return self._rows(f"{_ROW} WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?", (tenant, after_seq, rows_max))

    def waiting(self) -> int:
        """How many requests of all firms wait. Costs the same however many were applied, unlike `counts`."""
        with storage_errors("spool.db"):
            ((number,),) = rows(self._connection, _WAITING)
        return int(number)

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


def mark_applied(served: Iterable[SpoolRow], *, audit_size: int, audit_leaf: bytes) -> SpoolChange:
    """Move requests to `done`, with where the firm's audit log ended; not those that were sent through again since."""
    numbers = [(audit_size, audit_leaf, row.seq, row.generation) for row in served]

    def change(connection: apsw.Connection) -> None:
        connection.executemany(
            "UPDATE webhook_request SET state = 'done', reason = '', audit_size = ?, audit_leaf = ?"
            " WHERE seq = ? AND generation = ?",
            numbers,
        )

    return change


def all_of(changes: Sequence[SpoolChange]) -> SpoolChange:
    """Several changes as one."""

    def change(connection: apsw.Connection) -> None:
        for each in changes:
            each(connection)

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
    """Forget applied requests that are older than the retention time: a slice of them, until none is left."""

    def change(connection: apsw.Connection) -> None:
        connection.execute(
            "DELETE FROM webhook_request WHERE seq IN"
            " (SELECT seq FROM webhook_request WHERE state = 'done' AND received_at < ? LIMIT ?)",
            (received_before_ms, PRUNED_ROWS_MAX),
        )

    return change
