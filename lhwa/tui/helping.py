"""The help page and the line at the foot: what the keys do where somebody is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from lhwa.tui.labels import Labels
from lhwa.tui.lines import Line, Span, cut, width_of

_KEY_CELLS = 16


def help_lines(
    here: Sequence[tuple[str, str]], everywhere: Sequence[tuple[str, str]], labels: Labels, width: int
) -> list[Line]:
    """Acts on what the cursor is on first, then how to move."""
    lines: list[Line] = []
    for title, pairs in ((labels.help_here, here), (labels.help_everywhere, everywhere)):
        lines.append((Span(title, "accent"),))
        named: dict[str, list[str]] = {}
        for key, label in pairs:
            named.setdefault(label, [])
            if key not in named[label]:
                named[label].append(key)
        for label, keys in named.items():
            shown = cut(" ".join(keys), _KEY_CELLS)
            lines.append((Span(f"  {shown:<{_KEY_CELLS}}  ", "strong"), Span(cut(label, width - _KEY_CELLS - 4))))
        lines.append((Span(""),))
    return lines


def key_bar(keys: Sequence[tuple[str, str]], width: int, *, marked: str = "") -> Line:
    """Keys with their labels, the most useful first, as many as fit whole; the help has the others.

    Args:
        marked: how many things an act would be about, where it is more than one.
    """
    bar: Line = (Span(f" {marked} ", "accent"),) if marked else ()
    for place, (key, label) in enumerate(keys, start=1):
        longer = (*bar, Span(f" {key} ", "accent"), Span(f"{label} ", "muted"))
        room = width if place == len(keys) else width - len(" …")
        if width_of(longer) > room:
            return (*bar, Span(" …", "muted"))
        bar = longer
    return bar
