"""Conditions: on a question that was asked before, with answers that it has."""

from __future__ import annotations

from collections.abc import Iterator

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.intake.tree_check.flow import FactKind, Flow, answers_of, branches_of
from lhwa.domain.intake.trees import Condition
from lhwa.domain.yaml_source import quoted


def check(flow: Flow) -> Iterator[Finding]:
    """Every condition of every node that is reached."""
    for node in flow.reached:
        for index, branch in enumerate(branches_of(node)):
            if branch.when is not None:
                place = f"nodes.{node.id}.next[{index}]"
                yield from _answers(flow, branch.when, place)
                yield from _order(flow, branch.when, node.id, place)


def _answers(flow: Flow, when: Condition, place: str) -> Iterator[Finding]:
    asked = flow.nodes.get(when.node)
    if asked is None:
        what = f"The condition names {quoted(when.node)}, which does not exist."
        yield error("condition-node", place, what, "Name a question of this tree.")
    elif (answers := answers_of(asked)) is None:
        what = f"{quoted(when.node)} keeps no answer of a fixed list."
        yield error("condition-kind", place, what, "Name a choice, a yes_no question or an optional consent.")
    elif not when.is_one_of or (unknown := set(when.is_one_of) - set(answers)):
        what = (
            f"{quoted(when.node)} never has the answer {quoted(min(unknown))}."
            if when.is_one_of
            else "It names no answer."
        )
        yield error("condition-answer", place, what, f"Write one of: {', '.join(map(quoted, answers))}.")


def _order(flow: Flow, when: Condition, node_id: str, place: str) -> Iterator[Finding]:
    if when.node not in flow.nodes or when.node == node_id:
        return
    if node_id not in flow.after(when.node):
        what = f"No path to here asks {quoted(when.node)} before, so the condition never holds."
        yield error("condition-order", place, what, "Ask it before, or name another question.")
    elif (FactKind.PASSED, when.node) not in flow.always_before(node_id):
        what = f"Some paths to here do not ask {quoted(when.node)}; on those the condition does not hold."
        yield warning("condition-sometimes", place, what, "Ask it on every path, or branch where it is asked.")
