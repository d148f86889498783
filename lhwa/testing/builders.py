"""Builders: a firm's store in a folder of its own, and elements with only what a test cares about filled in.

The people in them are plainly samples.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lhwa.domain.access import Principal, Role
from lhwa.domain.elements import MessageElement, Party, PlatformElement, PoisonElement, StatusElement
from lhwa.domain.ids import OperatorId, TenantId
from lhwa.domain.instants import to_ms
from lhwa.domain.keys import TenantKeys
from lhwa.domain.messages import Direction, MessageType, Via
from lhwa.domain.sealing import Key
from lhwa.ports.clock import Clock
from lhwa.store.firm import found_firm
from lhwa.store.spool import PENDING_BYTES_MAX, Spool, create_spool
from lhwa.store.store import Store
from lhwa.store.transaction import Reactions
from lhwa.testing.fakes import NOON, FakeClock

FIRM = TenantId("firma")
NUMBER = "301301301301301"
WABA = "200300400500600"
CLIENT = Party(wa_id="6281230001111", bsuid="ID.88001122334455", profile_name="Contoh Klien")
SENT_AT_MS = to_ms(NOON)
POSITION = "entry[0].changes[0].value.messages[0]"


def tenant_keys() -> TenantKeys:
    """Fresh keys of a firm."""
    return TenantKeys(Key.random())


def open_firm(
    folder: Path,
    *,
    tenant: TenantId = FIRM,
    keys: TenantKeys | None = None,
    clock: Clock | None = None,
    reactions: Reactions | None = None,
) -> Store:
    """A firm's store in a folder, made and founded when it is not there yet. The caller closes it."""
    database = folder / "tenant.db"
    store = Store(
        database,
        folder / "keys.db",
        tenant=tenant,
        tenant_keys=keys or tenant_keys(),
        clock=clock or FakeClock(),
        reactions=reactions or {},
        create=not database.exists(),
    )
    store.write(found_firm, actor="system:test")
    return store


def open_spool(path: Path, *, pending_bytes_max: int = PENDING_BYTES_MAX) -> Spool:
    """A spool, made when it is not there yet. The caller closes it."""
    create_spool(path)
    return Spool(path, pending_bytes_max=pending_bytes_max)


def acting_as(role: Role, *, tenant: TenantId = FIRM) -> Principal:
    """A sample operator in one role."""
    return Principal(OperatorId(f"contoh-{role.value}"), tenant, role)


def message(text: str | None = "Selamat siang.", **changes: Any) -> MessageElement:
    """A text of a sample client; name any field to change it."""
    facts: dict[str, Any] = {
        "position": POSITION,
        "phone_number_id": NUMBER,
        "wamid": "wamid.SAMPLE-IN-1",
        "direction": Direction.INBOUND,
        "via": Via.MESSAGES,
        "type": MessageType.TEXT,
        "wire_type": "text",
        "party": CLIENT,
        "sent_at_ms": SENT_AT_MS,
        "text": text,
        "content": {"type": "text", "text": {"body": text}},
    }
    return MessageElement(**(facts | changes))


def reply(text: str = "Baik, kami periksa.", **changes: Any) -> MessageElement:
    """A text that staff wrote in the phone app."""
    facts = {"wamid": "wamid.SAMPLE-OUT-1", "direction": Direction.OUTBOUND, "via": Via.ECHO}
    return message(text, **(facts | changes))


def status(word: str = "delivered", **changes: Any) -> StatusElement:
    """A status of the sample reply."""
    facts: dict[str, Any] = {
        "position": "entry[0].changes[0].value.statuses[0]",
        "phone_number_id": NUMBER,
        "wamid": "wamid.SAMPLE-OUT-1",
        "status": word,
        "recipient": CLIENT,
        "at_ms": SENT_AT_MS + 1_000,
        "content": {"status": word, "recipient_id": CLIENT.wa_id},
    }
    return StatusElement(**(facts | changes))


def platform(event: str = "FLAGGED", **changes: Any) -> PlatformElement:
    """An event of the sample account."""
    facts: dict[str, Any] = {
        "position": "entry[0].changes[0].value",
        "field": "phone_number_quality_update",
        "event": event,
        "severity": "warning",
        "waba_id": WABA,
        "at_ms": SENT_AT_MS,
        "value": {"event": event},
    }
    return PlatformElement(**(facts | changes))


def poison(raw: bytes = b'{"type":"text"}', **changes: Any) -> PoisonElement:
    """An item without an id."""
    return PoisonElement(**({"position": POSITION, "reason": "missing_id", "raw": raw} | changes))
