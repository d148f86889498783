"""The queues of the line mode, each read a stretch at a time: conversations, what waits for people, the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from lhwa.domain.access import Permission
from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.audit.following import Follower, verify_some
from lhwa.services.audit.views import read_log
from lhwa.services.inbox.counts import count_queues
from lhwa.services.inbox.filters import ThreadFilter, parse_filter
from lhwa.services.inbox.opening import open_list
from lhwa.services.inbox.queues import open_queue
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.services.inbox.threads import count_threads, read_threads, search_threads
from lhwa.tui.acts import Subject
from lhwa.tui.desk import Desk
from lhwa.tui.panes.subjects import subject_of_line
from lhwa.tui.plain.conversation import Conversation
from lhwa.tui.plain.ears import Ears
from lhwa.tui.plain.opened import Opened, OpenItem, OpenRecord
from lhwa.tui.plain.spoken import record_said, thread_said
from lhwa.tui.plain.spoken_kinds import SPOKEN_KINDS, SpokenKind

INBOX, AUDIT = "inbox", "audit"
QUEUES = (INBOX, *SPOKEN_KINDS, AUDIT)
SCAN_MAX, VERIFY_ROWS = 200, 500
"""Looked at in one transaction: others get their turn at the file in between."""


class Stretch(NamedTuple):
    """Some of what is in a queue."""

    items: Sequence[Any]
    total: int
    """How many there are, or as many as were looked for."""


class QueueSource(Protocol):
    """A queue."""

    name: str

    def enter(self) -> None:
        """Put on record that somebody looks."""

    def narrow(self, written: str) -> None:
        """Only what fits from here on; all of it with nothing. Raises: UsageError."""

    def stretch(self, start: int, rows_max: int, ears: Ears) -> Stretch:
        """What is there from one on, counted from 0."""

    def said(self, item: Any, ears: Ears) -> list[str]:
        """One of them as a row."""

    def subject(self, item: Any) -> Subject | None:
        """What an act on one of them is about; None where nothing can be done to it."""

    def open(self, item: Any) -> Opened:
        """Open one; that goes on record."""

    def empty(self, ears: Ears) -> str:
        """What to say when there is nothing."""

    def head(self, ears: Ears) -> list[str]:
        """What to say before the rows."""


class Threads:
    """Conversations, newest first."""

    name = INBOX

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._wanted = ThreadFilter()

    def enter(self) -> None:
        """Somebody looks at the list."""
        self._desk.note(open_list)

    def narrow(self, written: str) -> None:
        """By the words of the filter line."""
        self._wanted = parse_filter(written)

    def stretch(self, start: int, rows_max: int, ears: Ears) -> Stretch:  # noqa: ARG002 -- as every queue
        """Some conversations."""
        if not self._wanted.reads_content:
            items = self._desk.read(read_threads, self._wanted, start=start, rows_max=rows_max)
            return Stretch(items, self._desk.read(count_threads, self._wanted))
        found: list[ThreadLine] = []
        at: int | None = 0
        while at is not None and len(found) <= start + rows_max:
            hits, at = self._desk.read(search_threads, self._wanted, start=at, scan_max=SCAN_MAX)
            found += hits
        return Stretch(found[start : start + rows_max], len(found))

    def unread_beside(self, opened: str, before_ms: int | None) -> ThreadLine | None:
        """The next unread conversation after the open one, then from the newest on.

        Args:
            opened: its id; empty for none.
            before_ms: when its newest message came.
        """
        found, start = None, 0
        while page := self._desk.read(read_threads, ThreadFilter(unread=True), start=start, rows_max=SCAN_MAX):
            for line in page:
                if line.id == opened:
                    continue
                if before_ms is None or line.last_message_at_ms <= before_ms:
                    return line
                found = found or line
            start += SCAN_MAX
        return found

    def said(self, item: ThreadLine, ears: Ears) -> list[str]:
        """One conversation."""
        return thread_said(item, ears)

    def subject(self, item: ThreadLine) -> Subject:
        """One conversation that is not open: nobody has heard how its intake stands."""
        return subject_of_line(item, newest_message="", seen=None)

    def open(self, item: ThreadLine) -> Conversation:
        """Open one."""
        return Conversation(self._desk, item.id)

    def empty(self, ears: Ears) -> str:
        """Nothing there, or nothing that fits."""
        return ears.labels.no_threads if self._wanted == ThreadFilter() else ears.says.no_hits

    def head(self, ears: Ears) -> list[str]:  # noqa: ARG002 -- as every queue
        """Nothing."""
        return []


class Waiting:
    """What waits for people."""

    def __init__(self, desk: Desk, spoken: SpokenKind) -> None:
        self._desk, self._spoken = desk, spoken
        self.name = spoken.kind.name
        self._words: tuple[str, ...] = ()

    def enter(self) -> None:
        """Somebody looks at this queue."""
        for each in self._spoken.kind.queues:
            self._desk.note(open_queue, each)

    def narrow(self, written: str) -> None:
        """By words that stand in what is said of a thing."""
        self._words = tuple(written.lower().split())

    def stretch(self, start: int, rows_max: int, ears: Ears) -> Stretch:
        """Some of them."""
        everything = [each for each in self._spoken.kind.read(self._desk) if self._fits(each, ears)]
        return Stretch(everything[start : start + rows_max], len(everything))

    def _fits(self, item: Any, ears: Ears) -> bool:
        said = " ".join(self.said(item, ears)).lower() if self._words else ""
        return all(word in said for word in self._words)

    def said(self, item: Any, ears: Ears) -> list[str]:
        """One of them."""
        return self._spoken.row(item, ears)

    def subject(self, item: Any) -> Subject:
        """One of them that is not open."""
        return self._spoken.kind.subject(item, None)

    def open(self, item: Any) -> OpenItem:
        """Open one."""
        return OpenItem(self._desk, item, self._spoken)

    def empty(self, ears: Ears) -> str:
        """Nothing there, or nothing that fits."""
        return ears.says.no_hits if self._words else self._spoken.kind.empty(ears.eyes)

    def head(self, ears: Ears) -> list[str]:  # noqa: ARG002 -- as every queue
        """Nothing."""
        return []


class AuditLog:
    """Audit records, newest first, each with whether it has been verified."""

    name = AUDIT

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._following = Follower()

    def enter(self) -> None:
        """Records hold no content, so nobody records that they are read. Raises: NotAllowedError for other roles."""
        if not self._desk.may(Permission.READ_AUDIT):
            raise NotAllowedError("Your role does not see the audit log.")

    def narrow(self, written: str) -> None:
        """A log is not narrowed down here."""
        if written:
            raise UsageError("The audit log has no filter here.", hint="Type: audit log --help")

    def stretch(self, start: int, rows_max: int, ears: Ears) -> Stretch:  # noqa: ARG002 -- as every queue
        """Some records, with the log verified as far as it goes now."""
        self._verify()
        size = self._desk.read(count_queues).audit_entries or 0
        end = max(size - start, 0)
        begin = max(end - rows_max, 0)
        return Stretch(self._desk.read(read_log, start=begin, rows_max=end - begin)[::-1] if end else [], size)

    def _verify(self) -> None:
        """From where it was left. Who presses Ctrl-C during a long log hears how far it went."""
        try:
            while True:
                self._following = self._desk.read(verify_some, self._following, rows_max=VERIFY_ROWS)
                if self._following.is_caught_up or not self._following.ok:
                    return
        except KeyboardInterrupt:
            return

    def said(self, item: Any, ears: Ears) -> list[str]:
        """One record."""
        return record_said(item, ears, is_verified=self._is_verified(item))

    def _is_verified(self, item: Any) -> bool:
        return self._following.ok and item.seq < self._following.verified_to

    def subject(self, item: Any) -> None:
        """Nothing can be done to a record."""

    def open(self, item: Any) -> OpenRecord:
        """One record in full."""
        return OpenRecord(item, is_verified=self._is_verified(item))

    def empty(self, ears: Ears) -> str:
        """Nothing there."""
        return ears.labels.no_entries

    def head(self, ears: Ears) -> list[str]:
        """How far the log has been verified."""
        state, labels = self._following, ears.labels
        if not state.ok:
            return [f"{labels.not_verified.format(state.first_bad)}: {state.reason}"]
        if state.is_caught_up:
            return [labels.verified.format(state.verified_to)]
        return [labels.verifying.format(state.verified_to, state.written)]


def queues_of(desk: Desk) -> dict[str, QueueSource]:
    """Every queue by its name."""
    kinds = {name: Waiting(desk, spoken) for name, spoken in SPOKEN_KINDS.items()}
    return {INBOX: Threads(desk), **kinds, AUDIT: AuditLog(desk)}
