"""What the tests of intake share: an office with a published tree, and a client who has just written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
def empty_office(store: Store, clock: FakeClock) -> Office:
    """Nobody has published a tree."""
    return Office(store, clock)


@pytest.fixture
def office(empty_office: Office) -> Office:
    """A tree is in force, and nobody has written."""
    empty_office.publish(SMALL_TREE)
    return empty_office
