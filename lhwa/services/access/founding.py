"""The files of a new firm: made once, and never again in the place of lost ones."""

from __future__ import annotations

from collections.abc import Callable

from lhwa.domain.audit import DAEMON, AuditRecord
from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.registry.registry import Registry
from lhwa.registry.tables import tenants
from lhwa.store.firm import found_firm
from lhwa.store.store import Store


def found_once(registry: Registry, tenant: TenantId, *, create: Callable[[], Store]) -> bool:
    """Make the files of a firm that never had any; False when it had: then they are lost or damaged.

    The registry remembers it last, so that a crash on the way only repeats it; whoever opens files that it does not
    remember yet calls `remember_founded`. Two processes may do this at once.

    Args:
        create: opens the firm's store and makes its files where they are missing.
    """
    with registry.read() as view:
        if tenants.is_founded(view, tenant) or not tenants.exists(view, tenant):
            return False
    with create() as store:
        store.write(found_firm, actor=DAEMON)
        now = store.now()
    remember_founded(registry, tenant, now=now)
    return True


def remember_founded(registry: Registry, tenant: TenantId, *, now: Instant) -> None:
    """Let the registry know that a firm has its files, once: from then on a missing one is a loss."""
    with registry.write(now=now) as tx:
        if not tenants.is_founded(tx, tenant):
            tenants.note_founded(tx.record(AuditRecord(DAEMON, "tenant.founded", f"tenant:{tenant}")), tenant)
