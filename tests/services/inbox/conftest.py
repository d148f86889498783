"""What the tests of the inbox share: an office to which a client has just written, and one with a published tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lhwa.domain.ids import ConversationId
from lhwa.domain.keys import TenantKeys
from lhwa.routes import REACTIONS
from lhwa.store.store import Store
from lhwa.testing.builders import open_firm
from lhwa.testing.fakes import FakeClock
from lhwa.testing.intake import SMALL_TREE
from tests.services.intake.office import Office


@pytest.fixture
def store(folder: Path, firm_keys: TenantKeys, clock: FakeClock) -> Iterator[Store]:
    with open_firm(folder, keys=firm_keys, clock=clock, reactions=REACTIONS) as made:
        yield made


@pytest.fixture
def office(store: Store, clock: FakeClock) -> Office:
    """A client has just written to the firm; no tree is in force."""
    made = Office(store, clock)
    made.hear()
    return made


@pytest.fixture
def quiet_office(store: Store, clock: FakeClock) -> Office:
    """A tree is in force, and nobody has written."""
    made = Office(store, clock)
    made.publish(SMALL_TREE)
    return made


@pytest.fixture
def thread(office: Office) -> ConversationId:
    """Of that client."""
    return office.store.read(lambda tx: tx.conversations.newest(rows_max=1))[0].id
