"""Tree files on disk: one file, a folder of them, and the findings of `tree check` with file and line.

Invariant: whatever a file holds, it costs a finding of its own and nothing of its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from msgspec import structs

from lhwa.config.written_files import read_written, written_files
from lhwa.domain.edited_files import SUFFIXES
from lhwa.domain.findings import Finding, Position, Severity, warning
from lhwa.domain.intake.tree_check import check, check_together
from lhwa.domain.intake.trees import Tree
from lhwa.domain.text import safe_text
from lhwa.domain.yaml_source import YamlRefusedError, parse_yaml
from lhwa.services.intake.includes import Expansion
from lhwa.services.intake.tree_reader import read_source
from lhwa.services.intake.tree_source import TreeSource


@dataclass(frozen=True, slots=True)
class ReadTree:
    """What one file gave: a tree, or findings that say why there is none. A sub-tree is none by itself."""

    path: Path
    name: str
    """As the file says; the file's own name when it was not understood that far."""
    is_subtree: bool = False
    tree: Tree | None = None
    findings: tuple[Finding, ...] = ()
    positions: Mapping[str, Position] = field(default_factory=dict)
    uses: frozenset[str] = frozenset()
    """Names of the files of its sub-trees."""

    def located(self, finding: Finding) -> Finding:
        """A finding of the check with its place in the files; the nearest part around it that stands there."""
        place = finding.place
        while place:
            if (position := self.positions.get(place)) is not None:
                return replace(finding, position=position)
            place = place.rpartition(".")[0]  # `nodes.nama.text.id`, then `nodes.nama.text`
        return replace(finding, position=Position(_shown(self.path), 1, 1))


def read_tree_file(path: Path) -> ReadTree:
    """The tree of one file, with the sub-trees beside it. Never raises for what files hold or where they lie."""
    return _Folder(path.parent).read(path)


def read_tree_folder(folder: Path) -> list[ReadTree]:
    """What every `.yaml` and `.yml` file right in a folder gives, in the order of their names."""
    try:
        paths = written_files(folder)
    except YamlRefusedError as refused:
        return [ReadTree(folder, folder.name, findings=(refused.finding(_shown(folder)),))]
    shared = _Folder(folder)
    return [shared.read(path) for path in paths]


def check_read(reads: Sequence[ReadTree]) -> list[Finding]:
    """Everything that is wrong with what was read, each once, in the order of the files and their lines."""
    found = [finding for read in reads for finding in read.findings]
    for read in reads:
        if read.tree is not None:
            found += [read.located(finding) for finding in check(read.tree)]
    by_name = {read.tree.name: read for read in reads if read.tree is not None}
    together = check_together([read.tree for read in reads if read.tree is not None])
    found += [by_name[finding.subject].located(finding) for finding in together]
    return _once(found)


def unused_subtrees(reads: Sequence[ReadTree]) -> list[Finding]:
    """A warning for each sub-tree of a folder that no tree in it includes: no rule has looked at it."""
    used = frozenset[str]().union(*(read.uses for read in reads))
    what, mend = "No tree includes this sub-tree, so nothing in it was checked.", "Include it, or take it away."
    return [
        replace(warning("subtree-unused", "file", what, mend), position=Position(_shown(read.path), 1, 1))
        for read in reads
        if read.is_subtree and read.path.stem not in used
    ]


def has_errors(findings: Iterable[Finding]) -> bool:
    """True when something keeps a tree from being used."""
    return any(finding.severity is Severity.ERROR for finding in findings)


class _Folder:
    """The files of one folder, each read once however many trees include it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources: dict[Path, TreeSource] = {}

    def read(self, path: Path) -> ReadTree:
        source = self._source(path)
        name = source.name or path.stem
        if source.findings or source.is_subtree:
            return ReadTree(path, name, source.is_subtree, findings=tuple(source.findings))
        grown = Expansion(source, self._subtree)
        findings = [*grown.findings, *(each for used in grown.used.values() for each in used.findings)]
        tree = None if findings else _tree(source, grown)
        return ReadTree(path, name, False, tree, tuple(findings), grown.positions, frozenset(grown.used))

    def _subtree(self, name: str) -> TreeSource | None:
        paths = (self._folder / f"{name}{suffix}" for suffix in sorted(SUFFIXES))
        found = next((path for path in paths if path.is_file()), None)
        return None if found is None else self._source(found)

    def _source(self, path: Path) -> TreeSource:
        if path not in self._sources:
            self._sources[path] = _read(path)
        return self._sources[path]


def _read(path: Path) -> TreeSource:
    shown = _shown(path)
    try:
        return read_source(parse_yaml(read_written(path)), file=shown)
    except YamlRefusedError as refused:
        return TreeSource(shown, findings=[refused.finding(shown)])


def _tree(source: TreeSource, grown: Expansion) -> Tree:
    tree = Tree(
        name=source.name, title=source.title, start=grown.start, nodes=tuple(grown.nodes), is_entry=source.is_entry
    )
    return structs.replace(
        tree,
        remind_after_h=tree.remind_after_h if source.remind_after_h is None else source.remind_after_h,
        expire_after_h=tree.expire_after_h if source.expire_after_h is None else source.expire_after_h,
    )


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Sub-trees are in several trees: what is wrong with one is told once."""
    kept: dict[tuple[str, str, Position | None], Finding] = {}
    for finding in findings:
        own_place = finding.place.rpartition(".")[2]  # without the ids of the includes before it
        kept.setdefault((finding.rule, own_place, finding.position), finding)
    return sorted(kept.values(), key=_place)


def _place(finding: Finding) -> tuple[str, int, int]:
    at = finding.position
    return ("", 0, 0) if at is None else (at.file, at.line, at.column)


def _shown(path: Path) -> str:
    return safe_text(str(path), newlines=False)
