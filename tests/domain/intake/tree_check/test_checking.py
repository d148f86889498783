from __future__ import annotations

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lhwa.domain.findings import Severity
from lhwa.domain.intake.tree_check import check, check_together
from lhwa.domain.intake.tree_check.flow import FactKind, Flow, answers_of
from lhwa.domain.intake.trees import Consent, Node, Question, Review, ToPerson, Tree
from lhwa.domain.intake.wording import Language
from tests.domain.intake.tree_samples import WORDS, trees

STEPS_MAX = 40


def answers_to(node: Node) -> list[str | None]:
    """Everything that a client may do at a node and the session goes on: its answers, or skipping it."""
    if isinstance(node, Consent) and node.is_required:
        return ["yes"]
    kept: list[str | None] = list(answers_of(node) or ("anything",))
    return [*kept, None] if isinstance(node, Question) and node.is_optional else kept


def after(tree: Tree, node_id: str, answers: dict[str, str], answer: str | None) -> tuple[str, dict[str, str]]:
    kept = {key: value for key, value in answers.items() if key != node_id}
    if answer is not None:
        kept[node_id] = answer
    return tree.next_of(node_id, kept), kept


def is_end(node: Node) -> bool:
    return isinstance(node, (Review, ToPerson))


def can_end(tree: Tree, node_id: str, answers: dict[str, str]) -> bool:
    """True when right answers from here on lead to an end."""
    waiting, seen = [(node_id, answers)], set[tuple[str, tuple[tuple[str, str], ...]]]()
    while waiting:
        at, given_ = waiting.pop()
        if is_end(tree.node(at)):
            return True
        for answer in answers_to(tree.node(at)):
            to, kept = after(tree, at, given_, answer)
            state = (to, tuple(sorted(kept.items())))
            if state not in seen:
                seen.add(state)
                waiting.append((to, kept))
    return False


@given(tree=trees(), picks=st.lists(st.integers(0, 11), min_size=STEPS_MAX, max_size=STEPS_MAX))
@settings(max_examples=60, deadline=None)
def test_a_tree_that_passes_never_leaves_a_client_stuck(tree: Tree, picks: list[int]) -> None:
    assume(all(finding.severity is not Severity.ERROR for finding in check(tree)))
    at, answers, consented = tree.start, dict[str, str](), False
    for pick in picks:
        node = tree.node(at)
        if is_end(node):
            return
        assert consented or isinstance(node, Consent), "nothing is asked before consent"
        consented = True
        possible = answers_to(node)
        at, answers = after(tree, at, answers, possible[pick % len(possible)])
    assert can_end(tree, at, answers), "whatever was answered before, right answers lead out"


@given(tree=trees(), picks=st.lists(st.integers(0, 11), min_size=STEPS_MAX, max_size=STEPS_MAX))
@settings(max_examples=60, deadline=None)
def test_what_is_said_to_come_before_a_node_has_come_on_every_walk(tree: Tree, picks: list[int]) -> None:
    flow, at, answers, passed = Flow(tree), tree.start, dict[str, str](), set[str]()
    for pick in picks:
        always = flow.always_before(at)
        assert {name for kind, name in always if kind is FactKind.PASSED} <= passed
        node = tree.node(at)
        if is_end(node):
            return
        passed.add(at)
        possible = answers_to(node)
        at, answers = after(tree, at, answers, possible[pick % len(possible)])


def test_a_name_and_the_entry_are_there_once() -> None:
    one = Tree(name="satu", title=WORDS, start="x", nodes=(), is_entry=True)
    two = msgspec.structs.replace(one, name="dua")
    three = msgspec.structs.replace(one, is_entry=False)
    assert [(each.rule, each.subject) for each in check_together([one, two, three])] == [
        ("entry-duplicate", "dua"),
        ("tree-duplicate", "satu"),
    ]
    assert check_together([one]) == []


def test_a_tree_without_nodes_says_so_and_nothing_else() -> None:
    found = check(Tree(name="kosong", title=WORDS, start="x", nodes=()))
    assert [(each.rule, each.place, each.subject) for each in found] == [("start-missing", "nodes", "kosong")]


def test_two_nodes_of_one_id_are_found() -> None:
    end = Review(id="review", text=WORDS)
    found = check(Tree(name="contoh", title=WORDS, start="review", nodes=(end, end)))
    assert "node-duplicate" in {each.rule for each in found}


def test_a_client_reads_the_language_that_was_chosen() -> None:
    assert (WORDS.in_language(Language.ID), WORDS.in_language(Language.EN)) == ("Halo", "Hello")
