from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lhwa.domain.events import CloudEvent, EventType, MessageStatusChange, NormalizedMessage, WebhookEvent
from lhwa.domain.messages import Direction, MessageType
from lhwa.domain.schemas import DATA_OF, schema_files

FOLDER = Path(__file__).parents[2] / "config" / "schemas"
SCHEMAS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in schema_files().items()}


def test_the_files_are_those_of_the_types() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert found == schema_files(), "the types have changed: run scripts/schemas"


def test_every_event_type_and_wire_type_has_a_schema() -> None:
    assert set(SCHEMAS) == {f"{name}.json" for name in ("WebhookEvent", "NormalizedMessage", *EventType)}
    assert set(DATA_OF) == set(EventType)


@pytest.mark.parametrize("kind", EventType)
def test_an_event_names_its_own_schema(kind: EventType) -> None:
    schema = SCHEMAS[f"{kind.value}.json"]
    assert schema["$id"] == kind.schema == schema["properties"]["dataschema"]["const"]
    assert schema["properties"]["type"] == {"const": kind.value}
    assert schema["properties"]["data"] == {"$ref": f"#/$defs/{DATA_OF[kind].__name__}"}


def test_what_is_written_fits_its_schema() -> None:
    webhook = WebhookEvent(event_id="01E", raw_payload_ref="spool:01E", received_at="2026-11-22T01:00:00.000000Z")
    message = NormalizedMessage(
        id="01M",
        tenant_id="firma",
        direction=Direction.INBOUND,
        sender_hash="v1:00",
        message_type=MessageType.TEXT,
        timestamp="2026-11-22T01:00:00.000000Z",
        content_ref="message:01M",
    )
    event = CloudEvent(
        id="01X",
        source="lhwa/firma",
        type=EventType.MESSAGE_STATUS_CHANGED,
        subject="message:01M",
        time="2026-11-22T01:00:00.000000Z",
        dataschema=EventType.MESSAGE_STATUS_CHANGED.schema,
        data=msgspec.to_builtins(MessageStatusChange(message_id="01M", status="read")),
    )
    for value, schema in (
        (webhook, SCHEMAS["WebhookEvent.json"]),
        (message, SCHEMAS["NormalizedMessage.json"]),
        (event, SCHEMAS["MessageStatusChanged.json"]),
    ):
        written = msgspec.to_builtins(value)
        assert set(schema["required"]) <= set(written) <= set(schema["properties"])
    assert {"provider", "eventId", "rawPayloadRef"} <= set(SCHEMAS["WebhookEvent.json"]["required"])
    assert {"channel", "tenantId", "senderHash"} <= set(SCHEMAS["NormalizedMessage.json"]["required"])
    assert "contentRef" not in SCHEMAS["NormalizedMessage.json"]["required"]


def test_every_reference_leads_somewhere() -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if "$ref" in part else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    for name, schema in SCHEMAS.items():
        for reference in references(schema):
            assert reference.removeprefix("#/$defs/") in schema["$defs"], name
