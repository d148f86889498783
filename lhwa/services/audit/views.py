"""Reading and verifying a firm's audit log. Entries hold no personal data, so these reads are not audited again."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.services.audit.verify import LogRow, Verified, verify_log
from lhwa.store.transaction import Tx


class EntryView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One audit record as people and scripts see it."""

    seq: int
    at: str
    actor: str
    action: str
    target: str
    data: dict[str, Any]
    leaf_hash: str
    """Base64."""


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The answer of `audit verify`."""

    ok: bool
    entries: int
    root: str
    """Base64 of the Merkle tree hash over the entries that are sound."""
    first_bad: int | None = None
    reason: str | None = None


def read_log(
    tx: Tx, principal: Principal, *, start: int | None, rows_max: int, target: str | None = None
) -> list[EntryView]:
    """Entries from `start` on; the newest ones when `start` is None; oldest first either way."""
    principal.require(Permission.READ_AUDIT)
    if target is not None:
        return [entry_view(row) for row in tx.audit.about(target)[-rows_max:]]
    first = max(tx.audit.frontier().size - rows_max, 0) if start is None else start
    return [entry_view(row) for row in tx.audit.entries(start=first, stop=first + rows_max)]


def verify(tx: Tx, principal: Principal) -> VerifyReport:
    """Check the whole log."""
    principal.require(Permission.READ_AUDIT)
    size, stack = tx.audit.stored_frontier()
    return report(verify_log(tx.audit.entries(), stored_size=size, stored_stack=stack))


def report(found: Verified) -> VerifyReport:
    """A finding as it is shown."""
    return VerifyReport(
        ok=found.ok,
        entries=found.entries,
        root=base64.b64encode(found.root).decode(),
        first_bad=found.first_bad,
        reason=found.reason or None,
    )


def entry_view(row: LogRow) -> EntryView:
    """One stored entry as it is shown."""
    entry = msgspec.json.decode(row.entry)
    return EntryView(
        seq=row.seq,
        at=entry["ts"],
        actor=entry["actor"],
        action=entry["action"],
        target=entry["target"],
        data=entry["data"],
        leaf_hash=base64.b64encode(row.leaf_hash).decode(),
    )
