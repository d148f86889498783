"""Edited tree files: what is wrong is told, and what is in force stays what it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lhwa.domain.edited_files import Noticed
from lhwa.services.intake.edited_trees import read_trees_for_daemon
from lhwa.services.intake.tree_files import read_tree_file
from lhwa.testing.fakes import NOON
from tests.services.intake.office import Office

KIT = Path("config/intake")


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    """A firm's folder with the kit's trees."""
    return Path(shutil.copytree(KIT, tmp_path / "intake"))


def noticed(office: Office, folder: Path) -> Noticed:
    found = office.store.read(read_trees_for_daemon(folder, NOON))
    assert found is not None
    return found


def test_a_folder_that_is_not_there_is_nothing(empty_office: Office, tmp_path: Path) -> None:
    assert noticed(empty_office, tmp_path / "none") == Noticed()


def test_a_good_edit_is_told_and_changes_nothing_in_force(empty_office: Office, trees: Path) -> None:
    tree = read_tree_file(trees / "land.yaml").tree
    assert tree is not None
    empty_office.publish(tree)
    assert noticed(empty_office, trees) == Noticed()
    path = trees / "land.yaml"
    path.write_text(path.read_text().replace("entry: true", "entry: false") + "\nremind_after_h: 10\n")
    assert noticed(empty_office, trees).changed == 1
    current = empty_office.store.read(lambda tx: tx.trees.current(tree.name))
    assert current is not None
    assert current.tree() == tree


def test_a_bad_edit_is_told_with_its_line_and_changes_nothing_in_force(empty_office: Office, trees: Path) -> None:
    tree = read_tree_file(trees / "land.yaml").tree
    assert tree is not None
    empty_office.publish(tree)
    (trees / "land.yaml").write_text("name: land\nnodes: [broken\n")
    found = noticed(empty_office, trees)
    assert found.changed == 0
    assert [fault.file for fault in found.faults] == ["land.yaml"]
    current = empty_office.store.read(lambda tx: tx.trees.current(tree.name))
    assert current is not None
    assert current.tree() == tree
