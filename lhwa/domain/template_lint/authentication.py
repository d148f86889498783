"""Rules for one-time codes: Meta writes the text, and the template is hardly more than a button."""

from __future__ import annotations

from collections.abc import Iterator

from lhwa.domain.findings import Finding, error
from lhwa.domain.templates import ButtonKind, Template

EXPIRY_MINUTES = (1, 90)


def check(template: Template) -> Iterator[Finding]:
    """What an AUTHENTICATION template must have, and others must not."""
    yield from _codes(template) if template.is_authentication else _others(template)


def _codes(template: Template) -> Iterator[Finding]:
    own = {"header": template.header, "body": template.body, "footer": template.footer}
    for place, part in own.items():
        if part:
            yield error(
                "authentication-parts",
                place,
                f"An AUTHENTICATION template has no {place} of its own: no text, link, file or emoji.",
                "Take it out, or make the template UTILITY.",
            )
    if [button.kind for button in template.buttons] != [ButtonKind.OTP]:
        yield error(
            "authentication-button",
            "buttons",
            "An AUTHENTICATION template has exactly one button, for the code.",
            "Write one button with `type: otp`.",
        )
    minutes, (shortest, longest) = template.code_expiration_minutes, EXPIRY_MINUTES
    if minutes is not None and not shortest <= minutes <= longest:
        yield error(
            "authentication-expiry",
            "code_expiration_minutes",
            f"A code cannot hold for {minutes} minutes.",
            f"Choose {shortest} to {longest} minutes.",
        )


def _others(template: Template) -> Iterator[Finding]:
    parts = {
        f"buttons[{index}]": True for index, button in enumerate(template.buttons) if button.kind is ButtonKind.OTP
    }
    parts["add_security_recommendation"] = template.add_security_recommendation
    parts["code_expiration_minutes"] = template.code_expiration_minutes is not None
    for place, is_there in parts.items():
        if is_there:
            yield error(
                "authentication-only",
                place,
                "This is for one-time codes alone.",
                "Take it out, or make the template AUTHENTICATION.",
            )
