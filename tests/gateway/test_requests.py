"""Sealed rows and their dedup keys."""

from datetime import timedelta
from typing import Any

import pytest

from lhwa.domain.ids import TenantId
from lhwa.domain.instants import parse_rfc3339, to_ms
from lhwa.domain.keys import spool_key, unrouted_key
from lhwa.domain.sealing import unseal
from lhwa.errors import SealError
from lhwa.gateway.requests import Sealer, message_time
from lhwa.gateway.routing import Part, split
from lhwa.registry.routing import RoutingTable
from lhwa.store.spool_rows import request_place

NOW = parse_rfc3339("2026-11-22T23:59:59Z")
FIRM_A = TenantId("firma")


def test_each_part_opens_under_its_owners_key_of_the_day_only(table: RoutingTable, envelope: Any, change: Any) -> None:
    body = envelope(change("301"), change("999"))
    sealer = Sealer()
    for now in (NOW, NOW + timedelta(seconds=2)):
        own, nobodys = sealer.requests(split(body, table), body=body, app="main", table=table, now=now)
        assert own.event_id != nobodys.event_id
        assert own.received_at_ms == to_ms(now)
        firm_key = spool_key(table.keys_of(FIRM_A).current, now)
        assert len(unseal(firm_key, request_place(FIRM_A, own.event_id), own.sealed)) == own.body_bytes
        assert len(unseal(unrouted_key(table.root, now), request_place(None, nobodys.event_id), nobodys.sealed))
        with pytest.raises(SealError):
            unseal(firm_key, request_place(FIRM_A, nobodys.event_id), own.sealed)


def test_the_key_depends_on_the_whole_body_the_owner_and_the_root(table: RoutingTable) -> None:
    def dedup(tenant: TenantId | None, body: bytes) -> bytes:
        part = Part(tenant, b"a part")
        return Sealer().requests([part], body=body, app="main", table=table, now=NOW)[0].dedup

    assert dedup(FIRM_A, b"body") == dedup(FIRM_A, b"body")
    assert (
        len({dedup(FIRM_A, b"body"), dedup(None, b"body"), dedup(TenantId("firmb"), b"body"), dedup(FIRM_A, b"bodY")})
        == 4
    )
    assert len(dedup(FIRM_A, b"")) == 20


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"timestamp":"1795305600"}', 1_795_305_600),
        (b'{"timestamp" : 1795305600}', 1_795_305_600),
        (b'{"timestamp":"1795305600123"}', 1_795_305_600),
        (b'{"timestamp":"9999999999"}', 0xFFFF_FFFF),
        (b'{"timestamp":"99999999999999"}', 0),
        (b'{"body":"\\"timestamp\\":\\"5\\""}', 0),
        (b'{"timestamp":null}', 0),
        (b"", 0),
    ],
)
def test_the_time_of_the_first_message_comes_first(body: bytes, seconds: int) -> None:
    assert message_time(body) == seconds
