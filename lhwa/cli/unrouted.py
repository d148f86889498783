"""Requests that belong to no firm: giving them to one, or discarding them. For the operator who installed lhwa."""

from __future__ import annotations

from lhwa import bootstrap
from lhwa.cli.firm import open_spool
from lhwa.cli.session import Session
from lhwa.gateway.unrouted import Rerouted
from lhwa.gateway.unrouted import reroute_all as reroute
from lhwa.services.access.kept_requests import allow_rerouting, discard_kept_request
from lhwa.store import wake
from lhwa.store.spool_rows import mark


def reroute_all(session: Session, *, dry_run: bool) -> Rerouted:
    """Give stored requests to the firms that own their numbers now, and wake the daemon."""
    home = session.home
    with open_spool(session) as spool:
        with session.registry() as registry:
            allow_rerouting(registry, session.installer, spool=spool.read, dry_run=dry_run, now=session.now)
        table = bootstrap.load_routing(home, session.settings, session.environ)
        outcome = reroute(spool, table, dry_run=dry_run)
    if outcome.routed and not dry_run:
        wake.touch(home.wake_dir, wake.SPOOL)
    return outcome


def discard_request(session: Session, event_id: str, *, reason: str, dry_run: bool) -> None:
    """Decide that a request that is kept aside will never be processed."""
    with session.registry() as registry, open_spool(session) as spool:
        discard_kept_request(
            registry,
            session.installer,
            event_id,
            reason=reason,
            spool=spool.read,
            settle=lambda row: spool.change(mark([row], state="done", reason="discarded")).result(),
            dry_run=dry_run,
            now=session.now,
        )
