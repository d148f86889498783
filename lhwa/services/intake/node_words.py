"""What drawings say of a node."""

from __future__ import annotations

from lhwa.domain.intake.trees import Consent, Node, Question, Review
from lhwa.domain.intake.wording import Language
from lhwa.domain.text import safe_text


def kind_of(node: Node) -> str:
    """What a node is, in a few words: `choice, optional`."""
    match node:
        case Consent():
            parts = ["consent", node.purpose, "required" if node.is_required else "optional"]
            return ", ".join([*parts, "guardian"] if node.is_for_guardian else parts)
        case Question():
            said = (
                ("optional", node.is_optional),
                ("sensitive", node.is_sensitive),
                (f"party: {node.party}", node.party is not None),
            )
            return ", ".join([node.kind.value.replace("_", "/"), *(word for word, is_so in said if is_so)])
        case Review():
            return "review by a lawyer"
        case _:
            return "to a person"


def words_of(node: Node, language: Language) -> str:
    """What a client reads first."""
    return (node.notice if isinstance(node, Consent) else node.text).in_language(language).strip()


def one_line(text: str, chars_max: int) -> str:
    """A text in one line, safe to show, cut where it is longer."""
    return safe_text(" ".join(text.split()), newlines=False, chars_max=chars_max)
