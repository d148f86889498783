"""Lines of spans: what widgets paint and the line mode prints. Pure.

Text from outside becomes a span only through `one_line` and `many_lines`.

A span names what its text means, never a colour: themes decide about colours, and the text stands without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size

from lhwa.domain.text import safe_text

Role = Literal["", "muted", "strong", "good", "warning", "bad", "accent", "client", "firm", "note", "system"]
"""What a text means."""
ROLES: tuple[Role, ...] = ("muted", "strong", "good", "warning", "bad", "accent", "client", "firm", "note", "system")
CELL_CHARS_MAX = 400
"""More of a text is never laid out as one line: nobody sees it, and measuring it costs."""
TEXT_CHARS_MAX = 65_536
"""What a message may hold at most; Meta's own limit is far below."""
_SHAPES_ONLY = dict.fromkeys((0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)))
"""Joiners, variation selectors and skin tones: with them terminals disagree about how wide a sign is, and a line that
is wider than was counted breaks the screen. Without them a family is its members, everywhere."""


class Span(NamedTuple):
    """A piece of one line."""

    text: str
    role: Role = ""


Line = tuple[Span, ...]


def one_line(text: str | None, *, chars_max: int = CELL_CHARS_MAX) -> str:
    """Text from outside for a place of one line: no active character, no tab, no line break."""
    if not text:
        return ""
    return _unshaped(safe_text(text[: chars_max + 1], newlines=False, chars_max=chars_max))


def many_lines(text: str | None) -> str:
    """Text from outside for a place of many lines."""
    return _unshaped(safe_text(text or "", chars_max=TEXT_CHARS_MAX)).expandtabs(4)


def _unshaped(text: str) -> str:
    return text if text.isascii() else text.translate(_SHAPES_ONLY)


def counted(number: int) -> str:
    """How many; nobody counts on beyond a thousand, and there is room for four signs."""
    return str(number) if number < 1000 else "999+"


def plain(line: Line) -> str:
    """A line without its meanings."""
    return "".join(span.text for span in line)


def width_of(line: Iterable[Span]) -> int:
    """Cells that a line takes."""
    return sum(cell_len(span.text) for span in line)


def fitted(line: Iterable[Span], width: int) -> Line:
    """Exactly as many cells as there are: the end is cut with an ellipsis, or filled with blanks."""
    spans: list[Span] = []
    room = width
    for span in line:
        cells = cell_len(span.text)
        if cells > room:
            spans.append(Span(cut(span.text, room), span.role))
            return tuple(spans)
        spans.append(span)
        room -= cells
    return (*spans, Span(" " * room)) if room else tuple(spans)


def cut(text: str, width: int) -> str:
    """At most so many cells, the last of them an ellipsis when something is missing."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    # Half of a wide sign becomes a blank: the ellipsis stands at the same place in every row.
    return set_cell_size(text, width - 1) + "…"


def sides(left: Iterable[Span], right: Iterable[Span], width: int) -> Line:
    """One line with something at both ends; the left one gives way."""
    ending = tuple(right)
    taken = width_of(ending)
    if taken >= width:
        return fitted(ending, width)
    gap = 1 if taken else 0
    return (*fitted(left, width - taken - gap), Span(" " * gap), *ending)


def wrapped(text: str, width: int) -> Iterator[str]:
    """A safe text in lines of at most so many cells; words stay whole where they fit, blanks at a break go."""
    width = max(width, 1)
    for paragraph in text.split("\n"):
        yield from _wrapped_paragraph(paragraph, width)


def _wrapped_paragraph(paragraph: str, width: int) -> Iterator[str]:
    if paragraph.isascii() and len(paragraph) <= width:
        yield paragraph
        return
    line, cells = "", 0
    for word in _words(paragraph):
        bare = word.rstrip(" ")
        size = cell_len(bare)
        if cells + size > width and line:
            yield line.rstrip(" ")
            line, cells = "", 0
        *full, last = _pieces(bare, width) if size > width else (bare,)
        yield from full
        line += last + word[len(bare) :]
        cells += cell_len(last) + len(word) - len(bare)
    yield line.rstrip(" ")


def _words(text: str) -> Iterator[str]:
    """Words, each with the blanks behind it."""
    begin = 0
    for place in range(1, len(text)):
        if text[place - 1] == " " and text[place] != " ":
            yield text[begin:place]
            begin = place
    yield text[begin:]


def _pieces(word: str, width: int) -> Iterator[str]:
    """A word that is wider than the line, in full lines; marks, which take no cell, stay with their letter."""
    piece, cells = "", 0
    for character in word:
        size = cell_len(character)
        if cells + size > width and piece:
            yield piece
            piece, cells = "", 0
        piece, cells = piece + character, cells + size
    yield piece


def text_lines(text: str, width: int, role: Role = "", *, lines_max: int | None = None) -> Iterator[Line]:
    """A safe text as lines of one meaning; of a longer one the beginning, and an ellipsis."""
    for number, piece in enumerate(wrapped(text, width)):
        if lines_max is not None and number >= lines_max:
            yield (Span("…", "muted"),)
            return
        yield (Span(piece, role),)
