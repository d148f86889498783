"""What the tests of a firm's files share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lhwa.domain.keys import TenantKeys
from lhwa.store.store import Store
from lhwa.testing.builders import open_firm
from lhwa.testing.fakes import FakeClock


@pytest.fixture
def store(folder: Path, firm_keys: TenantKeys, clock: FakeClock) -> Iterator[Store]:
    with open_firm(folder, keys=firm_keys, clock=clock) as made:
        yield made
