"""The names of the personas. Light, because the command line reads them for its help."""

from __future__ import annotations

from enum import StrEnum


class PersonaName(StrEnum):
    """Which kind of client."""

    COOPERATIVE = "cooperative"
    """Agrees, answers everything, and ends when nothing is asked any more."""
    RAMBLING = "rambling"
    """Tells long stories in several messages, types instead of tapping, edits and deletes."""
    HOSTILE = "hostile"
    """Insults, attacks, and refuses, or consents and then floods."""
    SWITCHER = "switcher"
    """Changes the language in the middle, and back again."""
    DOCUMENTS_FIRST = "documents-first"
    """Sends three files before a word is said."""
    WITHDRAWER = "withdrawer"
    """Agrees, answers two questions, and takes the consent back."""
    LATE = "late"
    """Is silent for a week in the middle."""
