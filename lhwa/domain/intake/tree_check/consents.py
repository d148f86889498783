"""Consent: before any question, one purpose at a time, never forced for marketing, and as easy to take back as to give.

Source: UU 27/2022, Pasal 20-26.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.intake.tree_check.flow import FactKind, Flow
from lhwa.domain.intake.trees import Consent, Question

MARKETING = "marketing"
SENSITIVE = "sensitive_data"
WITHDRAW_WORDS = ("BERHENTI", "STOP")
"""What a client writes to withdraw; a notice names the one of its language, or both."""
_OPTIONAL = frozenset({MARKETING})
_WITHDRAW = {
    "id": re.compile(r"\b(?:BERHENTI|STOP)\b"),
    "en": re.compile(r"\b(?:STOP|BERHENTI)\b"),
}


def check(flow: Flow) -> Iterator[Finding]:
    """Every consent and question that is reached."""
    for node in flow.reached:
        if isinstance(node, Consent):
            yield from chain(_notice(node), _purpose(flow, node))
        elif isinstance(node, Question):
            yield from _question(flow, node)


def _notice(node: Consent) -> Iterator[Finding]:
    for language, word in _WITHDRAW.items():
        text = node.notice.id if language == "id" else node.notice.en
        if text.strip() and not word.search(text):
            what = "The notice does not say how to withdraw consent."
            mend = f"Name the word {' or '.join(WITHDRAW_WORDS)} in capitals."
            yield error("consent-withdraw", f"nodes.{node.id}.notice.{language}", what, mend)


def _purpose(flow: Flow, node: Consent) -> Iterator[Finding]:
    place = f"nodes.{node.id}"
    if node.is_required and node.purpose in _OPTIONAL:
        what = "Consent to marketing must be free: nobody may need it to go on."
        yield error("consent-forced", f"{place}.required", what, "Write `required: false`.")
    if not node.is_required and not flow.is_consented(node.id):
        what = "An optional purpose is asked before the required consent is given."
        yield error("consent-optional-first", place, what, "Ask for the required consent first.")
    if (FactKind.GIVEN, node.purpose) in flow.always_before(node.id):
        what = "The client has agreed to this purpose already on every path to here."
        yield warning("consent-repeated", place, what, "Ask once, or name the other purpose.")


def _question(flow: Flow, node: Question) -> Iterator[Finding]:
    place = f"nodes.{node.id}"
    if not flow.is_consented(node.id):
        what = "It is asked before a required consent, on one path at least."
        yield error("consent-missing", place, what, "Put a consent with `required: true` before it on every path.")
    elif node.is_sensitive and (FactKind.GIVEN, SENSITIVE) not in flow.always_before(node.id):
        what = "It asks for specific personal data; not every path here has consent of its own for that."
        mend = f"Ask for consent to `{SENSITIVE}` before, and branch on its answer `yes` when it is optional."
        yield warning("consent-sensitive", place, what, mend)
