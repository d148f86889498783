"""Drawing a tree: as text for a terminal, as an SVG, as a page to read and print."""

from __future__ import annotations

from enum import StrEnum

from lhwa.domain.intake.trees import Tree
from lhwa.domain.intake.wording import Language
from lhwa.services.intake.tree_page import page
from lhwa.services.intake.tree_svg import svg
from lhwa.services.intake.tree_text import text_lines


class DrawingFormat(StrEnum):
    """What a drawing is made of."""

    TEXT = "text"
    SVG = "svg"
    HTML = "html"


def draw(tree: Tree, drawing_format: DrawingFormat, language: Language) -> str:
    """A tree as one document. Every text in it is escaped, whoever wrote it."""
    match drawing_format:
        case DrawingFormat.TEXT:
            return "".join(f"{line}\n" for line in text_lines(tree, language))
        case DrawingFormat.SVG:
            return svg(tree, language)
        case DrawingFormat.HTML:
            return page(tree, language)
