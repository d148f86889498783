"""The lines at the edges of the screen: who and where, the queues with their counts, and the keys. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lhwa.services.inbox.counts import QueueCounts
from lhwa.tui.labels import Labels
from lhwa.tui.lines import Line, Span, one_line
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


def top_line(eyes: Eyes, *, firm: str, role: str, is_serving: bool) -> tuple[Line, Line]:
    """Whose inbox it is, and whether anything arrives; who sits here, and the time."""
    down = (Span(f" ⚠ {eyes.labels.daemon_down}", "bad"),) if not is_serving else ()
    who = one_line(f"{eyes.people.get(eyes.me, eyes.me)} ({role})")
    left = (Span(" lhwa ", "accent"), Span(one_line(firm), "strong"), *down)
    return left, (Span(f"{who} ", "muted"), Span(f"{clock(eyes.now_ms, eyes.zone)} ", "muted"))


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
        Tab(name, label, str(count) if count else "", is_urgent=urgent)
        for name, label, (count, urgent) in zip(QUEUES, names, shown, strict=False)
    ]
    return [*tabs, Tab("audit", labels.audit, audit, is_urgent=audit == "✗")]


def key_line(keys: Iterable[tuple[str, str]], labels: Labels, *, marked: int) -> Line:
    """What the keys do here.

    Args:
        keys: key and what it does.
        marked: how many things are marked.
    """
    spans = [Span(f" {labels.marked.format(marked)} ", "accent")] if marked > 1 else []
    for key, label in keys:
        spans += [Span(f" {key} ", "accent"), Span(f"{label} ", "muted")]
    return tuple(spans)
