from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lhwa.domain.ids import is_tenant_id
from lhwa.store.wake import SPOOL, touch


def test_a_touch_leaves_a_written_file(tmp_path: Path) -> None:
    wake_dir = tmp_path / "wake"
    touch(wake_dir, "firma")
    first = (wake_dir / "firma").stat().st_mtime_ns
    touch(wake_dir, "firma")
    assert (wake_dir / "firma").stat().st_mtime_ns >= first
    assert stat.S_IMODE(wake_dir.stat().st_mode) == 0o700


def test_no_firm_can_be_called_like_the_spool() -> None:
    assert not is_tenant_id(SPOOL)


@pytest.mark.parametrize("obstacle", ["a file in the place of the folder", "a folder in the place of the file"])
def test_waking_never_fails_what_was_committed(tmp_path: Path, obstacle: str) -> None:
    wake_dir = tmp_path / "wake"
    if obstacle.startswith("a file"):
        wake_dir.write_text("x")
    else:
        (wake_dir / "firma").mkdir(parents=True)
    touch(wake_dir, "firma")
