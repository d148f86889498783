"""What may be asked of a client with the consents that they gave: a question behind a refused notice may not."""

from __future__ import annotations

from lhwa.domain.intake.session import Session
from lhwa.domain.intake.trees import Branch, Consent, Question, Tree


def may_be_asked(tree: Tree, session: Session, question: str) -> bool:
    """True when a path of the tree leads to the question past notices that the client agreed to, whatever the answers.

    Consent is to a purpose: agreed to at one notice it counts at another one of the same.
    """
    values = _consents(tree, session)
    seen: set[str] = set()
    ahead = [tree.start]
    while ahead:
        at = ahead.pop()
        if at in seen:
            continue
        seen.add(at)
        node = tree.node(at)
        if at == question:
            return True
        if isinstance(node, Consent) and (at not in values or (node.is_required and values[at] == "no")):
            continue
        if isinstance(node, Consent | Question):
            ahead += _ways(tree, node.next, values)
    return False


def _consents(tree: Tree, session: Session) -> dict[str, str]:
    notices = [node for node in tree.nodes if isinstance(node, Consent)]
    agreed = {node.purpose for node in notices if node.id in session.consents and session.consents[node.id].agrees}
    return {
        node.id: "yes" if node.purpose in agreed else "no"
        for node in notices
        if node.purpose in agreed or node.id in session.consents
    }


def _ways(tree: Tree, branches: tuple[Branch, ...], values: dict[str, str]) -> list[str]:
    """Where it may go on from a node: a condition on a consent holds or not, one on an answer could."""
    found: list[str] = []
    for branch in branches:
        if branch.when is None:
            return [*found, branch.to]
        if isinstance(tree.node(branch.when.node), Consent):
            if values.get(branch.when.node) in branch.when.is_one_of:
                return [*found, branch.to]
            continue
        found.append(branch.to)
    return found
