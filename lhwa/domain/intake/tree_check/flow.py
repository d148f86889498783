"""The paths of a tree: what is reached, what has surely happened before a node, and from where an end can be had.

Terms: a *fact* is something that happened on the way, such as a question asked or a consent given. What holds on every
path is found by intersection over the incoming branches until nothing changes any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property

from lhwa.domain.intake.choices import PartyRole
from lhwa.domain.intake.trees import Branch, Consent, Node, Question, Tree
from lhwa.domain.intake.wording import AnswerKind

YES_NO = ("yes", "no")
"""The kept answers of such a question, and of a consent."""


class FactKind(StrEnum):
    """What can have happened before a node."""

    PASSED = "passed"
    """The node of this id."""
    REQUIRED = "required"
    """A required consent was given."""
    GIVEN = "given"
    """Consent to this purpose was given."""
    PARTY = "party"
    """A party of this role was named."""


Fact = tuple[FactKind, str]
_ANY_REQUIRED: Fact = (FactKind.REQUIRED, "")


def answers_of(node: Node) -> tuple[str, ...] | None:
    """The answers that conditions may name; None when a node keeps none of a fixed list."""
    match node:
        case Question(kind=AnswerKind.CHOICE):
            return tuple(option.value for option in node.options)
        case Question(kind=AnswerKind.YES_NO) | Consent(is_required=False):
            return YES_NO
        case _:
            return None


def branches_of(node: Node) -> tuple[Branch, ...]:
    """Where a node leads; none for an end."""
    return node.next if isinstance(node, (Consent, Question)) else ()


def taken_branches(node: Node) -> Iterator[tuple[int, Branch]]:
    """The branches that can ever be taken, with their places: not one behind an unconditional one, for instance."""
    covered: dict[str, set[str]] = defaultdict(set)
    for place, branch in enumerate(branches_of(node)):
        if branch.when is None:
            yield place, branch
            return
        values = set(branch.when.is_one_of)
        if not values or not values <= covered[branch.when.node]:
            yield place, branch
        covered[branch.when.node] |= values


class Flow:
    """The graph of one tree. Branches to nodes that do not exist lead nowhere here; a rule of its own reports them."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.nodes: dict[str, Node] = {}
        for node in tree.nodes:
            self.nodes.setdefault(node.id, node)
        self.leads: dict[str, list[Branch]] = {
            node_id: [branch for _, branch in taken_branches(node) if branch.to in self.nodes]
            for node_id, node in self.nodes.items()
        }

    @cached_property
    def reached(self) -> list[Node]:
        """Every node that some path comes to, in the order of the file."""
        found = self.after(self.tree.start) | ({self.tree.start} & self.nodes.keys())
        return [node for node_id, node in self.nodes.items() if node_id in found]

    def after(self, node_id: str) -> set[str]:
        """What can follow a node; itself only when a loop leads back."""
        found: set[str] = set()
        waiting = [node_id]
        while waiting:
            for branch in self.leads.get(waiting.pop(), ()):
                if branch.to not in found:
                    found.add(branch.to)
                    waiting.append(branch.to)
        return found

    def always_before(self, node_id: str) -> frozenset[Fact]:
        """What has happened on every path to a node that is reached."""
        return self._always_before[node_id]

    def is_consented(self, node_id: str) -> bool:
        """True when a required consent was given on every path to a node that is reached."""
        return _ANY_REQUIRED in self.always_before(node_id)

    @cached_property
    def _always_before(self) -> dict[str, frozenset[Fact]]:
        before: dict[str, frozenset[Fact]] = {self.tree.start: frozenset()}
        waiting = [self.tree.start] if self.tree.start in self.nodes else []
        while waiting:
            node = self.nodes[waiting.pop()]
            for branch in self.leads[node.id]:
                facts = before[node.id] | _facts_behind(node, branch, self.nodes)
                known = before.get(branch.to)
                if known is None or not known <= facts:
                    before[branch.to] = facts if known is None else known & facts
                    waiting.append(branch.to)
        return before

    @cached_property
    def escapable(self) -> set[str]:
        """Nodes from which right answers lead out of every loop, whatever was answered before.

        Answers to other nodes cannot be changed any more, so each way that they may have left open has to lead out.
        """
        found: set[str] = set()
        grew = True
        while grew:
            more = {
                node_id
                for node_id, node in self.nodes.items()
                if node_id not in found and self._leads_into(node, found)
            }
            found |= more
            grew = bool(more)
        return found

    def _leads_into(self, node: Node, goal: set[str]) -> bool:
        leads = self.leads[node.id]
        if not leads:
            return True
        own: Iterable[str] = answers_of(node) or ("",)
        return any(all(target in goal for target in _open_ways(node.id, leads, answer)) for answer in own)

    @cached_property
    def questions_on_the_longest_path(self) -> int:
        """The most questions that one client answers who walks no loop twice."""
        longest: dict[str, int] = {}
        for node_id in self.leaves_first():
            follows = max((longest.get(branch.to, 0) for branch in self.leads[node_id]), default=0)
            longest[node_id] = follows + isinstance(self.nodes[node_id], Question)
        return longest.get(self.tree.start, 0)

    def leaves_first(self) -> Iterator[str]:
        """Each node that is reached, after all that follow it, loops cut where they close."""
        if self.tree.start not in self.nodes:
            return
        seen = {self.tree.start}
        path = [(self.tree.start, iter(self.leads[self.tree.start]))]
        while path:
            node_id, rest = path[-1]
            follower = next((branch.to for branch in rest if branch.to not in seen), None)
            if follower is None:
                path.pop()
                yield node_id
            else:
                seen.add(follower)
                path.append((follower, iter(self.leads[follower])))


def _open_ways(node_id: str, leads: list[Branch], answer: str) -> Iterator[str]:
    """Where it can go when a node itself gets this answer."""
    for branch in leads:
        if branch.when is None:
            yield branch.to
            return
        if branch.when.node != node_id:
            yield branch.to
        elif answer in branch.when.is_one_of:
            yield branch.to
            return


def _facts_behind(node: Node, branch: Branch, nodes: dict[str, Node]) -> frozenset[Fact]:
    """What has happened once this branch is taken."""
    facts: set[Fact] = {(FactKind.PASSED, node.id)}
    if isinstance(node, Consent) and node.is_required:
        facts |= {_ANY_REQUIRED, (FactKind.GIVEN, node.purpose)}
    if isinstance(node, Question) and node.party is PartyRole.CLIENT and not node.is_optional:
        facts.add((FactKind.PARTY, PartyRole.CLIENT))
    if branch.when is not None and branch.when.is_one_of == ("yes",):
        asked = nodes.get(branch.when.node)
        if isinstance(asked, Consent):
            facts.add((FactKind.GIVEN, asked.purpose))
    return frozenset(facts)
