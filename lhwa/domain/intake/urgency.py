"""How urgent an intake is."""

from __future__ import annotations

from enum import IntEnum


class Urgency(IntEnum):
    """A floor; rules and people may raise it."""

    ROUTINE = 0
    SOON = 1
    URGENT = 2
    EMERGENCY = 3
