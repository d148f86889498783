"""Giving stored requests that belonged to nobody to the firms that have been added since.

Invariant: a crash at any point leaves a request where it was or with its firm, or both; keys make the second copy
harmless.
"""

from __future__ import annotations

from dataclasses import dataclass

from lhwa.domain.instants import from_ms
from lhwa.errors import SealError
from lhwa.gateway.requests import Sealer
from lhwa.gateway.routing import Part, RoutingTable, split
from lhwa.store.spool import Spool, SpoolRequest
from lhwa.store.spool_rows import SpoolRow, mark, open_unrouted

PAGE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Rerouted:
    """How many unrouted requests were looked at, and how many found a firm."""

    seen: int
    routed: int


def reroute_all(spool: Spool, table: RoutingTable, *, dry_run: bool) -> Rerouted:
    """Look at every unrouted request again, oldest first."""
    sealer = Sealer()
    seen = routed = 0
    page = spool.read.aside("unrouted", rows_max=PAGE_ROWS)
    while page:
        for row in page:
            seen += 1
            routed += _reroute_one(spool, row, table, sealer, dry_run=dry_run)
        page = spool.read.aside("unrouted", after_seq=page[-1].seq, rows_max=PAGE_ROWS)
    return Rerouted(seen, routed)


def _reroute_one(spool: Spool, row: SpoolRow, table: RoutingTable, sealer: Sealer, *, dry_run: bool) -> bool:
    try:
        body = open_unrouted(row, table.root)
    except SealError:
        return False
    parts = split(body, table)  # by a newer table, the same rules as on arrival
    if not any(part.tenant for part in parts):
        return False
    if not dry_run:
        spool.put(_requests(parts, row, body, table, sealer)).result()
        spool.change(mark([row], state="done", reason="rerouted")).result()
    return True


def _requests(parts: list[Part], row: SpoolRow, body: bytes, table: RoutingTable, sealer: Sealer) -> list[SpoolRequest]:
    received_at = from_ms(row.received_at_ms)
    owned = [part for part in parts if part.tenant is not None]
    rest = [part for part in parts if part.tenant is None]
    requests = sealer.requests(owned, body=body, app=row.app, table=table, now=received_at)
    for part in rest:
        # What still belongs to nobody is a smaller body now: under its old key it would be taken for seen.
        requests += sealer.requests([part], body=part.body, app=row.app, table=table, now=received_at)
    return requests
