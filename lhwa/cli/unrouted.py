"""`events replay --unrouted`: for the operator who installed lhwa, because these requests belong to no firm yet."""

from __future__ import annotations

from lhwa import bootstrap
from lhwa.cli.firm import open_spool
from lhwa.cli.session import Session
from lhwa.gateway.unrouted import Rerouted
from lhwa.gateway.unrouted import reroute_all as reroute
from lhwa.services.access.callers import require_installer
from lhwa.store import wake


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
