"""Text from outside for Textual's own widgets: safe, and never read as markup."""

from __future__ import annotations

from textual.content import Content

from lhwa.tui.lines import many_lines


def said(text: str | None) -> Content:
    """A text as content: no active character, no markup."""
    return Content(many_lines(text))
