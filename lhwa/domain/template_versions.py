"""The versions of a template in the firm's files: one canonical spelling of what would be posted, and its digest.

Purpose and notes are for people and never sent: a file in which only they change has no new version.

Source: RFC 8785 for the canonical form.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec
import rfc8785

from lhwa.domain.template_wire import from_wire, to_wire
from lhwa.domain.templates import Template

Key = tuple[str, str]
"""Name and language of a template."""


def key_of(template: Template) -> Key:
    """Name and language, in the one spelling that files and Meta share."""
    return template.name, template.language.replace("-", "_")


def spelled(template: Template) -> str:
    """The template as it would be posted, in canonical JSON."""
    return rfc8785.dumps(to_wire(template)).decode()


def digest(definition: str) -> bytes:
    """SHA-256 of a canonical spelling."""
    return sha256(definition.encode()).digest()


def read_back(definition: str) -> Template:
    """The template of a canonical spelling, without purpose and notes."""
    return from_wire(msgspec.json.decode(definition))
