"""Elements with where they came from, and what became of them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from lhwa.domain.elements import Element, MessageElement, PoisonElement
from lhwa.domain.instants import event_ms

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

    @property
    def happened_at_ms(self) -> int:
        """When it happened: by Meta's clock, or by ours when Meta's time is missing or cannot be true."""
        match self.element:
            case MessageElement(sent_at_ms=told_ms):
                pass
            case PoisonElement():
                told_ms = None
            case element:
                told_ms = element.at_ms
        return event_ms(told_ms, received_at_ms=self.received_at_ms)

    @property
    def counts_from_ms(self) -> int:
        """From when it counts in its thread: never from after its receipt.

        A clock that runs ahead must not hold the 24-hour window open, nor a thread on top.
        """
        return min(self.happened_at_ms, self.received_at_ms)


SOURCED_ENCODER = msgspec.json.Encoder()
SOURCED_DECODER = msgspec.json.Decoder(SourcedElement)
