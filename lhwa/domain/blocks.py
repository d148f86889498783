"""Blocks at Meta: whether a contact that the firm blocked can still write to it, and when Meta is asked again.

Source: WhatsApp Cloud API, block users.
"""

from __future__ import annotations

from enum import StrEnum

WRITTEN_MS_MAX = 86_400_000
"""Meta blocks only those who wrote within the last 24 hours."""
_FIRST_WAIT_MS = 60_000
_WAIT_MS_MAX = 6 * 3_600_000


class BlockState(StrEnum):
    """What is known of a block at Meta."""

    WAITING = "waiting"
    """Meta has not been told, or its answer was lost."""
    BLOCKED = "blocked"
    """Meta keeps the contact from writing to this number."""
    TOO_LATE = "too_late"
    """Meta did not do it, as the contact last wrote more than 24 hours before."""
    REFUSED = "refused"
    """Meta did not do it for another reason."""
    RELEASED = "released"
    """The firm let the contact write again, and Meta was told."""


def next_ask_ms(now_ms: int, *, asked_at_ms: int) -> int:
    """When Meta is asked again that gave no answer: later each time, as long again as somebody has waited so far."""
    return now_ms + max(_FIRST_WAIT_MS, min(now_ms - asked_at_ms, _WAIT_MS_MAX))
