"""Questions: kinds that fit, parties that the conflict check needs, and not too many for a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.intake.choices import PartyRole
from lhwa.domain.intake.tree_check.flow import FactKind, Flow
from lhwa.domain.intake.trees import Question, Review
from lhwa.domain.intake.wording import AnswerKind

QUESTIONS_MAX = 30
"""On one path; beyond that people give up on a telephone."""


def check(flow: Flow) -> Iterator[Finding]:
    """Each question alone, then the paths."""
    for node in flow.nodes.values():
        if isinstance(node, Question):
            yield from chain(_options(node), _party(node))
    yield from _client(flow)
    if flow.questions_on_the_longest_path > QUESTIONS_MAX:
        what = f"One path has {flow.questions_on_the_longest_path} questions; people give up after {QUESTIONS_MAX}."
        yield warning("questions-many", "nodes", what, "Leave some to the first meeting.")


def _options(node: Question) -> Iterator[Finding]:
    if node.options and node.kind is not AnswerKind.CHOICE:
        mend = "Write `ask: choice`, or take the options out."
        yield error("options-kind", f"nodes.{node.id}.options", "Only a choice has options.", mend)


def _party(node: Question) -> Iterator[Finding]:
    if node.party is not None and node.kind is not AnswerKind.TEXT:
        what = "A party's name can only be typed."
        yield error("party-kind", f"nodes.{node.id}.party", what, "Write `ask: text`, or take `party` out.")


def _client(flow: Flow) -> Iterator[Finding]:
    for node in flow.reached:
        if isinstance(node, Review) and (FactKind.PARTY, PartyRole.CLIENT) not in flow.always_before(node.id):
            what = "Not every path to this review asks for the client's name, which the conflict check needs."
            mend = "Ask it with `ask: text` and `party: client`, and not as optional."
            yield warning("party-client", f"nodes.{node.id}", what, mend)
