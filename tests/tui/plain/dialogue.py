"""Somebody at the line mode of a real home: what they type is a list, and what they hear is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lhwa.cli.commands.inbox import desk_of
from lhwa.cli.firm import open_firm
from lhwa.domain.access import Role
from lhwa.services.audit.views import EntryView, read_log
from lhwa.testing.builders import acting_as
from lhwa.tui.desk import Desk
from lhwa.tui.plain.loop import PlainInbox
from lhwa.tui.plain.voice import Known
from tests.tui.place import Place

LOCK_MINUTES = 15
AUDITOR_OF_FIRM = acting_as(Role.AUDITOR)


class CtrlC:
    """Pressed instead of an answer."""


Answer = str | type[CtrlC] | Callable[[], str]
"""What is typed; or what happens before it is."""


@dataclass
class FakeVoice:
    """Types what it was given, line by line, and keeps everything in the order in which it was heard."""

    answers: Sequence[Answer]
    is_person: bool = True
    events: list[tuple[str, str]] = field(default_factory=list)
    """Kind (`say`, `tell`, `ask`, `hidden`, `command`) and line."""
    known: Known = tuple
    forgets: int = 0
    _place: int = 0

    def _next(self, kind: str, question: str) -> str | None:
        self.events.append((kind, question))
        if self._place >= len(self.answers):
            return None
        answer = self.answers[self._place]
        self._place += 1
        if isinstance(answer, str):
            return answer
        if isinstance(answer, type):
            raise KeyboardInterrupt
        return answer()

    def command(self, prompt: str, known: Known) -> str | None:
        self.known = known
        return self._next("command", prompt)

    def ask(self, question: str) -> str | None:
        return self._next("ask", question)

    def ask_hidden(self, question: str) -> str | None:
        return self._next("hidden", question)

    def say(self, line: str) -> None:
        self.events.append(("say", line))

    def tell(self, line: str) -> None:
        self.events.append(("tell", line))

    def forget(self) -> None:
        self.forgets += 1

    def heard(self, *kinds: str) -> list[str]:
        return [line for kind, line in self.events if kind in (kinds or ("say", "tell"))]

    def after(self, typed: str) -> list[str]:
        """What was said and told between the first time that this was typed and the next command."""
        at = next(place for place, answer in enumerate(self.answers) if answer == typed)
        asked = [place for place, (kind, _) in enumerate(self.events) if kind in ("command", "ask", "hidden")]
        begin, end = asked[at], len(self.events)
        end = next((place for place in asked if place > begin and self.events[place][0] == "command"), end)
        return [line for kind, line in self.events[begin:end] if kind in ("say", "tell")]


@dataclass
class Sitting:
    """What came of a dialogue."""

    voice: FakeVoice
    went_well: bool
    desk: Desk
    records: list[EntryView]
    """What was put on record meanwhile."""

    @property
    def actions(self) -> list[str]:
        return [each.action for each in self.records]


@contextmanager
def desk_at(place: Place, operator: str) -> Iterator[Desk]:
    """Somebody's desk; its lines run as they would at their prompt."""
    session = place.session(operator)
    with place.time_stands(), open_firm(session) as firm:
        desk = desk_of(session, firm)
        in_inbox = desk.run_line

        def run_line(words: Sequence[str], *, typed: str = "") -> Any:
            with place.at_prompt_of(operator):
                return in_inbox(words, typed=typed)

        object.__setattr__(desk, "run_line", run_line)
        yield desk


def talk(
    place: Place,
    operator: str,
    *answers: Answer,
    language: str = "en",
    is_person: bool = True,
    monotonic_s: Callable[[], float] = lambda: 0.0,
    arrange: Callable[[Desk], None] = lambda _: None,
) -> Sitting:
    """Sit down, type all this, and leave at the end of it."""
    with desk_at(place, operator) as desk:
        arrange(desk)
        voice = FakeVoice(answers, is_person=is_person)
        inbox = PlainInbox(desk, voice, language=language, lock_minutes=LOCK_MINUTES, monotonic_s=monotonic_s)
        before = records_of(place)
        went_well = inbox.run()
        return Sitting(voice, went_well, desk, records_of(place)[len(before) :])


def records_of(place: Place) -> list[EntryView]:
    """The whole audit log."""
    with place.office() as office:
        return office.store.read(read_log, AUDITOR_OF_FIRM, start=0, rows_max=100_000)


def open_thread(name: str) -> tuple[str, str]:
    """The lines that open somebody's conversation."""
    return f'/from:"{name}"', "1"
