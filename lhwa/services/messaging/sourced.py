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
    """It was recorded before; at most another telling of it stands now."""
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
        return event_ms(self.told_at_ms, received_at_ms=self.received_at_ms)

    @property
    def told_at_ms(self) -> int | None:
        """The time by Meta's clock, whether or not it can be true."""
        element = self.element
        if isinstance(element, MessageElement):
            return element.sent_at_ms
        return None if isinstance(element, PoisonElement) else element.at_ms

    @property
    def surely_at_ms(self) -> int:
        """Meta's time when it can be true, else 0: another receipt of the same must not make it look newer."""
        told_ms = self.told_at_ms
        return told_ms if told_ms is not None and told_ms == self.happened_at_ms else 0

    @property
    def counts_from_ms(self) -> int:
        """From when it counts in its thread: never from after its receipt.

        A clock that runs ahead must not hold the 24-hour window open, nor a thread on top.
        """
        return min(self.happened_at_ms, self.received_at_ms)


SOURCED_ENCODER = msgspec.json.Encoder()
SOURCED_DECODER = msgspec.json.Decoder(SourcedElement)
