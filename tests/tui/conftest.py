"""A full home for the tests of the inbox: built once, copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.place import Place, build_place


@pytest.fixture(scope="session")
def pristine_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """As it was filled; tests only copy it."""
    return build_place(tmp_path_factory.mktemp("place") / "home")


@pytest.fixture
def place(pristine_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy for one test, where nothing of the machine's own user is looked at."""
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "user"))
    for name in ("LHWA_TOKEN", "LHWA_HOME", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return pristine_place.copy_to(tmp_path / "home")
