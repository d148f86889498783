"""Reading and verifying a firm's audit log. Entries hold no personal data, so these reads are not audited again."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import DamagedEntryError, LogRow, firm_opening, read_entry
from lhwa.services.audit.verify import Verified, schema_flaws, verify_stored
from lhwa.store.transaction import Tx

DAMAGED = "(damaged)"
"""Stands for the action of a record that is not what was written; what its bytes now say is not shown as a record."""


class EntryView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One audit record as people and scripts see it."""

    seq: int
    at: str
    actor: str
    action: str
    target: str
    data: dict[str, Any]
    """Of a damaged record: why it is damaged."""
    leaf_hash: str
    """Base64."""


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The answer of `audit verify`."""

    ok: bool
    entries: int
    root: str
    """Base64 of the Merkle tree hash over the entries that are sound."""
    first_bad: int | None = None
    """Absent when all is well, and when it cannot be known; the reason says what is known then."""
    reason: str | None = None


def read_log(
    tx: Tx, principal: Principal, *, start: int | None, rows_max: int, target: str | None = None
) -> list[EntryView]:
    """Entries from `start` on; the newest ones when `start` is None; oldest first either way."""
    principal.require(Permission.READ_AUDIT)
    if target is not None:
        found = tx.audit.about(target)[-rows_max:]
    elif start is None:
        found = tx.audit.newest(rows_max=rows_max)
    else:
        found = list(tx.audit.entries(start=start, stop=start + rows_max))
    return [entry_view(row) for row in found]


def verify(tx: Tx, principal: Principal) -> VerifyReport:
    """Check the whole log."""
    principal.require(Permission.READ_AUDIT)
    return report(verify_firm(tx))


def verify_firm(tx: Tx) -> Verified:
    """Check the whole log of this firm, for whoever needs no more than the verdict."""
    return verify_stored(tx.audit, firm_opening(tx.tenant))


def verify_firm_end(tx: Tx) -> str:
    """What is wrong around the log and at its end, found in a time that does not grow with it; empty when nothing is.

    Raises: VerificationError when the end is not what the frontier says.
    """
    tx.audit.require_sound_end()
    return schema_flaws(tx.audit.schema(), tx.audit.written_schema()).reason()


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
    """One stored entry as it is shown, also a damaged one."""
    leaf = base64.b64encode(row.leaf_hash).decode()
    try:
        entry = read_entry(row)
    except DamagedEntryError as damage:
        return EntryView(
            seq=row.seq, at="", actor="", action=DAMAGED, target="", data={"reason": str(damage)}, leaf_hash=leaf
        )
    return EntryView(
        seq=row.seq,
        at=entry.ts,
        actor=entry.actor,
        action=entry.action,
        target=entry.target,
        data=entry.data,
        leaf_hash=leaf,
    )
