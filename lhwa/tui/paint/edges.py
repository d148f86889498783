"""The lines at the edges of the screen: who and where, the queues with their counts, and the keys. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lhwa.services.inbox.counts import QueueCounts
from lhwa.tui.labels import Labels
from lhwa.tui.lines import Line, Span, counted, one_line
from lhwa.tui.paint.office import Eyes
from lhwa.tui.times import clock

QUEUES = ("inbox", "review", "approvals", "outbox", "alerts", "audit")


@dataclass(frozen=True, slots=True)
class Tab:
    """One queue at the top."""

    name: str
    label: str
    count: str = ""
    is_urgent: bool = False


def top_line(eyes: Eyes, *, firm: str, role: str, is_serving: bool, is_narrow: bool) -> tuple[Line, Line]:
    """Whose inbox it is, and whether anything arrives; who sits here, and the time."""
    who = one_line(f"{eyes.people.get(eyes.me, eyes.me)} ({role})")
    # What has to be known stands first, and where there is little room who sits here gives way to it.
    down = () if is_serving else (Span(f"⚠ {eyes.labels.daemon_down}  ", "bad"),)
    named = () if down and is_narrow else (Span(f"{who} ", "muted"),)
    left = (Span(" lhwa ", "accent"), *down, Span(one_line(firm), "strong"))
    return left, (*named, Span(f"{clock(eyes.now_ms, eyes.zone)} ", "muted"))


def tabs_of(labels: Labels, counts: QueueCounts | None, *, audit: str) -> Sequence[Tab]:
    """The queues with what waits in them; urgent where something went wrong.

    Args:
        audit: the mark of the log: sound so far, not sound, or empty while nobody has looked.
    """
    names = [getattr(labels, name) for name in QUEUES]
    if counts is None:
        return [Tab(name, label) for name, label in zip(QUEUES, names, strict=True)]
    trouble = counts.in_doubt + counts.failed
    shown = (
        (counts.inbox_unread, False),
        (counts.review, False),
        (counts.approvals, False),
        (trouble + counts.scheduled, trouble > 0),
        (counts.alerts, bool(counts.critical_alerts)),
    )
    tabs = [
        Tab(name, label, f"{counted(count)}{'!' if urgent else ''}" if count else "", is_urgent=urgent)
        for name, label, (count, urgent) in zip(QUEUES, names, shown, strict=False)
    ]
    return [*tabs, Tab("audit", labels.audit, audit, is_urgent=audit == "✗")]
