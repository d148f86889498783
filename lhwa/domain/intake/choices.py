"""What people choose among when they look at an intake. Light, because the command line reads it for its help."""

from __future__ import annotations

from enum import StrEnum


class PartyRole(StrEnum):
    """Who a named party is in the matter; the conflict check looks at all of them."""

    CLIENT = "client"
    OPPONENT = "opponent"
    RELATED = "related"


class ConflictDecision(StrEnum):
    """What a lawyer makes of the hits of a check."""

    NO_CONFLICT = "no_conflict"
    """Nothing in it."""
    WAIVED = "waived"
    """Something in it, and everybody whom it touches agreed."""
    CONFLICT = "conflict"
    """The firm must not act."""


class RejectionCode(StrEnum):
    """Why a firm does not take a matter."""

    CONFLICT = "conflict"
    OUTSIDE_PRACTICE = "outside_practice"
    NO_CAPACITY = "no_capacity"
    NO_LEGAL_MATTER = "no_legal_matter"
    NOT_REACHED = "not_reached"
    OTHER = "other"
