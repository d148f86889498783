"""Rules that need all templates at once: doubles, and languages that are missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.templates import Template

LANGUAGES = ("id", "en")
"""What clients read: Bahasa Indonesia first, English second."""


def check(templates: Sequence[Template]) -> Iterator[Finding]:
    """Doubles, and missing languages."""
    yield from chain(_same_name(templates), _same_text(templates), _missing_twin(templates))


def _same_name(templates: Sequence[Template]) -> Iterator[Finding]:
    for first, second in _doubles((template, (template.name, _language(template))) for template in templates):
        yield replace(
            error(
                "name-duplicate",
                "name",
                f"{first.title} is there twice.",
                "Give one of them another name, or take it out.",
            ),
            subject=second.title,
        )


def _same_text(templates: Sequence[Template]) -> Iterator[Finding]:
    texts = (
        (each, (_language(each), each.category, each.body.strip(), (each.footer or "").strip()))
        for each in templates
        if not each.is_authentication and each.body.strip()
    )
    for first, second in _doubles(texts):
        if first.name != second.name:  # one finding for one double: the other rule has said it
            yield replace(
                error(
                    "text-duplicate",
                    "body",
                    f"Body and footer are those of {first.title}; Meta refuses the second.",
                    "Use the first one, or word this one differently.",
                ),
                subject=second.title,
            )


def _missing_twin(templates: Sequence[Template]) -> Iterator[Finding]:
    by_name: dict[str, list[Template]] = defaultdict(list)
    for template in templates:
        by_name[template.name].append(template)
    for group in by_name.values():
        spoken = {template.language.partition("_")[0] for template in group}
        for language in LANGUAGES:
            if language not in spoken:
                yield replace(
                    warning(
                        "language-twin",
                        "language",
                        f"There is no `{language}` text of this template.",
                        f"Write it under `languages: {language}:`.",
                    ),
                    subject=group[0].title,
                )


def _doubles(keyed: Iterable[tuple[Template, Hashable]]) -> Iterator[tuple[Template, Template]]:
    """Each template whose key an earlier one has, after that one."""
    first: dict[Hashable, Template] = {}
    for template, key in keyed:
        if key in first:
            yield first[key], template
        else:
            first[key] = template


def _language(template: Template) -> str:
    return template.language.replace("-", "_")
