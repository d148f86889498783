from __future__ import annotations

from lhwa.store.store import Store
from lhwa.testing.fakes import FakeClock
from tests.outbound.desk import Desk


def test_what_is_remembered_last_holds(store: Store, clock: FakeClock) -> None:
    desk = Desk(store, clock)
    assert store.read(lambda tx: tx.allowances.get("number:1")) is None
    desk.write(lambda tx: tx.allowances.put("number:1", "{}"))
    desk.write(lambda tx: tx.allowances.put("number:1", "[1]"))
    assert store.read(lambda tx: tx.allowances.get("number:1")) == "[1]"


def test_scopes_are_listed_by_how_they_begin(store: Store, clock: FakeClock) -> None:
    desk = Desk(store, clock)
    for scope in ("number:2", "breaker:x:slow", "number:1", "numbers", "breaker:a:retry"):
        desk.write(lambda tx, scope=scope: tx.allowances.put(scope, scope.upper()))  # type: ignore[misc]  # bound now
    below = store.read(lambda tx: tx.allowances.below("number:"))
    assert below == [("number:1", "NUMBER:1"), ("number:2", "NUMBER:2")]
    assert len(store.read(lambda tx: tx.allowances.below(""))) == 5
