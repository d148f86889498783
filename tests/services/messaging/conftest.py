"""What the tests of the messaging service share: a firm's store, and applying elements to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lhwa.domain.elements import Element
from lhwa.domain.keys import TenantKeys
from lhwa.domain.merkle import Frontier
from lhwa.routes import REACTIONS
from lhwa.services.messaging.handlers import apply_batch
from lhwa.services.messaging.sourced import Outcome, SourcedElement
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import SENT_AT_MS, open_firm
from lhwa.testing.fakes import FakeClock
from tests.outbound.desk import Desk

Apply = Callable[..., list[Outcome]]
Facts = tuple[Frontier, dict[str, list[tuple[object, ...]]]]


@pytest.fixture
def store(folder: Path, firm_keys: TenantKeys, clock: FakeClock) -> Iterator[Store]:
    with open_firm(folder, keys=firm_keys, clock=clock, reactions=REACTIONS) as made:
        yield made


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    """A client has just written to the firm."""
    made = Desk(store, clock)
    made.hear()
    return made


@pytest.fixture
def apply(store: Store) -> Apply:
    """Elements -> what became of each, as one webhook request."""

    def run(*elements: Element, raw_event: str = "01RAW", received_at_ms: int = SENT_AT_MS + 500) -> list[Outcome]:
        batch = [
            SourcedElement(element=element, raw_event=raw_event, received_at_ms=received_at_ms) for element in elements
        ]
        return store.write(apply_batch, batch)

    return run


@pytest.fixture
def everything(store: Store) -> Callable[[], Facts]:
    """All rows of all tables: equal before and after when nothing changed."""

    def read(tx: Tx) -> Facts:
        tables = rows(tx._connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        return tx.audit.frontier(), {name: rows(tx._connection, f"SELECT * FROM {name}") for (name,) in tables}

    return lambda: store.read(read)
