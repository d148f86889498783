"""`safe_text`: the one door between text from outside and a terminal, a log or a file name.

Terminals act on ESC sequences, C1 bytes and bidirectional controls; neither rich nor textual removes them.
"""

from __future__ import annotations

import unicodedata

_ALLOWED_FORMAT = "\u200c\u200d"  # joiners: names in several scripts and emoji families need them
_COMBINING_RUN_MAX = 4


def safe_text(text: str, *, newlines: bool = True, chars_max: int | None = None) -> str:
    """The same text with every active character made visible.

    Args:
        text: anything, lone surrogates included.
        newlines: False for one-line places such as table cells; a newline then becomes its control picture.
        chars_max: cut longer text and end it with an ellipsis.
    Returns: text without control characters other than tab and, when allowed, newline; without bidirectional
        or other format controls except the joiners; with at most 4 combining marks in a row.
    """
    if text.isascii() and text.isprintable():
        return _cut(text, chars_max)
    return _cut("".join(_visible(text, newlines=newlines)), chars_max)


def _visible(text: str, *, newlines: bool) -> list[str]:
    out: list[str] = []
    combining_run = 0
    for character in text:
        code = ord(character)
        category = unicodedata.category(character)
        if character not in _ALLOWED_FORMAT:  # a joiner between two marks does not end their run
            combining_run = combining_run + 1 if category in ("Mn", "Me") else 0
        if combining_run > _COMBINING_RUN_MAX:
            continue
        if (character == "\t" and newlines) or (character == "\n" and newlines):
            out.append(character)
        elif code < 0x20:
            out.append(chr(0x2400 + code))
        elif code == 0x7F:
            out.append("\u2421")
        elif (
            0x80 <= code <= 0x9F
            or code in (0x2028, 0x2029)
            or category in ("Cs", "Co", "Cn")
            or (category == "Cf" and character not in _ALLOWED_FORMAT)
        ):
            out.append(f"<U+{code:04X}>")
        else:
            out.append(character)
    return out


def _cut(text: str, chars_max: int | None) -> str:
    if chars_max is None or len(text) <= chars_max:
        return text
    return text[: max(chars_max - 1, 0)] + "…"
