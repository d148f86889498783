"""Copies of files into a new home: keys as they are, and the stored requests of one firm.

A copy of a file that somebody else may be writing to goes through SQLite, never through the file system.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from lhwa.domain.ids import TenantId
from lhwa.store.connection import open_connection, rows, storage_errors
from lhwa.store.spool_rows import SpoolRow, open_spool_file

PAGE_ROWS = 200
"""Requests in memory at once, with their sealed bodies."""
_COLUMNS = (
    "event_id, tenant, app, received_at, dedup, body_bytes, sealed, seq, state FROM webhook_request"
    " WHERE tenant = ? AND state IN ('stored', 'done') AND seq > ? ORDER BY seq LIMIT ?"
)


def copy_database(source: Path, target: Path) -> None:
    """A copy of a database as it is at one moment. The target must not exist."""
    with (
        closing(open_connection(target, secure_delete=True, create=True)) as copy,
        closing(open_connection(source, secure_delete=True)) as original,
        storage_errors(source.name),
        copy.backup("main", original, "main") as backup,
    ):
        backup.step()


def copy_requests(source: Path, target: Path, tenant: TenantId) -> Iterator[list[SpoolRow]]:
    """Copy the stored and the applied requests of a firm, in their order, page by page as they are asked for.

    They wait in the target. `state` of what is yielded is that in the source; `seq` is that in the target.
    """
    with closing(open_spool_file(target)) as copy, closing(open_spool_file(source)) as original:
        last = 0
        while True:
            with storage_errors(source.name):
                found = rows(original, f"SELECT {_COLUMNS}", (tenant, last, PAGE_ROWS))
            if not found:
                return
            last = found[-1][7]
            page = []
            with storage_errors(target.name), copy:
                for event_id, firm, app, received_at, dedup, body_bytes, sealed, _seq, state in found:
                    copy.execute(
                        "INSERT INTO webhook_request (event_id, tenant, app, received_at, dedup, body_bytes, sealed,"
                        " state) VALUES (?, ?, ?, ?, ?, ?, ?, 'stored')",
                        (event_id, firm, app, received_at, dedup, body_bytes, sealed),
                    )
                    seq = copy.last_insert_rowid()
                    page.append(SpoolRow(seq, event_id, firm, app, received_at, body_bytes, sealed, state, 0, ""))
            yield page


def count_requests(source: Path, tenant: TenantId) -> int:
    """How many requests `copy_requests` would copy now."""
    with closing(open_spool_file(source)) as original, storage_errors(source.name):
        ((number,),) = rows(
            original,
            "SELECT count(*) FROM webhook_request WHERE tenant = ? AND state IN ('stored', 'done')",
            (tenant,),
        )
    return int(number)
