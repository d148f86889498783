"""Tree files that are edited while the daemon runs: what the check finds is told; an edit puts nothing in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from lhwa.domain.edited_files import FileFault, Noticed
from lhwa.domain.findings import Finding, Severity
from lhwa.domain.instants import Instant
from lhwa.domain.intake.trees import Tree
from lhwa.services.intake.publishing import spelled
from lhwa.services.intake.tree_files import check_read, read_tree_folder
from lhwa.store.transaction import Tx


def read_trees_for_daemon(folder: Path, _now: Instant) -> Callable[[Tx], Noticed | None]:
    """Read the firm's folder of trees, or find that there is none; returns what to look up in the firm's file."""
    reads = read_tree_folder(folder) if folder.is_dir() else []
    faults = _faults(check_read(reads))
    faulty = {fault.file for fault in faults}
    good = [read.tree for read in reads if read.tree is not None and read.path.name not in faulty]
    return partial(_noticed, trees=good, faults=faults)


def _noticed(tx: Tx, *, trees: Sequence[Tree], faults: tuple[FileFault, ...]) -> Noticed:
    """How many good trees say something else than what is in force: somebody may want to publish them."""
    changed = 0
    for tree in trees:
        current = tx.trees.current(tree.name)
        changed += current is not None and current.sha256 != spelled(tree)[1]
    return Noticed(changed=changed, faults=faults)


def _faults(findings: Sequence[Finding]) -> tuple[FileFault, ...]:
    return tuple(
        FileFault(file=Path(each.position.file).name, line=each.position.line, rule=each.rule)
        for each in findings
        if each.severity is Severity.ERROR and each.position is not None
    )
