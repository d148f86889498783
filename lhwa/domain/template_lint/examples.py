"""Rules for examples: Meta's reviewers read them, so each variable and each media header needs one."""

from __future__ import annotations

from collections.abc import Iterator

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.template_lint.values import value_fault
from lhwa.domain.template_lint.variables import is_named, is_position
from lhwa.domain.templates import (
    BODY_CHARS_MAX,
    COPY_CODE_CHARS_MAX,
    MEDIA_HEADERS,
    VARIABLE,
    ButtonKind,
    Template,
    body_variables,
    has_link_variable,
    header_variables,
)


def check(template: Template) -> Iterator[Finding]:
    """Examples of one template."""
    yield from _of_variables(template)
    yield from _values(template)
    yield from _of_header(template)
    yield from _of_buttons(template)


def _of_variables(template: Template) -> Iterator[Finding]:
    in_header = {key: name for name, key in header_variables(template).items()}
    needed = in_header | {name: name for name in body_variables(template)}
    for key, name in needed.items():
        if key not in template.examples and (is_named(name) or is_position(name)):  # other names have their own rule
            yield _missing(f"examples.{key}", "This variable")
    for key in template.examples:
        if key not in needed:
            yield warning(
                "example-unused",
                f"examples.{key}",
                "No variable has this name.",
                "Take the example out, or correct its name; a number in the header is `header.1`.",
            )


def _values(template: Template) -> Iterator[Finding]:
    for key, value in template.examples.items():
        if (fault := value_fault(value)) is not None:
            yield error("example-value", f"examples.{key}", fault.what, fault.mend)
    filled = VARIABLE.sub(lambda found: template.examples.get(found[1], found[0]), template.body)
    # A body that is too long by itself has its own rule.
    if len(filled) > BODY_CHARS_MAX >= len(template.body):
        yield error(
            "example-length",
            "body",
            f"With its examples the body has {len(filled):,} characters; Meta allows {BODY_CHARS_MAX:,}.",
            f"Shorten body or examples by {len(filled) - BODY_CHARS_MAX:,}.",
        )


def _of_header(template: Template) -> Iterator[Finding]:
    header = template.header
    if header is not None and header.format in MEDIA_HEADERS and not header.media_example:
        yield _missing("header.example", "A header with a file")


def _of_buttons(template: Template) -> Iterator[Finding]:
    for index, button in enumerate(template.buttons):
        place = f"buttons[{index}].example"
        is_code = button.kind is ButtonKind.COPY_CODE
        if (is_code or has_link_variable(button)) and not button.example:
            yield _missing(place, "What this button takes")
        elif is_code and len(button.example or "") > COPY_CODE_CHARS_MAX:
            yield error(
                "copy-code-length",
                place,
                f"A code to copy has at most {COPY_CODE_CHARS_MAX} characters.",
                "Shorten the code.",
            )


def _missing(place: str, what: str) -> Finding:
    return error("example-missing", place, f"{what} needs an example.", f"Add one under `{place}`.")
