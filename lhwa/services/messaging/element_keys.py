"""What an element is known by in the firm's file: the keys under which it is recorded, or buried, once.

Invariants: whoever records an element and whoever looks for it afterwards take its keys from here.
"""

from __future__ import annotations

import hashlib

import msgspec

from lhwa.domain.completeness import ElementKeys
from lhwa.domain.elements import (
    ELEMENT_ENCODER,
    Element,
    MessageElement,
    PlatformElement,
    PoisonElement,
    StatusElement,
)
from lhwa.services.messaging.clear_ids import with_clear_number
from lhwa.services.messaging.rules import platform_key, status_key
from lhwa.services.messaging.sourced import DEDUP_BYTES
from lhwa.store.transaction import Tx

LETTER_KINDS = ("poison", "element")
"""The kinds of dead letters that an element can become."""


def element_keys(tx: Tx, element: Element, *, raw_event: str) -> ElementKeys:
    """Every key that an element of a request could be found under. Changes nothing."""
    letters = tuple(letter_digest(tx, element, kind=kind, raw_event=raw_event)[:DEDUP_BYTES] for kind in LETTER_KINDS)
    match element:
        case MessageElement():
            clear = with_clear_number(tx, element)
            dedup = tx.messages.dedup_of(clear.phone_number_id, clear.wamid)
            return ElementKeys(element.position, "message", dedup, letters)
        case StatusElement():
            dedup = status_dedup(tx, with_clear_number(tx, element))
            return ElementKeys(element.position, "message_status", dedup, letters)
        case PlatformElement():
            return ElementKeys(element.position, "platform_event", platform_digest(tx, element)[:DEDUP_BYTES], letters)
        case PoisonElement():
            return ElementKeys(element.position, None, b"", letters)


def status_dedup(tx: Tx, clear: StatusElement) -> bytes:
    """The key of a status fact, whose number may lie in clear already."""
    return tx.vault.blind("status", *status_key(clear))[:DEDUP_BYTES]


def platform_digest(tx: Tx, element: PlatformElement) -> bytes:
    """The keyed hash of a platform event; its first bytes are its key, and its id follows from it."""
    return tx.vault.blind("platform", *platform_key(element))


def letter_digest(tx: Tx, element: Element, *, kind: str, raw_event: str) -> bytes:
    """The keyed hash of an element as a dead letter of this kind; its first bytes are its key."""
    identity = _poison_identity(element) if kind == "poison" else f"{raw_event}/{element.position}"
    return tx.vault.blind("dead_letter", kind, identity)


def _poison_identity(element: Element) -> str:
    """Follows from the item alone: the same item in another request, or at another place, is the same poison."""
    raw = element.raw if isinstance(element, PoisonElement) else b""
    return hashlib.sha256(raw or ELEMENT_ENCODER.encode(msgspec.structs.replace(element, position=""))).hexdigest()
