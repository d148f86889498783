"""Facts on the bus, in our words, and the wire types that outsiders see.

An event never holds content, a telephone number, a wamid or a name: it points at rows. JSON is camelCase.
Source: CloudEvents 1.0 for the envelope.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from lhwa.domain.messages import Direction, MessageType

SPEC_VERSION = "1.0"
SCHEMA_BASE = "https://lhwa.example/schemas/"
"""Names the schema, as CloudEvents wants; the files themselves are in config/schemas/."""


class EventType(StrEnum):
    """Every event that exists so far; one sentence each."""

    MESSAGE_RECEIVED = "MessageReceived"
    """A message entered the firm's records for the first time, whichever side wrote it."""
    MESSAGE_STATUS_CHANGED = "MessageStatusChanged"
    """A message that the firm sent moved up the lattice, or failed."""
    TEMPLATE_STATUS_CHANGED = "TemplateStatusChanged"
    """Meta changed the status, quality, category or components of a template."""
    ACCOUNT_ALERT = "AccountAlert"
    """Something happened to the account, a number or a contact's identity that a person should know."""
    OUTBOUND_REQUESTED = "OutboundRequested"
    """Somebody put a message to a client into the outbox."""
    OUTBOUND_SETTLED = "OutboundSettled"
    """A message of the outbox was accepted, failed, fell in doubt, or will never leave."""

    INTAKE_UPDATED = "IntakeUpdated"
    """An intake began, or moved to another state."""
    CONSENT_RECORDED = "ConsentRecorded"
    """A client agreed to a notice, refused, or took a consent back."""

    @property
    def schema(self) -> str:
        """The `dataschema` URI of this type."""
        return f"{SCHEMA_BASE}{self.value}.json"


class WebhookEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One webhook request as stored."""

    event_id: str
    raw_payload_ref: str
    """`spool:<eventId>`: where the sealed raw bytes are, for 7 days."""
    received_at: str
    """RFC 3339, UTC."""
    provider: Literal["whatsapp"] = "whatsapp"


class NormalizedMessage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One message as the rest of the world sees it: no content, no number."""

    id: str
    tenant_id: str
    direction: Direction
    sender_hash: str
    """`v1:` and 64 hex digits: a keyed hash of the client's number or user id."""
    message_type: MessageType
    timestamp: str
    """RFC 3339, UTC: when it was sent, by Meta's clock; when we received it, if Meta gave no time."""
    content_ref: str | msgspec.UnsetType = msgspec.UNSET
    """`message:<id>`: where the sealed content is; absent when there is none."""
    channel: Literal["whatsapp"] = "whatsapp"


class MessageStatusChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Data of MessageStatusChanged."""

    message_id: str
    status: str
    error_code: int | None = None


class PlatformFact(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Data of TemplateStatusChanged and AccountAlert: what to look at, without its content."""

    field: str
    """The webhook field, such as `account_update`; `messages` for a changed identity."""
    event: str
    severity: Literal["info", "warning", "critical"]
    template_id: str | None = None
    message_id: str | None = None


class OutboundFact(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Data of OutboundRequested and OutboundSettled: which message and in what state, without its content."""

    outbound_id: str
    state: str
    message_type: str
    conversation_id: str
    template: str | None = None
    rule: str | None = None
    """Why it did not leave, or did not arrive."""
    error_code: int | None = None
    """Meta's."""


class IntakeFact(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Data of IntakeUpdated: which intake and in what state, without an answer."""

    intake_id: str
    state: str
    tree: str
    version: int
    conversation_id: str


class ConsentFact(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Data of ConsentRecorded: an entry of the ledger, without its words."""

    consent_id: str
    what: Literal["given", "refused", "withdrawn"]
    purpose: str
    notice_version: str
    intake_id: str | None = None


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope of every event."""

    id: str
    source: str
    """`lhwa/<tenant>`"""
    type: EventType
    subject: str
    """The row it is about, such as `message:01J…`."""
    time: str
    dataschema: str
    data: dict[str, Any]
    specversion: str = SPEC_VERSION
    datacontenttype: str = "application/json"
    traceparent: str | msgspec.UnsetType = msgspec.UNSET
