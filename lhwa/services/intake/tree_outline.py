"""A tree as people read it: chains of steps, forks where answers part, and the step where they meet again.

Where the ways of a fork meet is the nearest node that every way to a review passes. Each node is drawn once; another
way to it is a jump. So a drawing needs no line that crosses another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lhwa.domain.intake.tree_check.flow import YES_NO, Flow, answers_of, branches_of
from lhwa.domain.intake.trees import Branch, Consent, Node, Question, Review, Tree
from lhwa.domain.intake.wording import AnswerKind, Language

_DEPTH_MAX = 30
"""Of forks within forks; what lies deeper becomes a chain of its own."""
OTHERWISE = "otherwise"
_YES_NO_WORDS = {Language.ID: ("Ya", "Tidak"), Language.EN: ("Yes", "No")}


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a fork."""

    label: str
    """Which answers take it."""
    chain: Chain


@dataclass(frozen=True, slots=True)
class Step:
    """A node, and the ways that part after it; none where it simply goes on."""

    node: Node
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps that follow each other."""

    steps: tuple[Step, ...]
    jump: str = ""
    """The node that it goes on with, where that is drawn elsewhere."""
    goes_on: bool = False
    """True when it flows into what stands below the fork that it belongs to."""


def outline(tree: Tree, language: Language) -> tuple[Chain, ...]:
    """The whole tree: the chain from its start, then what was too deep to stand in it."""
    return _Outline(tree, language).chains()


class _Outline:
    def __init__(self, tree: Tree, language: Language) -> None:
        self._flow = Flow(tree)
        self._language = language
        self._meets = _meeting_points(self._flow)
        self._drawn: set[str] = set()
        self._later: list[str] = [tree.start] if tree.start in self._flow.nodes else []

    def chains(self) -> tuple[Chain, ...]:
        found: list[Chain] = []
        while self._later:
            found.append(self._chain(self._later.pop(0), "", depth=0))
        return tuple(chain for chain in found if chain.steps)

    def _chain(self, node_id: str, stop: str, *, depth: int) -> Chain:
        """From a node to where its fork's ways meet, or to an end."""
        steps: list[Step] = []
        while node_id != stop:
            if node_id in self._drawn:
                return Chain(tuple(steps), jump=node_id)
            if depth > _DEPTH_MAX:
                self._later.append(node_id)
                return Chain(tuple(steps), jump=node_id)
            self._drawn.add(node_id)
            node, leads = self._flow.nodes[node_id], self._flow.leads[node_id]
            if not leads:
                return Chain((*steps, Step(node)))
            if len({branch.to for branch in leads}) == 1:
                steps.append(Step(node))
                node_id = leads[0].to
                continue
            meeting = self._meets.get(node_id, "")
            steps.append(Step(node, self._ways(node, leads, meeting or stop, depth=depth + 1)))
            if not meeting:
                return Chain(tuple(steps), goes_on=bool(stop) and _flows_on(steps[-1]))
            node_id = meeting
        return Chain(tuple(steps), goes_on=True)

    def _ways(self, node: Node, leads: Sequence[Branch], meeting: str, *, depth: int) -> tuple[Way, ...]:
        return tuple(
            Way(label(self._flow, node, branch, self._language), self._chain(branch.to, meeting, depth=depth))
            for branch in leads
        )


def _flows_on(step: Step) -> bool:
    return any(way.chain.goes_on for way in step.ways)


def label(flow: Flow, node: Node, branch: Branch, language: Language) -> str:
    """Which answers take a branch, in the client's words."""
    if branch.when is None:
        taken = {each for other in branches_of(node) if other.when for each in other.when.is_one_of}
        by_others = any(other.when is not None and other.when.node != node.id for other in branches_of(node))
        left = [each for each in answers_of(node) or () if each not in taken]
        if by_others or not left or (isinstance(node, Question) and node.is_optional):
            return OTHERWISE
        return ", ".join(_title(node, each, language) for each in left)
    asked = flow.nodes.get(branch.when.node)
    words = ", ".join(_title(asked, each, language) for each in branch.when.is_one_of)
    return words if branch.when.node == node.id else f"{branch.when.node}: {words}"


def _title(node: Node | None, answer: str, language: Language) -> str:
    match node:
        case Question(kind=AnswerKind.CHOICE):
            found = (option.title.in_language(language) for option in node.options if option.value == answer)
            return next(found, answer)
        case Consent():
            return (node.agree if answer == YES_NO[0] else node.decline).in_language(language)
        case Question(kind=AnswerKind.YES_NO):
            return dict(zip(YES_NO, _YES_NO_WORDS[language], strict=True)).get(answer, answer)
        case _:
            return answer


def _meeting_points(flow: Flow) -> dict[str, str]:
    """For each node the nearest one that every way from it to a review passes; ways that end with a person aside."""
    order = list(flow.leaves_first())
    to_review = {node_id for node_id in order if isinstance(flow.nodes[node_id], Review)}
    grew = True
    while grew:
        more = {each for each in order if each not in to_review and any(b.to in to_review for b in flow.leads[each])}
        to_review |= more
        grew = bool(more)
    counted = to_review or set(order)
    passed: dict[str, set[str]] = {}
    changed = True
    while changed:
        changed = False
        for node_id in order:
            if node_id not in counted:
                continue
            ahead = [passed[b.to] for b in flow.leads[node_id] if b.to in passed]
            now = {node_id} | (set.intersection(*ahead) if ahead else set())
            changed |= passed.get(node_id) != now
            passed[node_id] = now
    return {
        node_id: max(behind, key=lambda each: len(passed[each]))
        for node_id, found in passed.items()
        if (behind := found - {node_id})
    }
