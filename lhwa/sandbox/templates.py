"""Templates: one in one language, its states, and the book of all templates of an account.

Source: WhatsApp Cloud API, templates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from lhwa.domain.instants import Instant
from lhwa.sandbox.reading import Json

NAME_FREE_AFTER = timedelta(days=30)
"""A deleted name can be used again."""
_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class TemplateStatus(StrEnum):
    """What Meta thinks of a template."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"


@dataclass(slots=True, kw_only=True, eq=False)
class Template:
    """One template in one language."""

    id: str
    name: str
    language: str
    category: str
    components: list[Json]
    created_at: Instant
    parameter_format: str = "POSITIONAL"
    status: TemplateStatus = TemplateStatus.PENDING
    quality: str = "UNKNOWN"
    rejected_reason: str = "NONE"
    previous_category: str | None = None
    message_send_ttl_seconds: int | None = None
    pauses: int = 0
    edited_at: list[Instant] = field(default_factory=list)
    """Edits while approved."""

    @property
    def is_named(self) -> bool:
        """True when the variables have names."""
        return self.parameter_format == "NAMED"

    def component(self, kind: str) -> Json | None:
        """The header, body, footer or buttons."""
        return next((each for each in self.components if str(each.get("type", "")).upper() == kind), None)

    def text(self, kind: str) -> str:
        """The text of a component; empty when there is none."""
        component = self.component(kind)
        return str(component.get("text", "")) if component else ""

    @property
    def header_format(self) -> str | None:
        """TEXT, IMAGE, VIDEO, DOCUMENT or LOCATION; None without a header."""
        header = self.component("HEADER")
        return str(header.get("format", "TEXT")).upper() if header else None

    @property
    def buttons(self) -> list[Json]:
        """The buttons in their order."""
        component = self.component("BUTTONS")
        return list(component["buttons"]) if component else []

    def as_json(self) -> dict[str, Any]:
        """Every field that can be asked for."""
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "status": self.status.value,
            "category": self.category,
            "previous_category": self.previous_category,
            "correct_category": None,
            "sub_category": None,
            "components": self.components,
            "parameter_format": self.parameter_format,
            "quality_score": {"score": self.quality, "date": int(self.created_at.timestamp())},
            "rejected_reason": self.rejected_reason,
            "message_send_ttl_seconds": self.message_send_ttl_seconds,
            "library_template_name": None,
            "cta_url_link_tracking_opted_out": None,
        }


class TemplateBook:
    """The templates of one account, in the order of their creation."""

    def __init__(self) -> None:
        self._by_id: dict[str, Template] = {}
        self._deleted: dict[str, Instant] = {}
        self.created_at: list[Instant] = []
        """Times of creation within the last hour."""

    def put(self, template: Template) -> None:
        """Add one."""
        self._by_id[template.id] = template

    def all(self) -> list[Template]:
        """Every template."""
        return list(self._by_id.values())

    def at(self, template_id: str) -> Template:
        """The one with this id, which is known to be here."""
        return self._by_id[template_id]

    def get(self, template_id: str) -> Template | None:
        """The one with this id, if there is one."""
        return self._by_id.get(template_id)

    def named(self, name: str) -> list[Template]:
        """All languages of a name."""
        return [each for each in self._by_id.values() if each.name == name]

    def find(self, name: str, language: str) -> Template | None:
        """The one of a name in exactly this language."""
        return next((each for each in self.named(name) if each.language == language), None)

    def remove(self, template: Template, *, now: Instant) -> None:
        """Delete one; its name is free again after 30 days."""
        del self._by_id[template.id]
        if not self.named(template.name):
            self._deleted[template.name] = now

    def is_name_free(self, name: str, *, now: Instant) -> bool:
        """False for a name that was deleted a short while ago."""
        deleted_at = self._deleted.get(name)
        return deleted_at is None or now - deleted_at >= NAME_FREE_AFTER


def variables_of(text: str) -> list[str]:
    """The names or numbers of the variables of a text, in the order in which they stand, each once."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))


def substituted(text: str, values: dict[str, str]) -> str:
    """The text with its variables replaced."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)
