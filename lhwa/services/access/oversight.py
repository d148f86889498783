"""What the installer sees of the whole installation: each firm from outside, and what belongs to no firm.

Nothing here opens a firm's file: its inner counts need a role there.
"""

from __future__ import annotations

from dataclasses import dataclass

from lhwa.domain.ids import TenantId
from lhwa.domain.instants import rfc3339_ms
from lhwa.registry.registry import Registry
from lhwa.registry.tables import tenants
from lhwa.registry.views import TenantView
from lhwa.services.access.callers import Caller, require_installer
from lhwa.store.spool_rows import SpoolReader


@dataclass(frozen=True, slots=True)
class FirmFromOutside:
    """One firm without a look into its file."""

    tenant: TenantId
    time_zone: str
    waiting_requests: int
    """Webhook requests in the spool that are not applied yet."""
    oldest_waiting_at: str | None
    last_webhook_at: str | None


def oversee(registry: Registry, caller: Caller, *, spool: SpoolReader) -> tuple[FirmFromOutside, ...]:
    """Every firm. Raises: NotAllowedError for everybody but the installer."""
    with registry.read() as view:
        require_installer(view, caller)
        firms = tenants.every(view)
    return tuple(_from_outside(firm, spool) for firm in firms)


def of_nobody(registry: Registry, caller: Caller, *, spool: SpoolReader) -> tuple[int, int]:
    """How many requests are unrouted, and how many unreadable. Raises: NotAllowedError like `oversee`."""
    with registry.read() as view:
        require_installer(view, caller)
    aside = spool.counts().by_state
    return aside.get("unrouted", 0), aside.get("dead", 0)


def _from_outside(firm: TenantView, spool: SpoolReader) -> FirmFromOutside:
    counts = spool.counts(firm.id)
    return FirmFromOutside(
        tenant=firm.id,
        time_zone=firm.time_zone,
        waiting_requests=counts.by_state.get("stored", 0),
        oldest_waiting_at=_instant(counts.oldest_stored_ms),
        last_webhook_at=_instant(counts.last_received_ms),
    )


def _instant(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339_ms(at_ms)
