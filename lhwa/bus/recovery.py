"""Before a firm is served: is its file the one that the spool remembers, and nobody's trap?

A file that was restored from a backup lacks what came since, while the spool says that it was applied. The spool keeps,
with each applied request, the last record of the firm's audit log at that time; a log that does not have that record
is older, or another one. What it lacks is sent through again: keys make the repetition harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lhwa.domain.audit import WORKER, AuditRecord
from lhwa.errors import VerificationError
from lhwa.store.spool import Spool
from lhwa.store.spool_rows import Applied, requeue
from lhwa.store.store import Store
from lhwa.store.transaction import Tx

PAGE_ROWS = 500


@dataclass(frozen=True, slots=True)
class AuditEnd:
    """The last record of a firm's audit log at some time."""

    size: int
    leaf: bytes


def audit_end(tx: Tx) -> AuditEnd:
    """Where the log ends now, with what this transaction added."""
    newest = tx.audit.newest(rows_max=1)
    if not newest:
        raise VerificationError("The audit log has no records.", hint="Run `lhwa audit verify`.")
    return AuditEnd(newest[0].seq + 1, newest[0].leaf_hash)


def requeue_lost(spool: Spool, store: Store) -> int:
    """Send through again what the spool knows as applied and the firm's file does not; returns how many requests.

    When the file is whole, this costs one look into each of both files.
    """
    lost: list[int] = []
    page = spool.read.applied(store.tenant, rows_max=1)
    while page:
        missing = store.read(_missing, page)
        lost += [request.seq for request in missing]
        if len(missing) < len(page):
            break
        page = spool.read.applied(store.tenant, before=page[-1], rows_max=PAGE_ROWS)
    if lost:
        store.write(_note, requests=len(lost))
        spool.change(requeue(lost)).result()
    return len(lost)


def require_own_schema(store: Store) -> None:
    """Refuse to serve a file with foreign or missing triggers and guards: they could swallow what is written."""
    if not store.read(_has_own_schema):
        raise VerificationError(
            "tenant.db has triggers or audit tables that are not lhwa's.", hint="Run `lhwa audit verify`."
        )


def _missing(tx: Tx, newest_first: Sequence[Applied]) -> list[Applied]:
    missing: list[Applied] = []
    for request in newest_first:
        found = list(tx.audit.entries(start=request.audit_size - 1, stop=request.audit_size))
        if found and found[0].leaf_hash == request.audit_leaf:
            break
        missing.append(request)
    return missing


def _note(tx: Tx, *, requests: int) -> None:
    tx.audit.append(AuditRecord(WORKER, "events.replayed", f"firm:{tx.tenant}", {"requests": requests}))


def _has_own_schema(tx: Tx) -> bool:
    return tx.audit.schema() == tx.audit.written_schema()
