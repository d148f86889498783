"""JSON Schemas of what outsiders see: the wire types, and one CloudEvent per event type.

The files in `config/schemas/` are made from here by `scripts/schemas`; a test fails when they differ. A schema
describes what lhwa writes: every field that is always there is required, and readers must ignore unknown ones.
Source: JSON Schema 2020-12.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from lhwa.domain.events import (
    SCHEMA_BASE,
    SPEC_VERSION,
    CloudEvent,
    ConsentFact,
    EventType,
    IntakeFact,
    MessageStatusChange,
    NormalizedMessage,
    OutboundFact,
    PlatformFact,
    WebhookEvent,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DATA_OF: dict[EventType, type[msgspec.Struct]] = {
    EventType.MESSAGE_RECEIVED: NormalizedMessage,
    EventType.MESSAGE_STATUS_CHANGED: MessageStatusChange,
    EventType.TEMPLATE_STATUS_CHANGED: PlatformFact,
    EventType.ACCOUNT_ALERT: PlatformFact,
    EventType.OUTBOUND_REQUESTED: OutboundFact,
    EventType.OUTBOUND_SETTLED: OutboundFact,
    EventType.INTAKE_UPDATED: IntakeFact,
    EventType.CONSENT_RECORDED: ConsentFact,
}
"""What each type of event carries as `data`."""
WIRE_TYPES: tuple[type[msgspec.Struct], ...] = (WebhookEvent, NormalizedMessage)


def schema_files() -> dict[str, str]:
    """File name -> text, for every file of `config/schemas/`."""
    schemas = [_wire_schema(kind) for kind in WIRE_TYPES] + [_event_schema(kind) for kind in EventType]
    return {f"{schema['title']}.json": json.dumps(schema, indent=2) + "\n" for schema in schemas}


def _wire_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    definitions = _definitions(kind)
    return _head(kind.__name__) | definitions.pop(kind.__name__) | ({"$defs": definitions} if definitions else {})


def _event_schema(kind: EventType) -> dict[str, Any]:
    data = DATA_OF[kind]
    envelope = _definitions(CloudEvent)[CloudEvent.__name__]
    envelope["properties"] |= {
        "type": {"const": kind.value},
        "dataschema": {"const": kind.schema},
        "specversion": {"const": SPEC_VERSION},
        "data": {"$ref": f"#/$defs/{data.__name__}"},
    }
    named = {"title": kind.value, "description": f"A CloudEvent whose data is a {data.__name__}."}
    return _head(kind.value) | envelope | named | {"$defs": _definitions(data)}


def _head(name: str) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": f"{SCHEMA_BASE}{name}.json"}


def _definitions(kind: type[msgspec.Struct]) -> dict[str, dict[str, Any]]:
    _, definitions = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    if not kind.__struct_config__.omit_defaults:
        fields = msgspec.structs.fields(kind)
        definitions[kind.__name__]["required"] = [
            field.encode_name for field in fields if field.default is not msgspec.UNSET
        ]
    return definitions
