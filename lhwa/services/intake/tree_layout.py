"""Where each box, line and word of a drawn tree stands, in pixels.

A chain runs downwards; the ways of a fork stand beside each other and meet again below. So nothing overlaps, and what a
box says is measured before anything is placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lhwa.domain.intake.trees import Node, Question
from lhwa.domain.intake.wording import AnswerKind, Language
from lhwa.services.intake.node_words import kind_of, one_line, words_of
from lhwa.services.intake.tree_outline import Chain, Step, Way

BOX_WIDTH = 256
LINE_HEIGHT = 17
_PADDING = 12
HEAD_LINE_HEIGHT = 15
_FOOT_HEIGHT = 18
_LANE_WIDTH = 132
"""Of a way without a box."""
_GAP = 26
_DOWN = 30
"""Between two boxes of a chain."""
_TURN = 16
"""From a box to the line from which its ways part, and from their ends to where they meet."""
_CHARS = 33
"""Of one line in a box."""
_CHAR_WIDTH = 7
_LINES_MAX = 4
_HEAD_LINES_MAX = 2
_OPTION_LINES_MAX = 3
_LABEL_LINES_MAX = 3
_PILL_HEIGHT = 24


@dataclass(frozen=True, slots=True)
class Box:
    """One node; x and y are its upper left corner."""

    node: Node
    head: tuple[str, ...]
    words: tuple[str, ...]
    options: tuple[str, ...]
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of right angles; with an arrow where it comes to a box."""

    points: tuple[tuple[float, float], ...]
    has_arrow: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Which answers take a way; x is the middle, y the base of the first line."""

    lines: tuple[str, ...]
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Jump:
    """A way that goes on at a box elsewhere; x is the middle, y the top."""

    to: str
    x: float
    y: float


@dataclass(slots=True)
class Layout:
    """Everything of one drawing."""

    width: float = 0
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    jumps: list[Jump] = field(default_factory=list)


def lay_out(chains: Sequence[Chain], language: Language) -> Layout:
    """Chains below each other, each in the middle."""
    layout = Layout(width=max((_chain_width(chain) for chain in chains), default=0) + 2 * _GAP, height=_GAP)
    placing = _Placing(layout, language)
    for chain in chains:
        layout.height = placing.chain(chain, layout.width / 2, layout.height) + _GAP
    return layout


def wrapped(text: str, chars: int, lines_max: int) -> tuple[str, ...]:
    """A text in short lines, the last one cut where more would follow. A word too long for a line is cut."""
    lines: list[str] = []
    for word in one_line(text, chars * (lines_max + 2)).split():
        fits = lines and len(lines[-1]) + 1 + len(word) <= chars
        if fits:
            lines[-1] += f" {word}"
        else:
            lines.append(one_line(word, chars))
    if len(lines) > lines_max:
        lines = [*lines[: lines_max - 1], one_line(" ".join(lines[lines_max - 1 :]), chars)]
    return tuple(lines)


def _chain_width(chain: Chain) -> float:
    return max((_step_width(step) for step in chain.steps), default=_LANE_WIDTH)


def _step_width(step: Step) -> float:
    return max(BOX_WIDTH, sum(map(_way_width, step.ways)) + _GAP * max(len(step.ways) - 1, 0))


def _way_width(way: Way) -> float:
    jump = len(way.chain.jump) * _CHAR_WIDTH + 2 * _PADDING if way.chain.jump else 0
    return max(_chain_width(way.chain), jump)


class _Placing:
    def __init__(self, layout: Layout, language: Language) -> None:
        self._layout = layout
        self._language = language

    def chain(self, chain: Chain, middle: float, top: float) -> float:
        """Place a chain; the height at which it ends, where a line may go on."""
        y = top
        for index, step in enumerate(chain.steps):
            if index:
                self._layout.lines.append(Line(((middle, y), (middle, y + _DOWN)), has_arrow=True))
                y += _DOWN
            y = self._step(step, middle, y)
        if chain.jump:
            if chain.steps:
                self._layout.lines.append(Line(((middle, y), (middle, y + _DOWN)), has_arrow=True))
                y += _DOWN
            self._layout.jumps.append(Jump(chain.jump, middle, y))
            y += _PILL_HEIGHT
        return y

    def _step(self, step: Step, middle: float, top: float) -> float:
        box = self._box(step.node, middle, top)
        self._layout.boxes.append(box)
        bottom = top + box.height
        return self._fork(step, middle, bottom) if step.ways else bottom

    def _fork(self, step: Step, middle: float, top: float) -> float:
        """The ways of a fork beside each other; where they meet."""
        widths = [_way_width(way) for way in step.ways]
        placed = list(zip(step.ways, widths, strict=True))
        labels = [wrapped(way.label, int(width / _CHAR_WIDTH), _LABEL_LINES_MAX) for way, width in placed]
        parts = top + _TURN
        begins = parts + _TURN + max(map(len, labels)) * LINE_HEIGHT + _TURN
        left = middle - (sum(widths) + _GAP * (len(widths) - 1)) / 2
        ends: list[tuple[float, float]] = []
        lowest = begins
        for (way, width), words in zip(placed, labels, strict=True):
            x = left + width / 2
            left += width + _GAP
            has_target = bool(way.chain.steps or way.chain.jump)
            self._layout.lines.append(
                Line(((middle, top), (middle, parts), (x, parts), (x, begins)), has_arrow=has_target)
            )
            self._layout.labels.append(Label(words, x, parts + _TURN + LINE_HEIGHT * 0.8))
            end = self.chain(way.chain, x, begins)
            lowest = max(lowest, end)
            if way.chain.goes_on:
                ends.append((x, end))
        if not ends:
            return lowest
        meet = lowest + _TURN
        self._layout.lines += [Line(((x, end), (x, meet), (middle, meet))) for x, end in ends]
        return meet

    def _box(self, node: Node, middle: float, top: float) -> Box:
        head = wrapped(kind_of(node), _CHARS, _HEAD_LINES_MAX)
        words = wrapped(words_of(node, self._language), _CHARS, _LINES_MAX)
        options: tuple[str, ...] = ()
        if isinstance(node, Question) and node.kind is AnswerKind.CHOICE:
            titles = " · ".join(option.title.in_language(self._language) for option in node.options)
            options = wrapped(titles, _CHARS, _OPTION_LINES_MAX)
        lines = len(words) + len(options)
        height = _PADDING + len(head) * HEAD_LINE_HEIGHT + lines * LINE_HEIGHT + _FOOT_HEIGHT + _PADDING / 2
        return Box(node, head, words, options, middle - BOX_WIDTH / 2, top, height)
