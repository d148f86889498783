"""Parts of a body become sealed spool rows with their dedup keys.

Invariants: the dedup key is over the whole body and the owner, so the same bytes make the same rows, and a body that
found its owner later is not taken for seen; no key leaks what it hashes, because it is keyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from lhwa.domain.ids import TenantId
from lhwa.domain.instants import SECONDS_VS_MILLISECONDS, Instant, to_ms
from lhwa.domain.keys import spool_key, unrouted_key
from lhwa.domain.sealing import ColumnSeal, Key, KeyedHash
from lhwa.gateway.event_ids import EventIds
from lhwa.gateway.routing import Part, RoutingTable
from lhwa.store.spool import SpoolRequest
from lhwa.store.spool_rows import request_place

DEDUP_TIME_BYTES = 4
DEDUP_HASH_BYTES = 16
_TIMESTAMP = re.compile(rb'"timestamp"\s*:\s*"?(\d{1,13})(?!\d)')
_NAMED = b'"timestamp"'


class Sealer:
    """Seals parts. Keys of the day are derived once and forgotten on the next day."""

    def __init__(self) -> None:
        self._ids = EventIds()
        self._day: date | None = None
        self._seals: dict[tuple[TenantId | None, bytes], ColumnSeal] = {}
        self._dedup: tuple[bytes, KeyedHash] | None = None

    def requests(
        self, parts: Iterable[Part], *, body: bytes, app: str, table: RoutingTable, now: Instant
    ) -> list[SpoolRequest]:
        """The rows of one body.

        Args:
            body: the whole body as signed, or as stored when it is routed again.
        """
        return [self._request(part, body, app=app, table=table, now=now) for part in parts]

    def request(self, tenant: TenantId, body: bytes, *, app: str, table: RoutingTable, now: Instant) -> SpoolRequest:
        """The row of a body that belongs to one firm as a whole."""
        return self._request(Part(tenant, body), body, app=app, table=table, now=now)

    def _request(self, part: Part, body: bytes, *, app: str, table: RoutingTable, now: Instant) -> SpoolRequest:
        received_at_ms = to_ms(now)
        event_id = self._ids.next(received_at_ms)
        return SpoolRequest(
            event_id,
            part.tenant,
            app,
            received_at_ms,
            self._dedup_key(part.tenant, body, table.root),
            len(part.body),
            self._seal(part.tenant, table, now).seal(event_id, part.body),
            part.state,
            part.reason,
        )

    def _seal(self, tenant: TenantId | None, table: RoutingTable, now: Instant) -> ColumnSeal:
        day = now.date()
        if day != self._day:
            self._day, self._seals = day, {}
        base = table.root if tenant is None else table.keys_of(tenant).current
        found = self._seals.get((tenant, base.id))
        if found is None:
            key = unrouted_key(base, now) if tenant is None else spool_key(base, now)
            found = self._seals[tenant, base.id] = ColumnSeal(key, request_place(tenant, ""))
        return found

    def _dedup_key(self, tenant: TenantId | None, body: bytes, root: Key) -> bytes:
        if self._dedup is None or self._dedup[0] != root.id:
            self._dedup = (root.id, KeyedHash(root.derive("lhwa/spool-dedup/v1").secret))
        digest = self._dedup[1].digest(b"%b\0%b" % ((tenant or "").encode(), body))
        return message_time(body).to_bytes(DEDUP_TIME_BYTES, "big") + digest[:DEDUP_HASH_BYTES]


def message_time(body: bytes) -> int:
    """Seconds of the first timestamp in the body, in 32 bits; 0 when there is none. It only orders an index."""
    # To search for the name alone is much cheaper than for the whole shape.
    at = body.find(_NAMED)
    found = _TIMESTAMP.match(body, at) if at >= 0 else None
    if found is None:
        return 0
    value = int(found[1])
    return min(value // 1000 if value >= SECONDS_VS_MILLISECONDS else value, 0xFFFF_FFFF)
