"""Sub-trees put in their places: of files that include each other one tree that stands alone.

A node of a sub-tree gets the id of the include before its own, `identitas.nama`, so one sub-tree can be there several
times. What leads to the include leads to the first node of the sub-tree; where the sub-tree says `done`, the branches
of the include stand.

Invariant: depth and size are bounded while it grows, so files that multiply each other cost little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from lhwa.domain.findings import Finding, Position, error
from lhwa.domain.intake.trees import Branch, Condition, Consent, Node, Question
from lhwa.domain.yaml_source import Mark, quoted
from lhwa.services.intake.tree_source import DONE, Include, TreeSource

DEPTH_MAX = 5
PARTS_MAX = 400
"""Nodes, includes and branches behind them that one tree may grow to. A client answers some 30 questions."""

PLACES_MAX = 20_000
"""Texts and other places in files that findings may name."""

Find = Callable[[str], TreeSource | None]
"""The source of a sub-tree by the name of its file; None when there is no such file."""


class Expansion:
    """One tree as it grows. Afterwards: its nodes, where each part stands, and what was wrong."""

    def __init__(self, root: TreeSource, find: Find) -> None:
        self.nodes: list[Node] = []
        self.positions: dict[str, Position] = {}
        self.findings: list[Finding] = []
        self.used: dict[str, TreeSource] = {}
        """The sub-trees by the names of their files."""
        self._find = find
        self._parts = 0
        self._first: dict[str, str] = {}
        """An include's id -> the id that its sub-tree starts with, which may be an include again."""
        self._put(root, "", (), ())
        self.start = self._resolved(root.start)
        self.nodes = [_rerouted(node, self._resolved) for node in self.nodes]

    def _put(self, source: TreeSource, prefix: str, leave: Sequence[Branch], chain: tuple[str, ...]) -> None:
        for place, mark in source.marks.items():
            placed = f"nodes.{prefix}{place.removeprefix('nodes.')}" if place.startswith("nodes.") else place
            if not prefix or placed != place:
                self.positions[placed] = _position(source, mark)
        for node in source.nodes:
            self._parts += 1
            if self._parts > PARTS_MAX or len(self.positions) > PLACES_MAX:
                self._fault(
                    source, node.id, "include-size", "With all its sub-trees the tree is too large.", "Shorten it."
                )
                return
            if not isinstance(node, (Include, Consent, Question)):
                self.nodes.append(msgspec.structs.replace(node, id=prefix + node.id))
                continue
            branches = self._routes(source, node, prefix, leave)
            if isinstance(node, Include):
                self._include(source, node, prefix, branches, chain)
            else:
                self.nodes.append(msgspec.structs.replace(node, id=prefix + node.id, next=branches))

    def _include(
        self, source: TreeSource, node: Include, prefix: str, leave: Sequence[Branch], chain: tuple[str, ...]
    ) -> None:
        name = quoted(node.file)
        if node.file in chain:
            what, mend = f"The sub-tree {name} includes itself.", "Take this include out."
            self._fault(source, node.id, "include-cycle", what, mend)
        elif len(chain) == DEPTH_MAX:
            what = f"Sub-trees are nested more than {DEPTH_MAX} deep."
            self._fault(source, node.id, "include-depth", what, "Write it flatter.")
        elif (found := self._find(node.file)) is None:
            what, mend = f"There is no file of a sub-tree {name} in this folder.", "Correct the name."
            self._fault(source, node.id, "include-missing", what, mend)
        elif not found.findings and not found.is_subtree:
            what, mend = f"{name} is a tree of its own.", "Write `subtree: true` on top of it."
            self._fault(source, node.id, "include-kind", what, mend)
        else:
            self.used[node.file] = found
            self._first[prefix + node.id] = f"{prefix}{node.id}.{found.start}"
            self._put(found, f"{prefix}{node.id}.", leave, (*chain, node.file))

    def _routes(
        self, source: TreeSource, node: Include | Consent | Question, prefix: str, leave: Sequence[Branch]
    ) -> tuple[Branch, ...]:
        """The branches of a node under full ids, with those of the include where it says `done`."""
        routes: list[Branch] = []
        at: list[Position | None] = []
        for index, branch in enumerate(node.next):
            position = self.positions.get(f"nodes.{prefix}{node.id}.next[{index}]")
            when = None if branch.when is None else _prefixed(branch.when, prefix)
            if branch.to != DONE or not source.is_subtree:
                more = [Branch(to=prefix + branch.to, when=when)]
            elif when is None:
                more = list(leave)
            elif len(leave) == 1 and leave[0].when is None:
                more = [Branch(to=leave[0].to, when=when)]
            else:
                what = f"A branch with a condition leads to `{DONE}`, and what includes this sub-tree branches again."
                mend = f"Let the branch lead to one last node that always goes on to `{DONE}`."
                self._fault(source, node.id, "include-branches", what, mend)
                more = []
            routes += more
            at += [position] * len(more)
        self._parts += max(len(routes) - len(node.next), 0)
        for index, position in enumerate(at):
            if position is not None:
                self.positions[f"nodes.{prefix}{node.id}.next[{index}]"] = position
        return tuple(routes)

    def _resolved(self, node_id: str) -> str:
        while node_id in self._first:
            node_id = self._first[node_id]
        return node_id

    def _fault(self, source: TreeSource, node_id: str, rule: str, what: str, mend: str) -> None:
        mark = source.marks.get(f"nodes.{node_id}", Mark(1, 1))
        finding = error(rule, f"nodes.{node_id}", what, mend)
        self.findings.append(replace(finding, position=_position(source, mark)))


def _prefixed(when: Condition, prefix: str) -> Condition:
    return Condition(node=prefix + when.node, is_one_of=when.is_one_of)


def _rerouted(node: Node, resolved: Callable[[str], str]) -> Node:
    if not isinstance(node, (Consent, Question)):
        return node
    return msgspec.structs.replace(
        node, next=tuple(msgspec.structs.replace(branch, to=resolved(branch.to)) for branch in node.next)
    )


def _position(source: TreeSource, mark: Mark) -> Position:
    return Position(source.file, mark.line, mark.column)
