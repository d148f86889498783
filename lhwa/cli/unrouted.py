"""Requests that belong to no firm: giving them to one, or discarding them. For the operator who installed lhwa."""

from __future__ import annotations

from lhwa import bootstrap
from lhwa.cli.firm import open_spool
from lhwa.cli.session import Session
from lhwa.domain.access import NOT_YOURS
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.errors import NotAllowedError, UsageError
from lhwa.gateway.unrouted import Rerouted
from lhwa.gateway.unrouted import reroute_all as reroute
from lhwa.services.access.callers import require_installer
from lhwa.store import wake
from lhwa.store.spool_rows import mark


def reroute_all(session: Session, *, dry_run: bool) -> Rerouted:
    """Give stored requests to the firms that own their numbers now, and wake the daemon."""
    with session.registry() as registry, registry.read() as view:
        require_installer(view, session.installer)
    home = session.home
    table = bootstrap.load_routing(home, session.settings, session.environ)
    with open_spool(session) as spool:
        outcome = reroute(spool, table, dry_run=dry_run)
    if outcome.routed and not dry_run:
        wake.touch(home.wake_dir, wake.SPOOL)
    return outcome


def discard_request(session: Session, event_id: str, *, reason: str, dry_run: bool) -> None:
    """Decide that a request that is kept aside will never be processed; recorded in the control plane's audit log.

    Raises: NotAllowedError when no such request is kept aside; UsageError without a reason.
    """
    if not reason.strip():
        raise UsageError("A decision needs a reason.", hint="Give --reason TEXT; it goes into the audit log.")
    with session.registry() as registry, open_spool(session) as spool:
        with registry.read() as view:
            operator = require_installer(view, session.installer)
        row = spool.read.by_event(event_id)
        if row is None or row.state not in ("unrouted", "dead"):
            raise NotAllowedError(NOT_YOURS)
        if dry_run:
            return
        data = {"reason": reason.strip(), "state": row.state}
        with registry.write(now=session.now) as tx:
            tx.record(AuditRecord(operator_actor(operator), "request.discarded", f"request:{event_id}", data))
        spool.change(mark([row], state="done", reason="discarded")).result()
