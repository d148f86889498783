"""Marks for states: a sign and a word, so that no colour is ever the only sign. Pure."""

from __future__ import annotations

from typing import NamedTuple

from lhwa.tui.lines import Role


class Mark(NamedTuple):
    """How a state looks."""

    sign: str
    word: str
    role: Role


OUTBOUND: dict[str, Mark] = {
    "draft": Mark("✎", "draft", "muted"),
    "pending_approval": Mark("⧗", "waits for approval", "warning"),
    "queued": Mark("◷", "queued", "muted"),
    "sending": Mark("→", "leaving", "muted"),
    "accepted": Mark("·", "accepted", "muted"),
    "sent": Mark("✓", "sent", "muted"),
    "delivered": Mark("✓✓", "delivered", "muted"),
    "read": Mark("✓✓", "read", "good"),
    "played": Mark("✓✓", "played", "good"),
    "failed": Mark("✗", "failed", "bad"),
    "in_doubt": Mark("?", "in doubt", "bad"),
    "cancelled": Mark("⊘", "cancelled", "muted"),
    "expired": Mark("⊘", "expired", "warning"),
}
INTAKE: dict[str, Mark] = {
    "new": Mark("○", "new", "muted"),
    "awaiting_consent": Mark("○", "awaiting consent", "muted"),
    "in_progress": Mark("◔", "in progress", "accent"),
    "submitted": Mark("●", "submitted", "warning"),
    "under_review": Mark("◑", "under review", "warning"),
    "needs_info": Mark("◔", "needs info", "accent"),
    "accepted": Mark("✓", "accepted", "good"),
    "declined": Mark("⊘", "declined", "muted"),
    "rejected": Mark("✗", "rejected", "muted"),
    "withdrawn": Mark("⊘", "withdrawn", "muted"),
    "expired": Mark("⊘", "expired", "muted"),
}
URGENCY: dict[str, Mark] = {
    "": Mark("", "", ""),
    "routine": Mark("", "", ""),
    "soon": Mark("!", "soon", "warning"),
    "urgent": Mark("!!", "urgent", "bad"),
    "emergency": Mark("!!!", "emergency", "bad"),
}
CONFLICTS: dict[str, Mark] = {
    "unchecked": Mark("?", "not checked", "warning"),
    "none": Mark("✓", "no hit", "good"),
    "outdated": Mark("?", "names have changed since", "warning"),
    "found": Mark("!", "hits to look at", "warning"),
    "cleared": Mark("✓", "cleared", "good"),
    "conflict": Mark("✗", "conflict", "bad"),
}
SEVERITY: dict[str, Mark] = {
    "info": Mark("i", "info", "muted"),
    "warning": Mark("!", "warning", "warning"),
    "critical": Mark("!!", "critical", "bad"),
}
_UNKNOWN: Role = ""


def mark_of(marks: dict[str, Mark], state: str | None) -> Mark:
    """How a state looks; one that this table does not know is shown by its own word."""
    if state is None:
        return Mark("", "", "")
    return marks.get(state) or Mark("", state.replace("_", " "), _UNKNOWN)
