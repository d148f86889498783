"""What the installer sees of the whole installation, also without a role in any firm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lhwa.domain.ids import RawEventId, TenantId
from lhwa.domain.instants import Instant, to_ms
from lhwa.errors import NotAllowedError
from lhwa.registry.registry import Registry
from lhwa.services.access.callers import Caller
from lhwa.services.access.oversight import of_nobody, oversee
from lhwa.store.spool import Spool, SpoolRequest
from lhwa.testing.builders import open_spool

CallerAs = Callable[[str, str], Caller]


@pytest.fixture
def spool(tmp_path: Path, now: Instant) -> Iterator[Spool]:
    made = open_spool(tmp_path / "spool.db")
    for event, tenant, state in (("A", "firma", "stored"), ("B", None, "unrouted"), ("C", None, "dead")):
        owner = None if tenant is None else TenantId(tenant)
        request = SpoolRequest(
            RawEventId(event), owner, "main", to_ms(now), event.encode().ljust(20), 1, b"sealed", state
        )
        made.put([request]).result()
    yield made
    made.close()


def test_each_firm_is_seen_from_outside(registry: Registry, me: Caller, spool: Spool) -> None:
    firma, lain = oversee(registry, me, spool=spool.read)
    assert (firma.tenant, firma.waiting_requests) == ("firma", 1)
    assert firma.last_webhook_at == firma.oldest_waiting_at == "2026-11-22T01:02:03.000000Z"
    assert (lain.tenant, lain.waiting_requests, lain.last_webhook_at, lain.oldest_waiting_at) == ("lain", 0, None, None)
    assert firma.time_zone == "Asia/Jakarta"


def test_what_belongs_to_nobody_is_counted(registry: Registry, me: Caller, spool: Spool) -> None:
    assert of_nobody(registry, me, spool=spool.read) == (1, 1)


def test_a_role_in_a_firm_is_not_enough(registry: Registry, caller_as: CallerAs, spool: Spool) -> None:
    owner = caller_as("firma", "owner")
    with pytest.raises(NotAllowedError):
        oversee(registry, owner, spool=spool.read)
    with pytest.raises(NotAllowedError):
        of_nobody(registry, owner, spool=spool.read)


def test_an_installation_without_firms_is_empty(empty: Registry, me: Caller, spool: Spool) -> None:
    assert oversee(empty, me, spool=spool.read) == ()
