"""A tree as an SVG that stands alone: no script, no font, nothing from a network, light or dark as the reader is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from lhwa.domain.intake.trees import Consent, Node, Question, Review, Tree
from lhwa.domain.intake.wording import Language
from lhwa.domain.text import safe_text
from lhwa.services.intake.tree_layout import (
    BOX_WIDTH,
    HEAD_LINE_HEIGHT,
    LINE_HEIGHT,
    Box,
    Jump,
    Label,
    Layout,
    Line,
    lay_out,
)
from lhwa.services.intake.tree_outline import outline

CORNER = 9
COLOURS = """
:root { --page: #f7f7f5; --box: #ffffff; --ink: #1d2129; --soft: #626b78; --line: #9aa3b0;
  --consent: #7a4fc4; --question: #2467b8; --review: #1b7f53; --person: #b25b09; }
@media (prefers-color-scheme: dark) { :root { --page: #14171c; --box: #1e232b; --ink: #e8eaee; --soft: #9aa4b2;
  --line: #66707e; --consent: #b493f0; --question: #7ab2f5; --review: #5fc796; --person: #f0a95b; } }
"""
STYLE = (
    COLOURS
    + """
svg { background: var(--page); font-family: Arial, "Liberation Sans", Helvetica, sans-serif; }
.box rect { fill: var(--box); stroke-width: 1.5; }
.box .bar { stroke: none; }
.box text { fill: var(--ink); font-size: 13px; }
.box .head { font-size: 11px; font-weight: 600; }
.box .soft { fill: var(--soft); font-size: 12px; }
.box .id { fill: var(--soft); font-size: 10.5px; font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
.optional rect { stroke-dasharray: 5 4; }
.line { fill: none; stroke: var(--line); stroke-width: 1.5; }
.arrow { fill: var(--line); }
.label { fill: var(--ink); font-size: 12px; text-anchor: middle; paint-order: stroke; stroke: var(--page);
  stroke-width: 5px; stroke-linejoin: round; }
.jump rect { fill: var(--page); stroke: var(--line); }
.jump text { fill: var(--soft); font-size: 11px; text-anchor: middle; }
"""
    + "".join(
        f".{kind} rect {{ stroke: var(--{kind}); }} .{kind} .bar, .{kind} .head {{ fill: var(--{kind}); }}\n"
        for kind in ("consent", "question", "review", "person")
    )
)


_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="arrow" d="M0 0L8 4L0 8z"/></marker></defs>'
)


def svg(tree: Tree, language: Language) -> str:
    """The drawing of a tree."""
    layout = lay_out(outline(tree, language), language)
    title = _text(f"{tree.name}: {tree.title.in_language(language)}")
    width, height = f"{layout.width:.0f}", f"{layout.height:.0f}"
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" lang="{language.value}" {size}>',
        f"<title>{title}</title>",
        f"<style>{STYLE}</style>",
        _ARROW,
        *_drawn(layout),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def colour_of(node: Node) -> str:
    """The class of a node: its colour."""
    match node:
        case Consent():
            return "consent"
        case Question():
            return "question"
        case Review():
            return "review"
        case _:
            return "person"


def anchor(node_id: str) -> str:
    """Where links to a node lead, inside one document."""
    return "node-" + "".join(each if each.isalnum() and each.isascii() else f"-{ord(each):x}-" for each in node_id)


def _drawn(layout: Layout) -> Iterator[str]:
    yield from map(_line, layout.lines)
    yield from map(_label, layout.labels)
    yield from map(_box, layout.boxes)
    yield from map(_jump, layout.jumps)


def _line(line: Line) -> str:
    arrow = ' marker-end="url(#arrow)"' if line.has_arrow else ""
    return f'<path class="line" d="{_rounded(line.points)}"{arrow}/>'


def _rounded(points: Sequence[tuple[float, float]]) -> str:
    """A path through points with right angles, its corners round."""
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        sizes = (_length(before, corner), _length(corner, after))
        radius = min(CORNER, sizes[0] / 2, sizes[1] / 2)
        if radius:
            start, end = _towards(corner, before, radius), _towards(corner, after, radius)
            path += f"L{start[0]:.1f} {start[1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
    return f"{path}L{points[-1][0]:.1f} {points[-1][1]:.1f}"


def _length(one: tuple[float, float], other: tuple[float, float]) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: tuple[float, float], goal: tuple[float, float], distance: float) -> tuple[float, float]:
    share = distance / _length(start, goal)
    return start[0] + (goal[0] - start[0]) * share, start[1] + (goal[1] - start[1]) * share


def _label(label: Label) -> str:
    spans = "".join(
        f'<tspan x="{label.x:.1f}" y="{label.y + index * LINE_HEIGHT:.1f}">{_text(line)}</tspan>'
        for index, line in enumerate(label.lines)
    )
    return f'<text class="label">{spans}</text>'


def _box(box: Box) -> str:
    is_optional = isinstance(box.node, Question) and box.node.is_optional
    names = f"box {colour_of(box.node)}{' optional' if is_optional else ''}"
    x, y = box.x + 16, box.y + 7
    bar = f'x="{box.x:.1f}" y="{box.y + CORNER:.1f}" width="4" height="{box.height - 2 * CORNER:.1f}"'
    parts = [
        f'<g class="{names}" id="{anchor(box.node.id)}">',
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{BOX_WIDTH}" height="{box.height:.1f}" rx="{CORNER}"/>',
        f'<rect class="bar" {bar}/>',
    ]
    for name, lines in (("head", box.head), ("words", box.words), ("soft", box.options)):
        for line in lines:
            y += HEAD_LINE_HEIGHT if name == "head" else LINE_HEIGHT
            parts.append(f'<text class="{name}" x="{x:.1f}" y="{y:.1f}">{_text(line)}</text>')
    y = box.y + box.height - 10
    parts.append(f'<text class="id" x="{x:.1f}" y="{y:.1f}">{_text(safe_text(box.node.id, chars_max=36))}</text></g>')
    return "".join(parts)


def _jump(jump: Jump) -> str:
    width = len(jump.to) * 6.4 + 34
    return (
        f'<a class="jump" href="#{anchor(jump.to)}"><rect x="{jump.x - width / 2:.1f}" y="{jump.y:.1f}" '
        f'width="{width:.1f}" height="24" rx="12"/><text x="{jump.x:.1f}" y="{jump.y + 16:.1f}">'
        f"→ {_text(jump.to)}</text></a>"
    )


def _text(text: str) -> str:
    return escape(safe_text(text, newlines=False))
