"""All rules over all templates, in the order of the templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lhwa.domain.findings import Finding
from lhwa.domain.template_lint import authentication, buttons, examples, parts, together, variables, wording
from lhwa.domain.templates import Template

_PER_TEMPLATE: tuple[Callable[[Template], Iterator[Finding]], ...] = (
    parts.check,
    variables.check,
    examples.check,
    buttons.check,
    authentication.check,
    wording.check,
)


def lint(templates: Sequence[Template]) -> list[Finding]:
    """Everything that is wrong with these templates, alone and together."""
    found = [
        replace(finding, subject=template.title)
        for template in templates
        for check in _PER_TEMPLATE
        for finding in check(template)
    ]
    return found + list(together.check(templates))
