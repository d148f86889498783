"""The application: one desk, two themes, two languages, and the lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from textual import events
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from lhwa.domain.access import Permission
from lhwa.domain.text import safe_text
from lhwa.errors import UnavailableError
from lhwa.tui.desk import Desk
from lhwa.tui.helping import action_word
from lhwa.tui.idle import idle_clock_s
from lhwa.tui.keys import require_known
from lhwa.tui.labels import LANGUAGES
from lhwa.tui.paint.edges import QUEUES
from lhwa.tui.paint.office import Eyes
from lhwa.tui.panes.open_thread import OpenThread
from lhwa.tui.screens.lock import LockScreen
from lhwa.tui.screens.main import Main
from lhwa.tui.screens.typed import Typed
from lhwa.tui.themes import THEMES
from lhwa.tui.typing_ahead import TypingAhead
from lhwa.tui.widgets.composer import Composer


class InboxApp(TypingAhead):
    """The inbox of one person in one firm.

    Args:
        lock_minutes: idle time after which the screen locks.
        keymap: action id -> keys, over the defaults.
    """

    CSS_PATH = "inbox.tcss"
    TITLE = "lhwa"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", "Quit", id="app.quit", priority=True)]

    def __init__(
        self, desk: Desk, *, language: str, theme: str, lock_minutes: int, keymap: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        require_known(keymap or {}, Main.known_actions())
        for each in THEMES.values():
            self.register_theme(each)
        self.theme = THEMES[theme].name
        self._desk = desk
        self._language = language
        self._lock_s = lock_minutes * 60
        self._touched_s = idle_clock_s()
        self._main = Main(desk, self._eyes(), language=language, keymap=keymap or {})

    def _fatal_error(self) -> None:
        """Textual would print the values of all variables, and some of them are what clients wrote."""
        with suppress(Exception):  # the defect may lie there
            self._go_away()
        self._close_messages_no_wait()

    def panic(self, *_shown: object) -> None:
        """Textual ends like this, and with a traceback, where it cannot read the terminal any more."""
        self._exception = self._exception or UnavailableError(
            "The terminal cannot be read any more.", hint="What you typed is kept. Open the inbox again."
        )
        with suppress(Exception):
            self._go_away()
        self._close_messages_no_wait()

    @property
    def failure(self) -> Exception | None:
        """The defect that ended the inbox, if one did."""
        return self._exception

    def _eyes(self) -> Eyes:
        desk = self._desk
        return Eyes(
            labels=LANGUAGES[self._language],
            zone=desk.zone,
            me=str(desk.principal.operator),
            people=desk.people,
            sees_content=desk.may(Permission.READ_CONTENT),
        )

    def on_mount(self) -> None:
        """The inbox itself, and the watch over the keyboard."""
        self.push_screen(self._main)
        self.set_interval(min(5.0, self._lock_s / 4), self._watch_idle)

    async def on_event(self, event: events.Event) -> None:
        """Every key and every move of the mouse begins the idle time anew; what is pasted is text and nothing else."""
        if isinstance(event, (events.Key, events.MouseEvent, events.Paste)):
            self._touched_s = idle_clock_s()
        if isinstance(event, events.Paste):
            # Boxes in which people type paint their text as it is, and textual's own do so, too.
            event.text = safe_text(event.text)
        await super().on_event(event)

    def on_resize(self, event: events.Resize) -> None:
        """What lies below a dialog gets the new width, too: textual tells the topmost screen alone."""
        if self._main.is_attached and self.screen is not self._main:
            self._main.post_message(events.Resize(event.size, event.virtual_size))

    @property
    def opens_field(self) -> bool:
        """A dialog in which somebody types, or the composer, is about to take the keys."""
        screen = self.screen
        if isinstance(screen, Typed):
            return screen.focused is None or screen.is_preparing
        return any(composer.is_opening for composer in screen.query(Composer))

    def _watch_idle(self) -> None:
        if idle_clock_s() - self._touched_s >= self._lock_s:
            self.lock(idle_minutes=self._lock_s // 60)
        if self.is_locked:
            self._let_go_of_closed()

    def _let_go_of_closed(self) -> None:
        """Textual keeps a closed box in which somebody typed until the theme changes, to tell it of that."""
        for watching in getattr(self, "__watchers", {}).values():
            watching[:] = [each for each in watching if each[0].is_attached]

    @property
    def is_locked(self) -> bool:
        """True while the lock lies over everything."""
        return any(isinstance(screen, LockScreen) for screen in self.screen_stack)

    def push_screen(self, screen: Any, *args: Any, **kwargs: Any) -> Any:
        """Show a screen over the others; over the lock none, such as the answer of a line that ran until now."""
        return None if self.is_locked else super().push_screen(screen, *args, **kwargs)

    def notify(self, *args: Any, **kwargs: Any) -> None:
        """Say something in passing; while the inbox is locked nothing is said."""
        if not self.is_locked:
            super().notify(*args, **kwargs)

    def lock(self, *, idle_minutes: int) -> None:
        """Let go of everything that was shown, close what lay over it, and wait for the one who sat here."""
        if self.is_locked:
            return
        while self.screen is not self._main:
            self.pop_screen()
        self.clear_notifications()
        self._clipboard = ""
        self._main.forget()
        screen = LockScreen(
            LANGUAGES[self._language], self._desk.unlock, needs_token=self._desk.needs_token, idle_minutes=idle_minutes
        )
        self.push_screen(screen, self._unlocked)

    def _unlocked(self, _nothing: None) -> None:
        self._touched_s = idle_clock_s()
        self._main.come_back()

    def change_theme(self) -> None:
        """Light or dark."""
        names = [each.name for each in THEMES.values()]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def change_language(self) -> None:
        """The other language."""
        names = list(LANGUAGES)
        self._language = names[(names.index(self._language) + 1) % len(names)]
        self._main.wear(self._eyes(), self._language)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers: the acts of here and now, and where to go."""
        if screen is not self._main:
            return
        main = self._main
        for act in main.offer().acts:
            yield SystemCommand(act.label(self._language), "", lambda name=act.id: main.action_act(name))
        labels = LANGUAGES[self._language]
        for name in QUEUES:
            yield SystemCommand(getattr(labels, name), labels.go_to, lambda name=name: main.action_go(name))
        yield SystemCommand(labels.language, "", self.change_language)
        yield SystemCommand(action_word("theme", "Light or dark", self._language), "", self.change_theme)
        yield SystemCommand(labels.help, "", main.action_help)
        yield SystemCommand(labels.locked, "", lambda: self.lock(idle_minutes=0))

    async def action_quit(self) -> None:
        """End; what was typed is kept."""
        self.exit()

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """End; the draft is kept while what was typed is still there, and this person is nowhere from now on."""
        self._go_away()
        super().exit(*args, **kwargs)

    def _go_away(self) -> None:
        for opened in self._main.query(OpenThread):
            opened.go_away()
