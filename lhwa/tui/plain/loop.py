"""The line mode: a prompt that says where one is, short words, and every answer as lines that can be read aloud.

Invariants: what is read is on stdout and everything else on stderr; after the lock nothing more is read to anybody
until the one who sat here proves it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lhwa.domain.access import Permission
from lhwa.errors import LhwaError, UsageError
from lhwa.tui.desk import Desk
from lhwa.tui.idle import idle_clock_s
from lhwa.tui.labels import LANGUAGES
from lhwa.tui.paint.office import Eyes
from lhwa.tui.plain.acting import Acting
from lhwa.tui.plain.asking import GivenUpError
from lhwa.tui.plain.ears import Ears
from lhwa.tui.plain.listing import Listing
from lhwa.tui.plain.news import News
from lhwa.tui.plain.presence import Presence
from lhwa.tui.plain.queues import INBOX
from lhwa.tui.plain.vocabulary import ALIASES
from lhwa.tui.plain.voice import IdleError, Voice, Watched
from lhwa.tui.plain.words import Words


class PlainInbox:
    """One person at a prompt, or a script.

    Args:
        lock_minutes: idle time after which the next line needs a proof of who types it.
        monotonic_s: seconds of a clock that never goes back, and goes on while the machine sleeps.
    """

    def __init__(
        self,
        desk: Desk,
        voice: Voice,
        *,
        language: str,
        lock_minutes: int,
        monotonic_s: Callable[[], float] = idle_clock_s,
    ) -> None:
        self._desk, self._lock_minutes = desk, lock_minutes
        self._voice = Watched(voice, idle_s=lock_minutes * 60, monotonic_s=monotonic_s)
        self._presence = Presence(desk)
        self._listing = Listing(desk, ears_of(desk, language).at(desk.now_ms))
        self._acting = Acting(desk, self._voice, self._listing, presence=self._presence)
        self._news = News(desk)
        self._words = Words(desk, self._voice, self._listing, self._acting, self._news)
        self._wants_to_leave = False
        self._failures = 0

    def run(self) -> bool:
        """Until `quit` or the end of the input. Returns whether everything that was asked for happened."""
        with self._presence:
            self._begin()
            while self._turn():
                pass
        return not self.failures

    def _begin(self) -> None:
        ears, me = self._ears, str(self._desk.principal.operator)
        name = f"{self._desk.people.get(me, me)} ({self._desk.principal.role.value})"
        self._say_all([ears.says.welcome.format(f"lhwa, {self._desk.firm}", name)])
        self._say_all(self._news.counted(ears))
        self._guarded(lambda: self._say_all(self._listing.go(INBOX)))
        self._tell_all(self._news.since(ears, None))

    @property
    def _ears(self) -> Ears:
        return self._listing.ears

    # -- turns -----------------------------------------------------------------------------------------------------

    def _turn(self) -> bool:
        """One line of somebody's; False when it was the last one."""
        self._presence.be_at(self._listing.conversation.key if self._listing.conversation else "")
        try:
            text = self._voice.command(f"{self._listing.where()}> ", self._words.known)
        except KeyboardInterrupt:
            return self._interrupted()
        except IdleError:
            return self._lock(idle_minutes=self._lock_minutes, is_dropped=True)
        except UsageError as error:
            self._complain(error)
            return True
        if text is None:
            return False
        self._wants_to_leave = False
        return self._heard(text)

    def _interrupted(self) -> bool:
        """Ctrl-C at the prompt: the second one leaves."""
        if not self._voice.is_person:
            raise KeyboardInterrupt
        leaves, self._wants_to_leave = self._wants_to_leave, True
        if not leaves:
            self._tell_all([self._ears.says.how_to_leave])
        return not leaves

    def _heard(self, text: str) -> bool:
        name = ALIASES.get(text.strip(), text.strip())
        if name == "quit":
            return False
        if not self._desk.is_welcome():
            self._listing.forget()
            self._tell_all([self._ears.says.not_welcome])
            self._failures += 1
            return False
        self._listing.ears = self._ears.at(self._desk.now_ms)
        if name == "lock":
            return self._lock(idle_minutes=0, is_dropped=False)
        before = self.failures
        try:
            self._guarded(lambda: self._words.do(text))
        except IdleError:
            return self._lock(idle_minutes=self._lock_minutes, is_dropped=True)
        self._guarded(lambda: self._tell_all(self._news.since(self._ears, self._listing.conversation)))
        return self.failures == before or self._goes_on_without(text)

    def _goes_on_without(self, text: str) -> bool:
        """A script ends where a line failed that asks for something: its answers would be done as lines."""
        if self._voice.is_person or not self._words.asks(text):
            return True
        self._tell_all([self._ears.says.stopped])
        return False

    @property
    def failures(self) -> int:
        """How often something that was asked for did not happen."""
        return self._failures + self._acting.failures

    def _guarded(self, do: Callable[[], None]) -> None:
        """Do something; what goes wrong for a reason that a person can act on is said and ends nothing."""
        try:
            do()
        except LhwaError as error:
            self._complain(error)
        except GivenUpError:
            self._failures += 1
            self._tell_all([self._ears.says.given_up])
        except KeyboardInterrupt:
            if not self._voice.is_person:
                raise
            self._tell_all(["", self._ears.says.given_up])

    def _complain(self, error: LhwaError) -> None:
        self._failures += 1
        self._tell_all([f"error: {error.message}", *([f"hint: {error.hint}"] if error.hint else [])])

    # -- the lock --------------------------------------------------------------------------------------------------

    def _lock(self, *, idle_minutes: int, is_dropped: bool) -> bool:
        """Let go of what was read, and wait for the one who sat here; False when they leave.

        Args:
            is_dropped: something was typed that is not done, since nobody knows who typed it.
        """
        labels, says, queue = self._ears.labels, self._ears.says, self._listing.queue.name
        self._listing.forget()
        self._voice.forget()
        self._acting.forget()
        self._presence.be_at("")
        idle = [labels.idle_note.format(idle_minutes)] if idle_minutes else []
        needs_token = self._desk.needs_token
        self._tell_all([f"{labels.locked}.", *idle, labels.unlock_typed if needs_token else labels.unlock_entered])
        while True:
            try:
                asked = self._voice.ask_hidden(f"{says.secret if needs_token else says.enter}: ")
            except KeyboardInterrupt:
                asked = None
            if asked is None or asked.strip().lower() == "q":
                return False
            if self._desk.unlock(asked.strip()):
                break
            self._tell_all([labels.unlock_refused])
            if not self._voice.is_person:
                self._failures += 1
                return False
        self._tell_all([says.say_again if is_dropped else says.unlocked])
        self._failures += is_dropped and not self._voice.is_person
        self._listing.ears = self._ears.at(self._desk.now_ms)
        self._guarded(lambda: self._say_all(self._listing.go(queue)))
        return True

    def _say_all(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._voice.say(line)

    def _tell_all(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._voice.tell(line)


def ears_of(desk: Desk, language: str) -> Ears:
    """The ears of the one who sits at a desk."""
    return Ears(
        Eyes(
            labels=LANGUAGES[language],
            zone=desk.zone,
            me=str(desk.principal.operator),
            people=desk.people,
            sees_content=desk.may(Permission.READ_CONTENT),
        )
    )
