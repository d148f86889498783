"""Names and ids: what the firm's records, buttons and conditions can carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from lhwa.domain.findings import Finding, error
from lhwa.domain.intake.prompts import SKIP, SWITCH, WITHDRAW
from lhwa.domain.intake.tree_check.flow import Flow
from lhwa.domain.intake.trees import Consent, Node, Question

STEERING = frozenset({SKIP, SWITCH, WITHDRAW})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NODE_ID = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){0,5}")
_VALUE = re.compile(r"[a-z0-9_]{1,40}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_MEND = "Use lower-case letters, digits and `_`, a letter first, at most 40 characters."


def check(flow: Flow) -> Iterator[Finding]:
    """Names of a tree and of all in it."""
    if not _NAME.fullmatch(flow.tree.name):
        yield error("tree-name", "name", "A tree cannot have this name.", _MEND)
    seen: set[str] = set()
    for node in flow.tree.nodes:
        place = f"nodes.{node.id}"
        if not _NODE_ID.fullmatch(node.id):
            yield error("node-id", place, "A node cannot have this id.", _MEND)
        if node.id in seen:
            yield error("node-duplicate", place, "Two nodes have this id.", "Give one of them another.")
        seen.add(node.id)
        yield from chain(_consent(node), _values(node))


def _consent(node: Node) -> Iterator[Finding]:
    if not isinstance(node, Consent):
        return
    if not _NAME.fullmatch(node.purpose):
        yield error("purpose-name", f"nodes.{node.id}.consent", "A purpose cannot have this name.", _MEND)
    if not _VERSION.fullmatch(node.version):
        what = "The notice has no version that could be proved later."
        yield error("notice-version", f"nodes.{node.id}.version", what, "Write one such as `2026-11`.")


def _values(node: Node) -> Iterator[Finding]:
    seen: set[str] = set()
    for option in node.options if isinstance(node, Question) else ():
        place = f"nodes.{node.id}.options.{option.value}"
        if not _VALUE.fullmatch(option.value):
            mend = "Use lower-case letters, digits and `_`, at most 40 characters."
            yield error("option-value", place, "An answer cannot be kept under this name.", mend)
        if option.value in STEERING:
            what = "A button with this name steers the session; it would never be an answer."
            yield error("option-reserved", place, what, "Give it another name.")
        if option.value in seen:
            yield error("option-duplicate", place, "Two options have this value.", "Give one of them another.")
        seen.add(option.value)
