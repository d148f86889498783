"""Elements with where they came from, and what became of them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from lhwa.domain.elements import Element

DEDUP_BYTES = 16
"""Bytes of a keyed hash that stand for one element."""


class Outcome(StrEnum):
    """What became of one element."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    """It was applied before; nothing changed."""
    BURIED = "buried"
    """It lies in the dead letters."""
    POSTPONED = "postponed"
    """Applying it failed; a job will try again."""


class SourcedElement(msgspec.Struct, frozen=True, kw_only=True):
    """An element with the webhook request that brought it. As JSON it is the payload of an `apply_element` job."""

    element: Element
    raw_event: str
    received_at_ms: int


SOURCED_ENCODER = msgspec.json.Encoder()
SOURCED_DECODER = msgspec.json.Decoder(SourcedElement)
