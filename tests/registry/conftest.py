from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key
from lhwa.registry.registry import Registry


@pytest.fixture
def now() -> Instant:
    return datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def root() -> Key:
    return Key.random()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def registry(path: Path, root: Key, now: Instant) -> Iterator[Registry]:
    with Registry.create(path, root, now=now) as made:
        yield made
