"""What the tests of tables share."""

from __future__ import annotations

import pytest

from lhwa.store.store import Store
from tests.store.tables.office_rows import OfficeRows


@pytest.fixture
def office_rows(store: Store) -> OfficeRows:
    return OfficeRows(store)
