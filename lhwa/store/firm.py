"""A new firm's file: named in its own first row, with the first entry of its audit log."""

from __future__ import annotations

from lhwa.domain.audit import AuditRecord
from lhwa.store.transaction import Tx


def found_firm(tx: Tx, *, actor: str) -> bool:
    """Write the firm's name into its file; False when that was done before."""
    if not tx.claim_firm():
        return False
    tx.audit.append(AuditRecord(actor, "firm.created", f"firm:{tx.tenant}"))
    return True
