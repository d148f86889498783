from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from lhwa.config import Home, Settings, load_settings
from lhwa.config.values import checked, known_keys

EXAMPLE = Path(__file__).parents[2] / "config" / "lhwa.example.toml"


def test_the_example_documents_every_setting_in_order() -> None:
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert [f"{section}.{name}" for section, values in document.items() for name in values] == list(known_keys())


def test_the_example_equals_the_defaults(tmp_path: Path) -> None:
    home = Home(tmp_path)
    shutil.copy(EXAMPLE, home.settings_file)
    loaded = load_settings(home)
    assert loaded.settings == Settings()
    assert all(origin.startswith("file:lhwa.toml:") for origin in loaded.origins.values())


@pytest.mark.parametrize("key", known_keys())
def test_every_default_passes_its_own_check_and_is_explained(key: str) -> None:
    field, _ = known_keys()[key]
    written = list(field.default) if isinstance(field.default, tuple) else field.default
    assert checked(key, written, as_text=False) == field.default
    assert field.metadata["about"].endswith(".")
