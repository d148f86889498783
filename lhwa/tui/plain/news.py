"""What the line mode says by itself: how much waits, and what has changed since it was said last."""

from __future__ import annotations

from lhwa.services.inbox.counts import QueueCounts, count_queues
from lhwa.tui.desk import Desk
from lhwa.tui.plain.conversation import Conversation
from lhwa.tui.plain.ears import Ears


class News:
    """What one person has been told."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: QueueCounts | None = None
        self._was_serving = True
        self._newer = ("", 0)

    def counted(self, ears: Ears) -> list[str]:
        """Every queue with how much is in it."""
        self._told = self._desk.read(count_queues)
        return [", ".join(f"{name} {count}" for name, count in _pairs(self._told, ears).items())]

    def since(self, ears: Ears, here: Conversation | None) -> list[str]:
        """What has changed; nothing when nothing did. That the daemon is down is said once."""
        return [*self._daemon(ears), *self._changed(ears), *self._here(ears, here)]

    def _daemon(self, ears: Ears) -> list[str]:
        is_serving, was_serving = self._desk.is_serving(), self._was_serving
        self._was_serving = is_serving
        if is_serving == was_serving:
            return []
        return [ears.says.serving_again if is_serving else ears.labels.daemon_down]

    def _changed(self, ears: Ears) -> list[str]:
        """Of the queues, those that have grown: what somebody did away with themselves is no news."""
        before, self._told = self._told, self._desk.read(count_queues)
        if before is None:
            return []
        was, now = _pairs(before, ears), _pairs(self._told, ears)
        grown = [f"{name} {count}" for name, count in now.items() if count > was[name]]
        return [", ".join(grown)] if grown else []

    def _here(self, ears: Ears, here: Conversation | None) -> list[str]:
        newer = ("", 0) if here is None else (here.key, here.count_newer())
        before, self._newer = self._newer, newer
        return [ears.says.new_here.format(newer[1])] if newer[1] and newer != before else []


def _pairs(counts: QueueCounts, ears: Ears) -> dict[str, int]:
    labels = ears.labels
    return {
        ears.says.inbox_unread.format(labels.inbox): counts.inbox_unread,
        labels.review: counts.review,
        labels.approvals: counts.approvals,
        labels.outbox: counts.in_doubt + counts.failed + counts.scheduled,
        labels.alerts: counts.alerts,
    }
