"""The shape of the graph: everything is reached, nothing is a dead end, no loop holds a client for ever."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lhwa.domain.findings import Finding, error
from lhwa.domain.intake.tree_check.flow import Flow, branches_of, taken_branches
from lhwa.domain.intake.trees import Consent, Node, Question
from lhwa.domain.yaml_source import quoted


def check(flow: Flow) -> Iterator[Finding]:
    """Branches first, then the paths that they make."""
    if flow.tree.start not in flow.nodes:
        what = (
            f"It starts with {quoted(flow.tree.start)}, which is no node of it." if flow.nodes else "It has no nodes."
        )
        yield error("start-missing", "start" if flow.nodes else "nodes", what, "Name one of its nodes.")
        return
    yield from chain.from_iterable(_branches(flow, node) for node in flow.nodes.values())
    yield from _unreached(flow)
    yield from _loops(flow)


def _branches(flow: Flow, node: Node) -> Iterator[Finding]:
    branches, place = branches_of(node), f"nodes.{node.id}"
    for index, branch in enumerate(branches):
        if branch.to not in flow.nodes:
            what = f"It leads to {quoted(branch.to)}, which does not exist."
            yield error("target-missing", f"{place}.next[{index}]", what, "Name a node of this tree.")
    taken = {index for index, _ in taken_branches(node)}
    for index in range(len(branches)):
        if index not in taken:
            what = "This branch is never taken: an earlier one takes all its answers."
            yield error("branch-never", f"{place}.next[{index}]", what, "Take it out, or put it before the other.")
    if isinstance(node, (Consent, Question)) and (not branches or branches[-1].when is not None):
        what = "It is a dead end for whoever fits no condition." if branches else "It is a dead end."
        mend = "End `next` with a branch that has `to` alone, or let a node follow."
        yield error("dead-end", f"{place}.next" if branches else place, what, mend)


def _unreached(flow: Flow) -> Iterator[Finding]:
    reached = {node.id for node in flow.reached}
    lost = [node_id for node_id in flow.nodes if node_id not in reached]
    behind = {follower for node_id in lost for follower in flow.after(node_id) if follower != node_id}
    for node_id in lost:
        if node_id not in behind or node_id in flow.after(node_id):  # one finding for a whole part that is cut off
            what, mend = "No path leads here.", "Lead a branch here, or take the node out."
            yield error("node-unreachable", f"nodes.{node_id}", what, mend)


def _loops(flow: Flow) -> Iterator[Finding]:
    told: set[str] = set()
    for node in flow.reached:
        if node.id in flow.escapable or node.id in told:
            continue
        after = flow.after(node.id)
        if node.id in after:  # what only leads into the loop is not at fault
            told |= {other for other in after if node.id in flow.after(other)}
            what = "From here a client may go round for ever: no answer in this loop is sure to lead out."
            mend = "Give a question of the loop a branch that leads out, on its own answer."
            yield error("loop-without-exit", f"nodes.{node.id}", what, mend)
