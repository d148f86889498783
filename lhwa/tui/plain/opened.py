"""What can be open in the line mode besides a conversation: one thing of a queue, or one audit record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from lhwa.services.audit.views import EntryView
from lhwa.services.intake.views import IntakeDetail
from lhwa.tui.acts import Subject
from lhwa.tui.desk import Desk
from lhwa.tui.plain.ears import Ears
from lhwa.tui.plain.spoken import subject_said
from lhwa.tui.plain.spoken_kinds import SpokenKind
from lhwa.tui.plain.spoken_pages import record_page


class Opened(Protocol):
    """Something that is open."""

    key: str

    def name(self, ears: Ears) -> str:
        """What it is called."""

    def read_aloud(self, ears: Ears) -> list[str]:
        """All of it, or its newest part."""

    def subjects(self) -> Sequence[Subject]:
        """What an act is about."""

    def about(self, ears: Ears) -> list[str]:
        """What there is to know about it, read anew."""

    def look_again(self) -> bool:
        """After an act: whether there is something to hear before somebody decides about it."""


class OpenItem:
    """One thing of a queue, as it was when it was read last: a decision is about what was heard."""

    def __init__(self, desk: Desk, item: Any, spoken: SpokenKind) -> None:
        self._desk, self._item, self._spoken = desk, item, spoken
        self.key = spoken.kind.key(item)
        self._brought = self._read(again=False)

    def _read(self, *, again: bool) -> Any:
        read = self._spoken.kind.read_detail
        return None if read is None else read(self._desk, self._item, again=again)

    @property
    def thread(self) -> str:
        """The conversation behind it; empty for none."""
        return self._spoken.kind.thread(self._item)

    def name(self, ears: Ears) -> str:
        """As an act names it."""
        return subject_said(self._spoken.kind.subject(self._item, self._brought), ears)

    def read_aloud(self, ears: Ears) -> list[str]:
        """All of it."""
        return self._spoken.page(self._item, self._brought, ears)

    def about(self, ears: Ears) -> list[str]:
        """All of it, read anew; that it was opened is on record."""
        self._brought = self._read(again=True)
        return self.read_aloud(ears)

    def subjects(self) -> Sequence[Subject]:
        """It."""
        return [self._spoken.kind.subject(self._item, self._brought)]

    def look_again(self) -> bool:
        """An act has made something else of an intake, and decisions about one are about what was heard."""
        return isinstance(self._brought, IntakeDetail)


class OpenRecord:
    """One audit record. Nothing can be done to it."""

    def __init__(self, record: EntryView, *, is_verified: bool) -> None:
        self._record, self._is_verified = record, is_verified
        self.key = str(record.seq)

    def name(self, ears: Ears) -> str:
        """Its number."""
        return ears.says.record.format(self.key)

    def read_aloud(self, ears: Ears) -> list[str]:
        """All of it."""
        return record_page(self._record, ears, is_verified=self._is_verified)

    def about(self, ears: Ears) -> list[str]:
        """The same: a record never changes."""
        return self.read_aloud(ears)

    def subjects(self) -> Sequence[Subject]:
        """Nothing."""
        return []

    def look_again(self) -> bool:
        """A record never changes."""
        return False
