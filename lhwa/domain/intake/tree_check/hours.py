"""Hours of silence: when a session reminds, and when it expires."""

from __future__ import annotations

from collections.abc import Iterator

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.intake.tree_check.flow import Flow

WINDOW_H = 24
"""After a client's last message free text may be sent for so long."""
EXPIRE_H_MAX = 90 * 24
"""Those who never became clients are not kept longer."""


def check(flow: Flow) -> Iterator[Finding]:
    """Both numbers of a tree."""
    remind_h, expire_h = flow.tree.remind_after_h, flow.tree.expire_after_h
    if remind_h < 1:
        yield error("remind-hours", "remind_after_h", "It would remind at once.", "Write at least 1.")
    elif remind_h >= WINDOW_H:
        what = "A reminder so late is outside the 24-hour window and needs an approved template."
        yield warning("remind-late", "remind_after_h", what, f"Write less than {WINDOW_H}.")
    if not remind_h < expire_h <= EXPIRE_H_MAX:
        what = "The session would expire before its reminder, or keep an unfinished intake too long."
        mend = f"Write more than `remind_after_h`, and at most {EXPIRE_H_MAX} (90 days)."
        yield error("expire-hours", "expire_after_h", what, mend)
