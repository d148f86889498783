"""The queues beside the inbox as they are read aloud: the same table as on the screen, with words for its paintings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from lhwa.tui.panes.kinds import KINDS
from lhwa.tui.panes.queue import QueueKind
from lhwa.tui.plain import spoken, spoken_pages
from lhwa.tui.plain.ears import Ears


class SpokenKind(NamedTuple):
    """One queue."""

    kind: QueueKind
    row: Callable[[Any, Ears], list[str]]
    page: Callable[[Any, Any, Ears], list[str]]


_SAID: dict[str, tuple[Callable[[Any, Ears], list[str]], Callable[[Any, Any, Ears], list[str]]]] = {
    "review": (spoken.intake_said, spoken_pages.review_page),
    "approvals": (spoken.waiting_said, spoken_pages.waiting_page),
    "outbox": (spoken.outbound_said, spoken_pages.outbound_page),
    "alerts": (spoken.alert_said, spoken_pages.alert_page),
}
SPOKEN_KINDS: dict[str, SpokenKind] = {kind.name: SpokenKind(kind, *_SAID[kind.name]) for kind in KINDS}
