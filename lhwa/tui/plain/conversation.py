"""An open conversation in the line mode: its messages with numbers, and what is known beside it."""

from __future__ import annotations

from collections.abc import Sequence

from lhwa.errors import NotAllowedError, UsageError
from lhwa.services.inbox.context import ThreadContext, read_context
from lhwa.services.inbox.opening import open_thread
from lhwa.services.inbox.pages import Entry, ThreadPage, read_page
from lhwa.services.inbox.thread_lines import ThreadLine
from lhwa.services.inbox.threads import thread_line
from lhwa.tui.acts import Subject
from lhwa.tui.desk import Desk
from lhwa.tui.panes.subjects import subject_of_entry, subject_of_line
from lhwa.tui.plain.ears import Ears
from lhwa.tui.plain.spoken import others_there, thread_name, thread_said
from lhwa.tui.plain.spoken_entries import entries_said, entry_said
from lhwa.tui.plain.spoken_pages import context_said

ENTRIES_PAGE = 20


class Conversation:
    """An open conversation. To open one is on record before anything of it is read."""

    def __init__(self, desk: Desk, conversation: str) -> None:
        self._desk = desk
        desk.note(open_thread, conversation)
        line = desk.read(thread_line, conversation)
        if line is None:
            raise NotAllowedError("There is no such conversation.")
        self.line: ThreadLine = line
        self.context: ThreadContext = desk.read(read_context, conversation)
        self._heard = self.context.seen
        self._page: ThreadPage = desk.read(read_page, conversation, rows_max=ENTRIES_PAGE)
        self._entry: Entry | None = None
        self.key = line.id

    def name(self, ears: Ears) -> str:
        """Whom it is with."""
        return thread_name(self.line, ears)

    def read_aloud(self, ears: Ears) -> list[str]:
        """How it stands, and its newest messages."""
        return [thread_said(self.line, ears)[0], *self.page_said(ears)]

    def page_said(self, ears: Ears) -> list[str]:
        """The messages that numbers choose from now."""
        older = [ears.says.has_older] if self._page.has_older else []
        return [*entries_said(self._page.entries, ears), *older]

    def older(self, ears: Ears) -> list[str]:
        """The page before."""
        return self._turn(ears, is_older=True)

    def newer(self, ears: Ears) -> list[str]:
        """The page after."""
        return self._turn(ears, is_older=False)

    def _turn(self, ears: Ears, *, is_older: bool) -> list[str]:
        entries, page = self._page.entries, None
        if entries and is_older:
            page = self._desk.read(read_page, self.key, before=entries[0].cursor, rows_max=ENTRIES_PAGE)
        elif entries:
            page = self._desk.read(read_page, self.key, after=entries[-1].cursor, rows_max=ENTRIES_PAGE)
        if page is None or not page.entries:
            return [ears.labels.none]
        self._page, self._entry = page, None
        return self.page_said(ears)

    def newest(self, ears: Ears) -> list[str]:
        """The newest page, read anew."""
        self._page, self._entry = self._desk.read(read_page, self.key, rows_max=ENTRIES_PAGE), None
        return self.page_said(ears)

    def count_newer(self) -> int:
        """How many of the newest entries others have made since they were read. A late one may stand between others."""
        if self._page.has_newer:
            return 0  # they are not new: an older page is being read
        read = {each.key for each in self._page.entries}
        newest = self._desk.read(read_page, self.key, rows_max=ENTRIES_PAGE).entries
        me = self._desk.principal.operator
        return sum(each.key not in read and each.author != me for each in newest)

    def entry(self, number: int) -> Entry:
        """A message by its number. Raises: UsageError."""
        if not 1 <= number <= len(self._page.entries):
            raise UsageError("There is no message with this number.", hint="messages reads them again.")
        return self._page.entries[number - 1]

    def point(self, number: int, ears: Ears) -> list[str]:
        """Make acts about one message, and read it again."""
        self._entry = self.entry(number)
        return entry_said(number, self._entry, ears)

    def point_at_all(self) -> None:
        """Make acts about the whole conversation again."""
        self._entry = None

    @property
    def entry_meant(self) -> Entry | None:
        """The message that acts are about."""
        return self._entry

    def about(self, ears: Ears) -> list[str]:
        """What is known beside it, read anew."""
        self.look_again()
        self._heard = self.context.seen
        return context_said(self.context, ears)

    def others(self, ears: Ears) -> list[str]:
        """Who else is here."""
        return others_there(self.line, ears)

    def subjects(self) -> Sequence[Subject]:
        """The conversation, or the message in it."""
        subject = self._subject()
        return [subject if self._entry is None else subject_of_entry(subject, self._entry)]

    def subject_of(self, number: int) -> Subject:
        """A message by its number, for one act."""
        return subject_of_entry(self._subject(), self.entry(number))

    def _subject(self) -> Subject:
        newest = next((each.id for each in reversed(self._page.entries) if each.kind == "client"), "")
        return subject_of_line(self.line, newest_message=newest, seen=self._heard)

    def look_again(self) -> bool:
        """How it stands after an act. The numbers of the messages stay those that were read, and so does what a
        decision is about.
        """
        self.line = self._desk.read(thread_line, self.key) or self.line
        self.context = self._desk.read(read_context, self.key)
        return self.context.seen != self._heard
