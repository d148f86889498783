from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import pytest

from lhwa.bus.drain import Drained, drain_batch, settle
from lhwa.bus.progress import LONG_AT_ONCE, LONG_BODY_BYTES, Progress
from lhwa.bus.routes import Inbound
from lhwa.domain.ids import TenantId
from lhwa.errors import SealError, StorageError, VerificationError
from lhwa.routes import ROUTES
from lhwa.store.connection import rows
from lhwa.store.spool_rows import requeue
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import tenant_keys

_DIE_BEFORE_THE_MARK = """
import os, signal, sys
from pathlib import Path
from lhwa.bus.drain import drain_batch, settle
from lhwa.bus.progress import Progress
from lhwa.domain.keys import TenantKeys
from lhwa.domain.sealing import Key
from lhwa.routes import REACTIONS, ROUTES
from lhwa.testing.builders import FIRM, open_firm, open_spool
key_id, secret, root = sys.argv[1:]  # a key of this test alone
keys = TenantKeys(Key(bytes.fromhex(key_id), bytes.fromhex(secret)))
spool = open_spool(Path(root) / "spool.db")
spool.change = lambda change: os.kill(os.getpid(), signal.SIGKILL)
with open_firm(Path(root) / FIRM, keys=keys, reactions=REACTIONS) as store:
    limits = {"requests_max": 9, "elements_max": 99, "progress": Progress()}
    settle(spool, [drain_batch(spool, store, ROUTES.inbound, keys=lambda: keys, **limits)])
"""


def drain(
    town: Any,
    tenant: TenantId,
    *,
    inbound: Inbound = ROUTES.inbound,
    requests_max: int = 9,
    elements_max: int = 99,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Drained:
    with nullcontext(store) if store else town.open(tenant) as opened:
        done = drain_batch(
            town.spool,
            opened,
            inbound,
            keys=lambda: town.keys[tenant],
            requests_max=requests_max,
            elements_max=elements_max,
            progress=progress or Progress(),
        )
        settle(town.spool, [done])
        return done


def everything(store: Store) -> list[list[tuple[object, ...]]]:
    tables = ("message", "event", "conversation", "audit_entry", "audit_frontier", "job", "contact", "dead_letter")
    return store.read(lambda tx: [rows(tx._connection, f"SELECT * FROM {table}") for table in tables])


def test_a_batch_is_applied_and_marked(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    town.put(firm, body("a", "b"), body("c"))
    done = drain(town, firm)
    assert (done.requests, dict(done.outcomes), done.unreadable) == (2, {"applied": 3}, {})
    assert town.states() == {"done": 2}
    assert town.count(firm) == 3
    assert drain(town, firm).requests == 0


def test_a_batch_is_limited_by_requests_and_by_elements(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    town.put(firm, *(body(f"{number}-a", f"{number}-b") for number in range(10)))
    assert drain(town, firm, requests_max=3).requests == 3
    assert drain(town, firm, elements_max=3).requests == 2
    assert drain(town, firm, elements_max=2).requests == 1
    assert town.states() == {"done": 6, "stored": 4}


def counting(calls: list[bytes]) -> Inbound:
    def read(raw: bytes) -> Sequence[Any]:
        calls.append(raw)
        return ROUTES.inbound.read(raw)

    return Inbound(read=read, apply=ROUTES.inbound.apply)


@pytest.fixture
def firm_open(town: Any) -> Iterator[Any]:
    """A firm's name and its store, which stays open."""
    tenant = town.firm("firma")
    with town.open(tenant) as store:
        yield tenant, store


def long_body(body: Any, *wamids: str) -> bytes:
    return bytes(body(*wamids, text="x" * (LONG_BODY_BYTES // len(wamids))))


@pytest.mark.parametrize("is_long", [False, True])
def test_a_request_of_many_elements_is_applied_in_slices_and_marked_after_the_last(
    town: Any, body: Any, firm_open: Any, *, is_long: bool
) -> None:
    (firm, store), progress, reads = firm_open, Progress(), list[bytes]()
    wamids = [f"m{number}" for number in range(10)]
    town.put(firm, long_body(body, *wamids) if is_long else body(*wamids), body("after"))
    seen = []
    while town.states() != {"done": 2}:
        done = drain(town, firm, store=store, inbound=counting(reads), elements_max=4, progress=progress)
        seen.append((done.requests, len(done.received_at_ms), done.outcomes["applied"]))
    assert seen == [(1, 1, 5), (0, 0, 4), (1, 1, 2)]
    assert len(reads) == (2 if is_long else 4), "a long body is normalised once, a short one for each slice"
    assert town.count(firm) == 11


def test_long_requests_wait_for_each_other_and_short_ones_for_none(town: Any, body: Any) -> None:
    progress = Progress()
    firms = [town.firm(f"firm{number}") for number in range(LONG_AT_ONCE + 2)]
    stores = {firm: town.open(firm) for firm in firms}
    for firm in firms:
        town.put(firm, *(long_body(body, *(f"{nth}-{number}" for number in range(4))) for nth in range(2)))
        town.put(firm, body("short"))
    first = [drain(town, firm, store=stores[firm], elements_max=2, progress=progress) for firm in firms]
    assert [done.outcomes["applied"] for done in first] == [3] * LONG_AT_ONCE + [1] * 2
    rounds = 0
    while town.states() != {"done": 3 * len(firms)}:
        progress.release(unless=town.spool.read.waiting_tenants())
        for firm in firms:
            drain(town, firm, store=stores[firm], elements_max=2, progress=progress)
        rounds += 1
        assert rounds < 30
    for store in stores.values():
        store.close()
    assert [town.count(firm) for firm in firms] == [9] * len(firms)


def test_a_firm_that_is_not_served_holds_nobody_up(town: Any, body: Any) -> None:
    progress = Progress()
    firms = [town.firm(f"firm{number}") for number in range(LONG_AT_ONCE + 1)]
    stores = {firm: town.open(firm) for firm in firms}
    for firm in firms:
        town.put(firm, long_body(body, "a", "b", "c"))
    for firm in firms:
        drain(town, firm, store=stores[firm], elements_max=2, progress=progress)
    progress.release(unless=firms[-1:])
    last = drain(town, firms[-1], store=stores[firms[-1]], elements_max=2, progress=progress)
    assert last.outcomes["applied"] == 2
    progress.release(unless=firms[:1])
    again = drain(town, firms[0], store=stores[firms[0]], elements_max=2, progress=progress)
    assert (again.requests, dict(again.outcomes)) == (1, {"applied": 1}), "how far it came was forgotten"
    for store in stores.values():
        store.close()


@pytest.mark.parametrize("what", ["trouble", "another store"])
def test_a_long_request_begins_anew_when_the_file_may_be_another(
    town: Any, body: Any, firm_open: Any, what: str
) -> None:
    (firm, store), progress = firm_open, Progress()
    town.put(firm, long_body(body, *(f"m{number}" for number in range(6))))
    drain(town, firm, store=store, elements_max=4, progress=progress)
    if what == "trouble":
        progress.forget_firm(firm)
        again = drain(town, firm, store=store, elements_max=4, progress=progress)
    else:
        again = drain(town, firm, elements_max=4, progress=progress)
    assert dict(again.outcomes) == {"duplicate": 4}


def test_no_number_is_given_twice_so_nothing_of_one_request_is_taken_for_another(
    town: Any, body: Any, firm_open: Any
) -> None:
    (firm, store), progress = firm_open, Progress()
    town.put(firm, long_body(body, *(f"m{number}" for number in range(6))))
    drain(town, firm, store=store, elements_max=4, progress=progress)
    town.spool.change(lambda connection: connection.execute("DELETE FROM webhook_request")).result()
    town.put(firm, long_body(body, *(f"n{number}" for number in range(6))))
    [row] = town.spool.read.take(firm, rows_max=9)
    assert row.seq > 1
    for _ in range(2):
        progress.release(unless=())
        drain(town, firm, store=store, elements_max=4, progress=progress)
    assert town.states() == {"done": 1}
    assert town.count(firm) == 4 + 6


def test_a_request_that_is_sent_through_again_halfway_begins_anew_and_holds_no_place(
    town: Any, body: Any, firm_open: Any
) -> None:
    (firm, store), progress = firm_open, Progress()
    town.put(firm, long_body(body, *(f"m{number}" for number in range(6))))
    drain(town, firm, store=store, elements_max=4, progress=progress)
    town.spool.change(requeue([1])).result()
    assert dict(drain(town, firm, store=store, elements_max=4, progress=progress).outcomes) == {"duplicate": 4}
    drain(town, firm, store=store, elements_max=4, progress=progress)
    assert town.states() == {"done": 1}
    assert town.count(firm) == 6


def test_a_defect_in_a_later_slice_is_the_long_requests_own(town: Any, body: Any, firm_open: Any) -> None:
    (firm, store), progress = firm_open, Progress()
    town.put(firm, body(*(f"m{number}" for number in range(6))), body("a"), body("b"))
    drain(town, firm, store=store, elements_max=4, progress=progress)
    broken = drain(
        town,
        firm,
        store=store,
        inbound=Sabotage(RecursionError(), "raw-1").inbound,
        elements_max=4,
        progress=progress,
    )
    assert (broken.requests, broken.unreadable) == (1, {"raw-1": "RecursionError"})
    assert town.states() == {"done": 2, "dead": 1}


def test_a_request_that_is_sent_through_again_meanwhile_stays_waiting(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    town.put(firm, body("a"))

    def apply_while_somebody_replays(tx: Tx, elements: Sequence[Any], raw_event: str, received_at_ms: int) -> list[str]:
        town.spool.change(requeue([1])).result()
        return ROUTES.inbound.apply(tx, elements, raw_event, received_at_ms)

    drain(town, firm, inbound=Inbound(read=ROUTES.inbound.read, apply=apply_while_somebody_replays))
    assert town.states() == {"stored": 1}
    assert dict(drain(town, firm).outcomes) == {"duplicate": 1}
    assert town.states() == {"done": 1}


def test_only_the_firms_own_requests_are_taken(town: Any, body: Any) -> None:
    one, other = town.firm("firma"), town.firm("firmb")
    town.put(one, body("a"))
    town.put(other, body("a"))
    drain(town, one)
    assert (town.count(one), town.count(other)) == (1, 0)


def test_a_request_that_does_not_open_is_dead_and_costs_its_neighbours_nothing(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    town.put(firm, body("a"))
    town.put(firm, body("b"), keys=tenant_keys())
    town.put(firm, body("c"))
    done = drain(town, firm)
    assert (done.requests, done.unreadable) == (2, {"raw-2": "seal"})
    assert town.states() == {"done": 2, "dead": 1}
    assert [row.reason for row in town.spool.read.aside("dead")] == ["seal"]


def test_a_kill_between_both_commits_has_no_double_effect(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    town.put(firm, body("a", "b"), body("c"))
    key = town.keys[firm].current
    argv = [sys.executable, "-c", _DIE_BEFORE_THE_MARK, key.id.hex(), key.secret.hex(), str(town.root)]
    died = subprocess.run(argv, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert town.states() == {"stored": 2}
    with town.open(firm) as store:
        before = everything(store)
    assert town.count(firm) == 3
    assert dict(drain(town, firm).outcomes) == {"duplicate": 3}
    assert town.states() == {"done": 2}
    with town.open(firm) as store:
        assert everything(store) == before


def test_a_spool_that_cannot_mark_leaves_the_requests_waiting(
    town: Any, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = town.firm("firma")
    town.put(firm, body("a"))

    def fail(_change: Any) -> Any:
        raise StorageError("x")

    with monkeypatch.context() as patched:
        patched.setattr(town.spool, "change", fail)
        with pytest.raises(StorageError):
            drain(town, firm)
    assert dict(drain(town, firm).outcomes) == {"duplicate": 1}


class Sabotage:
    """Breaks the application of some requests, as a defect of ours or a broken disk would."""

    def __init__(self, error: Exception, *broken: str) -> None:
        self._error = error
        self._broken = broken

    def apply(self, tx: Tx, elements: Sequence[Any], raw_event: str, received_at_ms: int) -> list[str]:
        outcomes = ROUTES.inbound.apply(tx, elements, raw_event, received_at_ms)
        if raw_event in self._broken:
            raise self._error
        return outcomes

    @property
    def inbound(self) -> Inbound:
        return Inbound(read=ROUTES.inbound.read, apply=self.apply)


def test_a_request_that_breaks_a_law_of_ours_costs_its_neighbours_nothing(town: Any, body: Any) -> None:
    firm = town.firm("firma")
    town.put(firm, body("a"), body("b"), body("c"))
    done = drain(town, firm, inbound=Sabotage(RecursionError(), "raw-2").inbound)
    assert (done.requests, dict(done.outcomes)) == (2, {"applied": 2})
    assert done.unreadable == {"raw-2": "RecursionError"}
    assert town.states() == {"done": 2, "dead": 1}
    assert town.count(firm) == 2


@pytest.mark.parametrize("bodies", [1, 3])
def test_when_nothing_goes_through_the_firm_is_in_trouble_and_its_requests_wait(
    town: Any, body: Any, bodies: int
) -> None:
    firm = town.firm("firma")
    town.put(firm, *(body(str(number)) for number in range(bodies)))
    with pytest.raises(RecursionError):
        drain(town, firm, inbound=Sabotage(RecursionError(), "raw-1", "raw-2", "raw-3").inbound)
    assert town.states() == {"stored": bodies}


@pytest.mark.parametrize("error", [StorageError("x"), SealError("x"), VerificationError("x")], ids=repr)
def test_errors_of_the_disk_and_of_the_keys_are_nobodys_fault(town: Any, body: Any, error: Exception) -> None:
    firm = town.firm("firma")
    town.put(firm, body("a"), body("b"))
    with pytest.raises(type(error)):
        drain(town, firm, inbound=Sabotage(error, "raw-2").inbound)
    assert town.states() == {"stored": 2}
    assert town.count(firm) == 0
