"""A firm's desk, with a client who just wrote."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lhwa.domain.keys import TenantKeys
from lhwa.routes import REACTIONS
from lhwa.testing.builders import open_firm
from lhwa.testing.fakes import FakeClock
from tests.outbound.desk import Desk

MEMORY = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """In memory when there is such a folder: what a crash does to a disk is the subject of other tests."""
    with tempfile.TemporaryDirectory(prefix="lhwa-", dir=MEMORY if MEMORY.is_dir() else tmp_path) as path:
        yield Path(path) / "firma"


@pytest.fixture
def desk(folder: Path, firm_keys: TenantKeys, clock: FakeClock) -> Iterator[Desk]:
    with open_firm(folder, keys=firm_keys, clock=clock, reactions=REACTIONS) as store:
        made = Desk(store, clock)
        made.hear()
        yield made
