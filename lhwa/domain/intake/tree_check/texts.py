"""Texts: all there, in both languages, and none left untranslated."""

from __future__ import annotations

from collections.abc import Iterator

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.intake.tree_check.flow import Flow
from lhwa.domain.intake.trees import Consent, Node, Question, Review, ToPerson, Tree
from lhwa.domain.intake.wording import Words

_SAME_WORDS_MIN = 3
"""Shorter ones are often the same on purpose: `SHM`, `Email`."""


def check(flow: Flow) -> Iterator[Finding]:
    """Every text of a tree."""
    for place, words in texts_of(flow.tree):
        for language, text in (("id", words.id), ("en", words.en)):
            if not text.strip():
                mend = f"Write it under `{language}:`."
                yield error("text-missing", f"{place}.{language}", "This text is missing.", mend)
        if words.id.strip() == words.en.strip() and len(words.id.split()) >= _SAME_WORDS_MIN:
            what, mend = "Both languages have the same text.", "Translate it."
            yield warning("text-same", f"{place}.en", what, mend)


def texts_of(tree: Tree) -> Iterator[tuple[str, Words]]:
    """Every text of a tree with its place in the file."""
    yield "title", tree.title
    for node in tree.nodes:
        yield from _texts_of_node(node)


def _texts_of_node(node: Node) -> Iterator[tuple[str, Words]]:
    place = f"nodes.{node.id}"
    match node:
        case Consent():
            yield f"{place}.notice", node.notice
            yield f"{place}.agree", node.agree
            yield f"{place}.decline", node.decline
        case Question():
            yield f"{place}.text", node.text
            if node.invalid is not None:
                yield f"{place}.invalid", node.invalid
            for option in node.options:
                yield f"{place}.options.{option.value}", option.title
                if option.description is not None:
                    yield f"{place}.options.{option.value}.more", option.description
        case Review():
            yield f"{place}.review", node.text
        case ToPerson():
            yield f"{place}.person", node.text
