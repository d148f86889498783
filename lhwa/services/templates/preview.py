"""A template or a message as the client sees it, as lines of plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from lhwa.domain.template_filling import Rendered, RenderedButton, example_values, render
from lhwa.domain.templates import Template
from lhwa.domain.text import safe_text

WIDTH = 64
WIDTH_MIN = 20
_INDENT = "  "


def preview(template: Template, values: Mapping[str, str] | None = None, *, width: int = WIDTH) -> list[str]:
    """Header, body, footer and buttons, no line longer than the width.

    Args:
        values: by key; the template's own examples when left out. A variable without a value stays as it stands.
        width: in characters; at least WIDTH_MIN.
    """
    width = max(width, WIDTH_MIN)
    shown = render(template, example_values(template) if values is None else values)
    return [*_wrapped(f"{template.title} {template.category}", width, indent=""), "", *lines_of(shown, width=width)]


def lines_of(shown: Rendered, *, width: int = WIDTH) -> list[str]:
    """Header, body, footer and buttons of a message, with an empty line between them."""
    lines: list[str] = []
    for part in (shown.header, shown.body, shown.footer, "\n".join(map(_button, shown.buttons))):
        if part:
            lines += [*([""] if lines else []), *_wrapped(part, width, indent=_INDENT)]
    return lines


def _button(button: RenderedButton) -> str:
    return f"[ {button.text} ] {button.holds}".rstrip()


def _wrapped(text: str, width: int, *, indent: str) -> list[str]:
    lines: list[str] = []
    for paragraph in safe_text(text).split("\n"):
        filled = textwrap.wrap(
            paragraph, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        )
        lines += filled or [""]
    return lines
