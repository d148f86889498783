"""Templates at Meta for tests: what the list says of one, what webhooks tell, and a message that waits with it."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from lhwa.domain.access import Role
from lhwa.domain.elements import PlatformElement
from lhwa.domain.send_policy import SendPolicy
from lhwa.services.messaging.sending import SendOutcome, SendRequest, TemplateChoice, request_send
from lhwa.services.messaging.template_sync import SyncReport, apply_listing
from lhwa.store.store import Store
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.tables.templates import TemplateRow
from lhwa.testing.builders import NUMBER, SENT_AT_MS, acting_as, platform

ID = "700100200300400"
OUTBOUND = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
TOLD_MS = SENT_AT_MS + 60_000
"""A whole second after the sync of the scene."""
STATUS = "message_template_status_update"
QUALITY = "message_template_quality_update"
CATEGORY = "template_category_update"
COMPONENTS = "message_template_components_update"


def listed(**changes: Any) -> dict[str, Any]:
    """A template as Meta lists it."""
    body = {"type": "BODY", "text": "Halo {{1}}, kantor kami buka.", "example": {"body_text": [["Rina"]]}}
    facts: dict[str, Any] = {
        "id": ID,
        "name": "jam_kerja",
        "language": "id",
        "status": "APPROVED",
        "category": "UTILITY",
        "parameter_format": "POSITIONAL",
        "components": [body],
        "quality_score": {"score": "GREEN", "date": 1},
    }
    return facts | changes


def sync(store: Store, *listing: dict[str, Any], at_ms: int = SENT_AT_MS, role: Role = Role.OWNER) -> SyncReport:
    return store.write(apply_listing, acting_as(role), listing, at_ms=at_ms)


def news(
    field: str, *, at_ms: int | None = TOLD_MS, template: str = ID, name: str = "jam_kerja", **value: Any
) -> PlatformElement:
    """A webhook about a template."""
    named: dict[str, Any] = {
        "message_template_id": int(template),
        "message_template_name": name,
        "message_template_language": "id",
    }
    said = named | value
    event = str(value.get("event") or value.get("new_category") or value.get("new_quality_score") or "")
    return platform(event, field=field, severity="info", template_id=template, at_ms=at_ms, value=said)


def row_of(store: Store, name: str = "jam_kerja", language: str = "id") -> TemplateRow | None:
    return store.read(lambda tx: tx.templates.get(name, language))


def known_row(store: Store, name: str = "jam_kerja") -> TemplateRow:
    row = row_of(store, name)
    assert row is not None
    return row


def queue_message(store: Store, *, contact: str, outbound_id: str = OUTBOUND, role: Role = Role.LAWYER) -> SendOutcome:
    """Somebody sends the template to a client who has written."""
    request = SendRequest(
        contact=contact, content=TemplateChoice(name="jam_kerja", language="id", values={"1": "Rina"})
    )
    policy = SendPolicy(zone=UTC, numbers=(NUMBER,))
    outcome = store.write(request_send, acting_as(role), request, policy, outbound_id=outbound_id)
    assert outcome.refused is None, outcome.refused
    return outcome


def outbound(store: Store, outbound_id: str = OUTBOUND) -> OutboundRow:
    row = store.read(lambda tx: tx.outbox.get(outbound_id))
    assert row is not None
    return row
