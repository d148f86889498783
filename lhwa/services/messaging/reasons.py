"""The reason that a person gives for a decision: what goes into the audit log for good."""

from __future__ import annotations

from lhwa.domain.text import safe_text
from lhwa.errors import UsageError

REASON_CHARS_MAX = 300


def checked_reason(reason: str) -> str:
    """The reason without blanks around it. Raises: UsageError for one that is empty, too long, or no plain line."""
    why = reason.strip()
    if not why or len(why) > REASON_CHARS_MAX or safe_text(why, newlines=False) != why:
        raise UsageError(
            f"A decision needs a reason: one line of 1 to {REASON_CHARS_MAX} printable characters.",
            hint="Give --reason TEXT; it goes into the audit log.",
        )
    return why
