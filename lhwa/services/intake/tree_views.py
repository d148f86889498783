"""Trees as lists show them, and the findings of one path, be it a file, a sub-tree or a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lhwa.domain.findings import Finding
from lhwa.domain.intake.tree_check.flow import Flow
from lhwa.domain.text import safe_text
from lhwa.services.intake.tree_files import (
    ReadTree,
    check_read,
    has_errors,
    read_tree_file,
    read_tree_folder,
    unused_subtrees,
)


class TreeState(StrEnum):
    """What can be done with a file."""

    READY = "ready"
    """No rule objects to it."""
    WARNINGS = "warnings"
    """It can be used, and somebody should look."""
    ERRORS = "errors"
    """It cannot be used."""
    SUBTREE = "sub-tree"
    """Other trees include it; it is checked there."""


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One file of a folder."""

    name: str
    file: str
    title: str
    """In Bahasa Indonesia; empty of a sub-tree, and of what was not understood."""
    is_entry: bool
    questions: int
    """On the longest path."""
    state: TreeState


@dataclass(frozen=True, slots=True)
class CheckedTrees:
    """What a check looked at, and what it found."""

    trees: int
    findings: tuple[Finding, ...]


def list_trees(reads: Sequence[ReadTree]) -> tuple[TreeRow, ...]:
    """One row for each file, with what the check says of it."""
    return tuple(_row(read) for read in reads)


def check_path(path: Path) -> CheckedTrees:
    """The findings of a folder or a file. A sub-tree is looked at inside the trees beside it that include it."""
    if path.is_dir():
        return check_folder(read_tree_folder(path))
    read = read_tree_file(path)
    if not read.is_subtree or read.findings:
        return CheckedTrees(1, tuple(check_read([read])))
    shown = safe_text(str(path), newlines=False)
    whole = check_folder(read_tree_folder(path.parent))
    own = (finding for finding in whole.findings if finding.position is not None and finding.position.file == shown)
    return CheckedTrees(whole.trees, tuple(own))


def check_folder(reads: Sequence[ReadTree]) -> CheckedTrees:
    """The findings of all files of a folder."""
    trees = sum(not read.is_subtree for read in reads)
    return CheckedTrees(trees, (*check_read(reads), *unused_subtrees(reads)))


def _row(read: ReadTree) -> TreeRow:
    findings = check_read([read])
    if has_errors(findings):
        state = TreeState.ERRORS
    elif read.is_subtree:
        state = TreeState.SUBTREE
    else:
        state = TreeState.WARNINGS if findings else TreeState.READY
    return TreeRow(
        name=read.name,
        file=read.path.name,
        title="" if read.tree is None else read.tree.title.id,
        is_entry=read.tree is not None and read.tree.is_entry,
        questions=0 if read.tree is None else Flow(read.tree).questions_on_the_longest_path,
        state=state,
    )
