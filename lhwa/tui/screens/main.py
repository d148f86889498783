"""The inbox: the queues, the acts on what the cursor is on, and the one place in which `lhwa` lines run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.widgets import ContentSwitcher

from lhwa.errors import LhwaError, UsageError
from lhwa.services.inbox.counts import QueueCounts, count_queues
from lhwa.services.inbox.filters import FILTER_WORDS
from lhwa.tui.act_table import ACTS, BY_ID
from lhwa.tui.desk import Desk
from lhwa.tui.helping import action_word, help_lines, key_bar
from lhwa.tui.keys import ids_of, rebind
from lhwa.tui.lines import Span, one_line
from lhwa.tui.paint.edges import tabs_of, top_line
from lhwa.tui.paint.office import Eyes
from lhwa.tui.panes.audit import AuditPane
from lhwa.tui.panes.kinds import KINDS
from lhwa.tui.panes.pane import Pane
from lhwa.tui.panes.queue import QueuePane
from lhwa.tui.panes.threads import Threads
from lhwa.tui.panes.writer import Writer
from lhwa.tui.screens.acting import Acting
from lhwa.tui.screens.command_line import CommandLine
from lhwa.tui.screens.overlays import Jump, Page
from lhwa.tui.widgets.command_log import CommandLog
from lhwa.tui.widgets.composer import Composer
from lhwa.tui.widgets.lines_view import LinesView
from lhwa.tui.widgets.one_liners import OneLine, Tabs
from lhwa.tui.widgets.rows import Rows
from lhwa.tui.widgets.thread_view import ThreadView

LOOK_S = 0.25
"""How often somebody looks whether the firm's file has changed; what others did is seen within a second."""
TICK_S = 10.0
"""How often countdowns go on."""
BEAT_S = 5.0
"""How often others are told that somebody is here."""
WELCOME_S = 20.0
"""How often it is asked whether the one who sits here still has their role."""
OTHERS_S = 0.2
"""After this the queues that are not on the screen are made."""
JUMPS = {"i": "inbox", "r": "review", "a": "approvals", "o": "outbox", "l": "alerts", "u": "audit", "g": "top"}


class Main(Acting):
    """Everything but what lies over it for a moment."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- textual declares it for instances
        (0, "-narrow"),
        (100, "-middle"),
        (140, "-wide"),
        (190, "-widest"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reply", "Reply", id="reply", show=False),
        Binding("t", "template", "Reply with a template", id="template", show=False),
        Binding("colon", "command", "Command", id="command", show=False),
        Binding("question_mark", "help", "Help", id="help", show=False),
        Binding("g", "jump", "Go to", id="jump", show=False),
        Binding("escape", "back", "Back", id="back", show=False),
        Binding("l", "log", "Show the commands", id="log", show=False),
        Binding("L", "language", "Language", id="language", show=False),
        Binding("T", "theme", "Light or dark", id="theme", show=False),
        Binding("ctrl+z", "lock", "Lock", id="lock", show=False),
        Binding("1", "go('inbox')", "Inbox", id="go.inbox", show=False),
        Binding("2", "go('review')", "Intake review", id="go.review", show=False),
        Binding("3", "go('approvals')", "Approvals", id="go.approvals", show=False),
        Binding("4", "go('outbox')", "Outbox", id="go.outbox", show=False),
        Binding("5", "go('alerts')", "Alerts", id="go.alerts", show=False),
        Binding("6", "go('audit')", "Audit", id="go.audit", show=False),
        *(Binding(act.key, f"act('{act.id}')", act.english, id=act.id, show=False) for act in ACTS),
    ]

    def __init__(self, desk: Desk, eyes: Eyes, *, language: str, keymap: Mapping[str, str]) -> None:
        super().__init__(desk, eyes.at(desk.now_ms), language=language)
        self._other_keys = keymap
        self._version = -1
        self._counts: QueueCounts | None = None
        self._is_serving = True
        self._is_counting = False
        self._wanted_queue = ""
        """Where somebody went before it was there."""

    @classmethod
    def known_actions(cls) -> set[str]:
        """Every action that `inbox.keys` may name."""
        return {
            name
            for part in (cls, Rows, ThreadView, LinesView, Composer, Threads, QueuePane)
            for name in ids_of(part.BINDINGS)
        }

    def compose(self) -> ComposeResult:
        yield OneLine(id="top")
        yield Tabs(id="tabs")
        with ContentSwitcher(initial="inbox", id="queues"):
            yield Threads(self.desk, self.eyes, id="inbox")
        yield CommandLog(id="log")
        yield OneLine(id="keys")

    def on_mount(self) -> None:
        """Read the first page at once; count and watch from then on."""
        for node in (self, *self.walk_children()):
            rebind(node, self._other_keys)
        self.pane.begin()
        self.pane.focus_first()
        self._show_edges()
        self.set_timer(OTHERS_S, self._make_others)
        self.set_interval(LOOK_S, self._look)
        self.set_interval(TICK_S, self._tick)
        self.set_interval(BEAT_S, self.threads.opened.beat)
        self.set_interval(WELCOME_S, self._ask_whether_welcome)

    async def _make_others(self) -> None:
        """The other queues: making them first would more than double the time to the first name on the screen."""
        panes = [
            *(QueuePane(kind, self.desk, self.eyes) for kind in KINDS),
            AuditPane(self.desk, self.eyes, id="audit"),
        ]
        for pane in panes:
            pane.display = False
        await self.query_one(ContentSwitcher).mount_all(panes)
        for pane in panes:
            for node in pane.walk_children(with_self=True):
                rebind(node, self._other_keys)
        if self._wanted_queue:
            self.action_go(self._wanted_queue)

    @work(thread=True, exit_on_error=False, exclusive=True, group="welcome")
    def _ask_whether_welcome(self) -> None:
        """A role that was taken away, or a token that has ended, ends what its holder can see."""
        if not self.desk.is_welcome():
            self.app.call_from_thread(self.action_lock)

    @property
    def pane(self) -> Pane:
        """The queue that is open."""
        return self.query_one(f"#{self.query_one(ContentSwitcher).current}", Pane)

    @property
    def threads(self) -> Threads:
        """The inbox proper."""
        return self.query_one(Threads)

    # -- seeing what changed ---------------------------------------------------------------------------------------

    def _look(self) -> None:
        if not self._is_counting:
            self._is_counting = True
            self._look_for_changes()

    @work(thread=True, exit_on_error=False, group="look")
    def _look_for_changes(self) -> None:
        """In a worker: nothing but a number is read unless somebody has written."""
        counts, version = None, self._version
        try:
            version = self.desk.store.data_version()
            if version != self._version:
                counts = self.desk.read(count_queues)
            is_serving = self.desk.is_serving()
        except LhwaError as error:
            self.app.call_from_thread(self._looked, version, None, False, error.message)
            return
        self.app.call_from_thread(self._looked, version, counts, is_serving, "")

    def _looked(self, version: int, counts: QueueCounts | None, is_serving: bool, trouble: str) -> None:  # noqa: FBT001 -- across threads by position
        self._is_counting = False
        if trouble:
            self.query_one("#top", OneLine).show([Span(f" ✗ {one_line(trouble)}", "bad")])
            return
        changed, is_first = version != self._version, self._version == -1
        self._version, self._is_serving = version, is_serving
        if counts is not None:
            self._counts = counts
        if changed and not is_first and not self.pane.is_forgotten:
            self.eyes = self.eyes.at(self.desk.now_ms)
            self.pane.eyes = self.eyes
            self.pane.look_again()
        self._show_edges()

    def look_again(self) -> None:
        """Read what is on the screen anew, now: this desk's own commits do not count as changes."""
        self._version = -2

    def _tick(self) -> None:
        self.eyes = self.eyes.at(self.desk.now_ms)
        self.pane.tick(self.eyes)
        self._show_edges()

    def on_resize(self) -> None:
        """The edges are laid out for the width they have."""
        self.call_later(self._show_edges)  # when this has been laid out

    def _show_edges(self) -> None:
        role = self.desk.principal.role.value
        left, right = top_line(
            self.eyes,
            firm=self.desk.firm,
            role=role,
            is_serving=self._is_serving,
            is_narrow=self.has_class("-narrow"),
        )
        self.query_one("#top", OneLine).show(left, right)
        following = next((pane.following for pane in self.query(AuditPane)), None)
        audit = "" if following is None else ("✓" if following.ok else "✗")
        tabs = tabs_of(self.eyes.labels, self._counts, audit=audit)
        self.query_one(Tabs).show_tabs(tabs, self.query_one(ContentSwitcher).current or "inbox")
        self._show_keys()

    @on(Pane.SubjectChanged)
    def _show_keys(self) -> None:
        labels, offer = self.eyes.labels, self.offer()
        marked = labels.marked.format(len(offer.subjects)) if len(offer.subjects) > 1 else ""
        if self.threads.opened.composer.has_focus_within:
            keys = self._keys_of_composer()
        else:
            keys = [(self._key_of("help"), labels.help)]
            if self.threads.opened.may_write and offer.subjects and offer.subjects[0].kind in ("thread", "entry"):
                keys.append((self._key_of("reply"), labels.reply))
            keys += [(self._key_of(act.id), act.label(self.language)) for act in offer.acts]
        self.query_one("#keys", OneLine).show(key_bar(keys, self.size.width, marked=marked))

    def _keys_of_composer(self) -> list[tuple[str, str]]:
        labels, composer = self.eyes.labels, self.threads.opened.composer
        named = {
            "compose.send": labels.sends,
            "compose.template": labels.template_pick,
            "compose.attach": labels.attach,
            "compose.schedule": labels.schedule,
            "compose.close": labels.keep_draft,
        }
        return [(self._key_of(name, composer), label) for name, label in named.items()]

    def on_descendant_focus(self) -> None:
        """Other keys work where the focus is now."""
        self._show_keys()

    def _key_of(self, action: str, node: DOMNode | None = None) -> str:
        for kept in (node or self)._bindings.key_to_bindings.values():  # noqa: SLF001 -- see keys.py
            for each in kept:
                if each.id == action:
                    return self.app.get_key_display(each)
        return ""

    # -- going -----------------------------------------------------------------------------------------------------

    def action_go(self, name: str) -> None:
        """Open a queue."""
        switcher = self.query_one(ContentSwitcher)
        if not switcher.query(f"#{name}"):
            self._wanted_queue = name
            return
        if switcher.current != name:
            self.pane.leave()
            switcher.current = name
            self.pane.eyes = self.eyes
            self.pane.begin()
        self.pane.focus_first()
        self._show_edges()

    @on(Tabs.Wanted)
    def _tab(self, event: Tabs.Wanted) -> None:
        self.action_go(event.name)

    @on(QueuePane.ThreadWanted)
    def _follow(self, event: QueuePane.ThreadWanted) -> None:
        self.action_go("inbox")
        self.threads.open_by_id(event.conversation)

    def action_jump(self) -> None:
        """Wait for the letter of a place."""
        labels = self.eyes.labels
        places = [(key, getattr(labels, place)) for key, place in JUMPS.items()]
        self.app.push_screen(Jump(places, title=labels.go_to), self._jumped)

    def _jumped(self, letter: str | None) -> None:
        place = JUMPS.get(letter or "")
        if place == "top":
            for rows in self.pane.query(Rows):
                rows.action_first()
        elif place:
            self.action_go(place)

    def action_back(self) -> None:
        """One step back; from a queue that is at its beginning to the inbox."""
        if not self.pane.go_back() and self.query_one(ContentSwitcher).current != "inbox":
            self.action_go("inbox")
        self._show_keys()

    # -- writing ---------------------------------------------------------------------------------------------------

    def action_reply(self) -> None:
        """Write to the client of the conversation with the cursor."""
        self._open_composer(with_template=False)

    def action_template(self) -> None:
        """Write to them with a template."""
        self._open_composer(with_template=True)

    def _open_composer(self, *, with_template: bool) -> None:
        threads = self.threads
        if self.pane is not threads:
            return
        opened, current = threads.opened, threads.rows.current
        if threads.rows.has_focus and current is not None and (opened.line is None or opened.line.id != current.id):
            threads.open(current)
        quoting = opened.view.current if opened.view.has_focus else None
        newest = opened.view.entries[-1] if opened.view.entries else None
        opened.compose_reply(quoting=quoting if quoting is not newest else None)
        if with_template and opened.composer.is_open:
            opened.composer.action_template()

    @on(Writer.Ran)
    def _ran(self, event: Writer.Ran) -> None:
        self.tell(event.line, event.told, is_act=True)

    # -- words -----------------------------------------------------------------------------------------------------

    @on(Threads.FilterWanted)
    def _filter_wanted(self, event: Threads.FilterWanted) -> None:
        known = list(FILTER_WORDS.items())
        self.app.push_screen(
            CommandLine(known, [], start=event.written, sign="/"),
            lambda text: None if text is None else self.filter(text),
        )

    def filter(self, text: str) -> None:
        """Show other conversations."""
        self.action_go("inbox")
        try:
            self.threads.set_filter(text)
        except UsageError as error:
            self.complain(error)

    def action_help(self) -> None:
        """What the keys do here."""
        offer, labels = self.offer(), self.eyes.labels
        here = [(self._key_of(act.id), act.label(self.language)) for act in offer.acts]
        everywhere = [
            (self.app.get_key_display(each), action_word(each.id, each.description, self.language))
            for node in (self.focused, self.pane, self)
            if node is not None
            for kept in node._bindings.key_to_bindings.values()  # noqa: SLF001 -- they are what the help is about
            for each in kept
            if each.description and each.id and each.id not in BY_ID
        ]
        self.app.push_screen(Page(labels.help, lambda width: help_lines(here, everywhere, labels, width)))

    def action_log(self) -> None:
        """Show or hide the lines that have run."""
        self.query_one(CommandLog).toggle_class("-shown")

    def action_language(self) -> None:
        """The other language."""
        self.app.change_language()  # type: ignore[attr-defined]  # the inbox's own app

    def action_theme(self) -> None:
        """Light or dark."""
        self.app.change_theme()  # type: ignore[attr-defined]  # as above

    def action_lock(self) -> None:
        """Lock now."""
        self.app.lock(idle_minutes=0)  # type: ignore[attr-defined]  # as above

    def action_quit(self) -> None:
        """End."""
        self.app.exit()

    def wear(self, eyes: Eyes, language: str) -> None:
        """Other words from here on."""
        self.eyes, self.language = eyes.at(self.desk.now_ms), language
        for pane in self.query(Pane):
            pane.eyes = self.eyes
            pane.tick(self.eyes)
        self.threads.opened.view.look_again(self.eyes)
        self._show_edges()

    def forget(self) -> None:
        """Let go of all content."""
        for pane in self.query(Pane):
            pane.forget()
        self.query_one(CommandLog).clear()
        self._history.clear()

    def come_back(self) -> None:
        """Read again what is to be seen, after the lock."""
        self.pane.begin()
        self.pane.focus_first()
        self._show_edges()
