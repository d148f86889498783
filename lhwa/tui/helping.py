"""The help page: what the keys do where somebody is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from lhwa.tui.labels import Labels
from lhwa.tui.lines import Line, Span, cut

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
