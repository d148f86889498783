"""Rules for variables in header text and body: their names, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.templates import (
    NAME_OF_VARIABLE,
    POSITION,
    VARIABLE,
    ParameterFormat,
    Template,
    variables_in,
)

WORDS_PER_VARIABLE = 2
"""Meta refuses a body with too few words for its variables and publishes no ratio: two each and one more."""
_SYMBOLS = frozenset("#$%")
_SINGLE_BRACES = re.compile(r"(?<!\{)\{[A-Za-z0-9_]{1,40}\}(?!\})")


def check(template: Template) -> Iterator[Finding]:
    """Variables of one template."""
    texts = {"header": template.header_text or "", "body": template.body}
    for place, text in texts.items():
        yield from _braces(place, text)
        yield from _names(place, text)
        yield from _gaps(place, text)
    yield from _format(template.parameter_format, [name for text in texts.values() for name in variables_in(text)])
    yield from _edges(template.body.strip())
    yield from _words(template.body)


def _braces(place: str, text: str) -> Iterator[Finding]:
    rest = VARIABLE.sub("", text)
    if "{{" in rest or "}}" in rest:
        yield error(
            "variable-braces", place, "Braces do not pair up.", "Write each variable as `{{nama}}`, two braces a side."
        )
    elif _SINGLE_BRACES.search(rest):
        yield warning(
            "variable-single-brace",
            place,
            "A word stands in single braces; clients would read it as it is.",
            "Write a variable with two braces a side, or take the braces out.",
        )


def _names(place: str, text: str) -> Iterator[Finding]:
    for name in variables_in(text):
        if _SYMBOLS & set(name):
            yield error(
                "variable-symbol",
                place,
                "A variable holds `#`, `$` or `%`.",
                "Name it with lower-case letters and underscores.",
            )
        elif not is_named(name) and not is_position(name):
            yield error(
                "variable-name",
                place,
                "A variable has a name that Meta does not take.",
                "Name it with lower-case letters and underscores, without spaces, or number it from 1.",
            )
        elif is_named(name) and any(character.isdigit() for character in name):
            yield warning(
                "variable-digit",
                place,
                f"Whether Meta takes digits in the name of a variable is not certain: `{name[:40]}`.",
                "Name it with letters and underscores alone.",
            )


def _gaps(place: str, text: str) -> Iterator[Finding]:
    numbers = sorted(int(name) for name in variables_in(text) if is_position(name))
    if numbers != list(range(1, len(numbers) + 1)):
        yield error(
            "variable-gap",
            place,
            "Numbered variables have to count 1, 2, 3 without a gap, the header on its own.",
            "Number them anew from `{{1}}`.",
        )


def _format(stated: ParameterFormat, names: list[str]) -> Iterator[Finding]:
    used = {ParameterFormat.POSITIONAL for name in names if is_position(name)}
    used |= {ParameterFormat.NAMED for name in names if is_named(name)}
    if len(used) > 1:
        yield error(
            "variables-mixed",
            "body",
            "Some variables have names and some have numbers.",
            "Name all of them, or number all of them.",
        )
    elif used and stated not in used:
        yield error(
            "parameter-format",
            "parameter_format",
            f"The template says {stated} and its variables are {used.pop()}.",
            "Take `parameter_format` out of the file, or correct it.",
        )


def _edges(body: str) -> Iterator[Finding]:
    places = list(VARIABLE.finditer(body))
    if not places:
        return
    if places[0].start() == 0:
        yield error(
            "variable-at-start", "body", "The body begins with a variable.", "Put words before it, such as `Yth.`"
        )
    if places[-1].end() == len(body):
        yield error("variable-at-end", "body", "The body ends with a variable.", "Put words after it.")
    between = (body[left.end() : right.start()] for left, right in pairwise(places))
    if any(not text.strip() for text in between):
        yield error(
            "variables-adjacent", "body", "Two variables stand side by side.", "Put words between them, or make it one."
        )


def _words(body: str) -> Iterator[Finding]:
    count = len(VARIABLE.findall(body))
    words = sum(any(character.isalnum() for character in word) for word in VARIABLE.sub(" ", body).split())
    needed = WORDS_PER_VARIABLE * count + 1
    if count and words < needed:
        yield error(
            "variable-words",
            "body",
            f"{words} words are too few for {count} variables; Meta refuses what could say anything.",
            f"Write at least {needed} words besides the variables.",
        )


def is_position(name: str) -> bool:
    """True for the name of a positional variable."""
    return POSITION.fullmatch(name) is not None


def is_named(name: str) -> bool:
    """True for the name of a named variable."""
    return NAME_OF_VARIABLE.fullmatch(name) is not None
