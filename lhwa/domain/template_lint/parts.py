"""Rules for names, languages, lengths and lifetimes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lhwa.domain.findings import Finding, error
from lhwa.domain.templates import (
    BODY_CHARS_MAX,
    FOOTER_CHARS_MAX,
    HEADER_CHARS_MAX,
    NAME_CHARS_MAX,
    Category,
    Template,
    variables_in,
)

_NAME = re.compile(r"[a-z0-9_]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_FOREVER = -1
"""Meta's word for 30 days."""
TTL_S = {
    Category.AUTHENTICATION: (30, 900),
    Category.UTILITY: (30, 43_200),
    Category.MARKETING: (43_200, 2_592_000),
}
"""How long Meta may try to deliver, shortest and longest."""


def check(template: Template) -> Iterator[Finding]:
    """Name, language, lengths and lifetime of one template."""
    yield from _name(template)
    yield from _header(template)
    yield from _body(template)
    yield from _footer(template)
    yield from _ttl(template)


def _name(template: Template) -> Iterator[Finding]:
    if not _NAME.fullmatch(template.name):
        yield error(
            "name-characters",
            "name",
            "A name holds lower-case letters, digits and underscores only.",
            "Rename it, for example to `pengingat_janji`.",
        )
    if len(template.name) > NAME_CHARS_MAX:
        yield _too_long("name-length", "name", template.name, NAME_CHARS_MAX)
    if not _LANGUAGE.fullmatch(template.language):
        yield error(
            "language-code",
            "language",
            "This is not a language code of Meta's.",
            "Write it as `id`, `en` or `en_US`.",
        )


def _header(template: Template) -> Iterator[Finding]:
    text = template.header_text
    if text is None:
        return
    if not text.strip():
        yield error("header-empty", "header", "The header has no text.", "Write a text or leave the header out.")
    if len(text) > HEADER_CHARS_MAX:
        yield _too_long("header-length", "header", text, HEADER_CHARS_MAX)
    if len(variables_in(text)) > 1:
        yield error(
            "header-variables", "header", "A header takes one variable.", "Move the other variables into the body."
        )


def _body(template: Template) -> Iterator[Finding]:
    if not template.body.strip() and not template.is_authentication:
        yield error("body-missing", "body", "There is no body.", "Write what the client shall read under `body`.")
    if len(template.body) > BODY_CHARS_MAX:
        yield _too_long("body-length", "body", template.body, BODY_CHARS_MAX)


def _footer(template: Template) -> Iterator[Finding]:
    if template.footer is None:
        return
    if len(template.footer) > FOOTER_CHARS_MAX:
        yield _too_long("footer-length", "footer", template.footer, FOOTER_CHARS_MAX)
    # Two pages of Meta's allow it, the reference of components shows none: without one it passes either way.
    if variables_in(template.footer):
        yield error("footer-variable", "footer", "A footer takes no variable.", "Move the variable into the body.")


def _ttl(template: Template) -> Iterator[Finding]:
    ttl_s, limits = template.message_send_ttl_seconds, TTL_S.get(template.category)
    if ttl_s is None or ttl_s == _FOREVER or limits is None:
        return
    shortest_s, longest_s = limits
    if not shortest_s <= ttl_s <= longest_s:
        yield error(
            "ttl-range",
            "message_send_ttl_seconds",
            f"{ttl_s} s is outside what {template.category} templates may have.",
            f"Choose {shortest_s} to {longest_s} seconds, or -1 for 30 days.",
        )


def _too_long(rule: str, place: str, text: str, chars_max: int) -> Finding:
    return error(
        rule,
        place,
        f"The {place} has {len(text):,} characters; Meta allows {chars_max:,}.",
        f"Shorten it by {len(text) - chars_max:,}.",
    )
