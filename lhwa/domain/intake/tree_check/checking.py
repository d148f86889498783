"""All rules over one tree, and over the trees of a firm together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lhwa.domain.findings import Finding, error
from lhwa.domain.intake.tree_check import conditions, consents, hours, names, questions, shape, texts, whatsapp, wording
from lhwa.domain.intake.tree_check.flow import Flow
from lhwa.domain.intake.trees import Tree

_RULES: tuple[Callable[[Flow], Iterator[Finding]], ...] = (
    names.check,
    hours.check,
    shape.check,
    conditions.check,
    consents.check,
    questions.check,
    texts.check,
    whatsapp.check,
    wording.check,
)


def check(tree: Tree) -> list[Finding]:
    """Everything that is wrong with one tree; places are keys of its file, such as `nodes.name.text.id`."""
    flow = Flow(tree)
    return [replace(finding, subject=tree.name) for rules in _RULES for finding in rules(flow)]


def check_together(trees: Sequence[Tree]) -> list[Finding]:
    """What is wrong only because there are several: two of one name, two that a first message starts."""
    found: list[Finding] = []
    seen: set[str] = set()
    entry = ""
    for tree in trees:
        if tree.name in seen:
            what, mend = "Two trees have this name.", "Give one of them another name."
            found.append(replace(error("tree-duplicate", "name", what, mend), subject=tree.name))
        seen.add(tree.name)
        if tree.is_entry and entry:
            what = f"A new client's first message starts `{entry}` already."
            mend = "Keep `entry: true` in one tree."
            found.append(replace(error("entry-duplicate", "entry", what, mend), subject=tree.name))
        entry = entry or (tree.name if tree.is_entry else "")
    return found
