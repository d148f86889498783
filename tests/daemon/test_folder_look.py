"""Two looks at a folder differ when a file in it that counts may differ."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lhwa.daemon import folder_look
from lhwa.daemon.folder_look import ABSENT, Look, look_into


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "firma" / "templates"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text("one")
    (folder / "b.yml").write_text("two")
    return folder


def _replace(folder: Path) -> None:
    (folder / "fresh").write_text("eno")
    os.utime(folder / "fresh", ns=(0, (folder / "a.yaml").stat().st_mtime_ns))
    (folder / "fresh").rename(folder / "a.yaml")


CHANGES: dict[str, Callable[[Path], object]] = {
    "written": lambda folder: (folder / "a.yaml").write_text("three"),
    "replaced by one of the same size and time": _replace,
    "added": lambda folder: (folder / "c.yaml").write_text(""),
    "deleted": lambda folder: (folder / "a.yaml").unlink(),
    "renamed": lambda folder: (folder / "a.yaml").rename(folder / "z.yaml"),
    "forbidden": lambda folder: (folder / "a.yaml").chmod(0),
    "a link to nowhere": lambda folder: (folder / "c.yaml").symlink_to("nowhere"),
    "a pipe": lambda folder: os.mkfifo(folder / "c.yaml"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_shows(templates: Path, change: Callable[[Path], object]) -> None:
    before = look_into(templates)
    assert before == look_into(templates)
    change(templates)
    assert look_into(templates) != before


def test_the_file_behind_a_link_shows(templates: Path, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("1")
    (templates / "link.yaml").symlink_to(tmp_path / "real")
    before = look_into(templates)
    (tmp_path / "real").write_text("longer")
    assert look_into(templates) != before


@pytest.mark.parametrize("name", [".a.yaml.swp", "a.yaml~", "4913", "notes.txt"])
def test_what_editors_leave_does_not_show(templates: Path, name: str) -> None:
    before = look_into(templates)
    (templates / name).write_text("x")
    assert look_into(templates) == before


def test_another_folder_in_its_place_shows(templates: Path) -> None:
    before = look_into(templates)
    assert before is not None
    templates.rename(templates.with_name("aside"))
    assert look_into(templates) == ABSENT
    templates.mkdir()
    after = look_into(templates)
    assert after is not None
    assert after.identity != before.identity


def test_without_the_firms_own_folder_nothing_can_be_said(tmp_path: Path) -> None:
    assert look_into(tmp_path / "gone" / "templates") is None


def test_what_is_no_folder_is_trouble_and_no_absence(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_into(templates / "a.yaml") == Look(trouble=errno.ENOTDIR)
    (templates / "link").symlink_to("nowhere")
    assert look_into(templates / "link") == Look(trouble=errno.ENOENT)

    def refuse(_path: Path) -> object:
        raise PermissionError(errno.EACCES, "refused")

    monkeypatch.setattr(os, "scandir", refuse)
    assert look_into(templates) == Look(trouble=errno.EACCES)


def test_a_folder_with_too_many_files_is_not_looked_through(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_look, "FILES_MAX", 5)
    for number in range(20):
        (templates / f"{number}.yaml").write_text("x")
    look = look_into(templates)
    assert look is not None
    assert len(look.files) == 6
