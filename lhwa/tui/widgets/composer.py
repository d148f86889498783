"""Writing to a client: the words, what the gates say before anything is sent, a template, a file, a time.

Invariants: what is typed is never lost: not by closing, not by a refusal, not by a message that comes in, not by a
crash; one press sends once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import TextArea

from lhwa.services.inbox.desk import DRAFT_CHARS_MAX
from lhwa.tui.letter import Letter
from lhwa.tui.lines import Line, Span, one_line
from lhwa.tui.paint.office import Eyes
from lhwa.tui.widgets.lines_view import LinesView
from lhwa.tui.widgets.one_liners import OneLine

QUIET_S = 0.3
"""So long nobody types before the gates are asked and the draft is kept."""


class Composer(Vertical):
    """The box at the foot of a thread."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", "Send", id="compose.send", priority=True),
        Binding("ctrl+t", "template", "Template", id="compose.template", priority=True),
        Binding("ctrl+o", "attach", "Attach", id="compose.attach", priority=True),
        Binding("ctrl+l", "schedule", "Later", id="compose.schedule", priority=True),
        Binding("escape", "close", "Keep the draft and close", id="compose.close", priority=True),
    ]

    @dataclass
    class Changed(Message):
        """Nobody has typed for a moment: the gates are to be asked, and the draft is to be kept."""

        letter: Letter

    @dataclass
    class SendWanted(Message):
        """This is to be sent."""

        letter: Letter

    @dataclass
    class Closed(Message):
        """The box is shut; the draft is to be kept."""

        letter: Letter

    class TemplateWanted(Message):
        """A template is to be chosen."""

    class FileWanted(Message):
        """A file is to be chosen."""

    class TimeWanted(Message):
        """A time is to be chosen."""

    def __init__(self, eyes: Eyes, *, id: str | None = None) -> None:  # noqa: A002 -- textual's name
        super().__init__(id=id)
        self.eyes = eyes
        self.letter = Letter()
        self.leaving: dict[str, Letter] = {}
        """By thread, the letter that leaves right now; its box may be shut meanwhile, or somebody writes to another."""
        self.is_opening = False
        """True until its first key can come."""
        self._addressee = ""
        self._asked = 0

    def compose(self) -> ComposeResult:
        yield OneLine(id="to")
        yield TextArea(id="words", tab_behavior="focus", soft_wrap=True, highlight_cursor_line=False)
        yield LinesView(id="chosen")
        yield OneLine(id="verdict")

    @property
    def is_open(self) -> bool:
        """True while somebody writes."""
        return self.has_class("-open")

    def open(self, letter: Letter, eyes: Eyes, *, name: str, closes_at_ms: int | None, takes_keys: bool = True) -> None:
        """Begin, or go on where a draft ends.

        Args:
            takes_keys: False only shows what is there: whoever reads has not said that they want to write.
        """
        self.letter, self._addressee = letter, name
        self.is_opening = takes_keys and not self.has_focus_within
        self.add_class("-open")
        area = self.query_one(TextArea)
        if area.text != letter.text:
            area.load_text(letter.text)
            area.move_cursor(area.document.end)
        if takes_keys:
            area.focus()
        self.show_head(eyes, closes_at_ms=closes_at_ms)
        self._show_chosen()
        self.verdict("", is_open=True)
        self.post_message(self.Changed(self.letter))

    def begin_with(self, draft: str) -> None:
        """What was typed another time comes before what is typed now."""
        self.hear()
        if draft:
            self.letter = self.letter.with_text(draft + self.letter.text)
            area = self.query_one(TextArea)
            area.load_text(self.letter.text)
            area.move_cursor(area.document.end)
        self.post_message(self.Changed(self.letter))

    def change(self, letter: Letter) -> None:
        """Another template, file or time."""
        self.letter = letter
        self._show_chosen()
        self.post_message(self.Changed(letter))
        self.focus_words()

    def focus_words(self) -> None:
        """Type on; where a template stands in place of the words, only the keys of the box work."""
        (self.query_one("#chosen") if self.letter.template else self.query_one(TextArea)).focus()

    def on_descendant_focus(self) -> None:
        """From here on it takes the keys."""
        self.is_opening = False

    def shut(self) -> None:
        """Close without a word."""
        self.is_opening = False
        self.remove_class("-open")

    def empty(self, sent: Letter) -> None:
        """It has been sent: what was typed since then stays, else the next letter begins with nothing."""
        self.hear()
        here = self.letter
        rest = "" if here.text == sent.text else here.text.removeprefix(sent.text)
        self.letter = Letter(thread=here.thread, contact=here.contact, number=here.number, text=rest)
        self.query_one(TextArea).load_text(rest)
        self.query_one(TextArea).move_cursor(self.query_one(TextArea).document.end)
        self._show_chosen()
        self.post_message(self.Changed(self.letter))
        if not rest:
            self.shut()

    def forget(self) -> None:
        """Let go of what was typed; whoever calls has kept it."""
        self.letter, self._addressee = Letter(), ""
        self.query_one(TextArea).load_text("")
        for line in self.query(OneLine):
            line.show([])
        self._show_chosen()
        self.shut()

    def show_head(self, eyes: Eyes, *, closes_at_ms: int | None) -> None:
        """Paint to whom, and how long free text may leave."""
        self.eyes = eyes
        labels = eyes.labels
        left = None if closes_at_ms is None else closes_at_ms - eyes.now_ms
        if left is not None and left > 0:
            window = Span(
                f"◷ {eyes.labels.window_closes.format(eyes.lasts(left))}", "warning" if left < 3_600_000 else "good"
            )
        else:
            window = Span(f"⊘ {labels.window_closed}: {labels.template.format('').strip()}", "bad")
        reply = [Span(f"  ↩ {one_line(self.letter.quoted, chars_max=40)}", "muted")] if self.letter.quoted else []
        self.query_one("#to", OneLine).show([Span(labels.write_to.format(self._addressee), "strong"), *reply], [window])

    def verdict(self, text: str, *, is_open: bool) -> None:
        """Paint what the gates say."""
        said = [Span(f"{'✓' if is_open else '✗'} {one_line(text)}", "good" if is_open else "bad")] if text else []
        self.query_one("#verdict", OneLine).show(said)

    def _show_chosen(self) -> None:
        def paint(_width: int) -> list[Line]:
            labels, letter = self.eyes.labels, self.letter
            lines: list[Line] = []
            if letter.template:
                lines.append((Span(labels.template.format(letter.template), "accent"),))
                lines += [(Span(f"  {one_line(each)}"),) for each in letter.preview]
            if letter.path:
                lines.append((Span(f"▤ {labels.attached.format(one_line(letter.path))}", "accent"),))
            if letter.send_at_ms is not None:
                at = self.eyes.full(letter.send_at_ms)
                lines.append((Span(f"◷ {labels.leaves_at.format(at)}", "accent"),))
            return lines

        chosen = self.query_one("#chosen", LinesView)
        chosen.show(paint)
        chosen.display = bool(self.letter.template or self.letter.path or self.letter.send_at_ms)
        self.query_one(TextArea).display = not self.letter.template

    @on(TextArea.Changed)
    def hear(self) -> None:
        """Take what stands in the field; whoever reads the letter calls it first: the field tells of keys later."""
        area = next(iter(self.query(TextArea)), None)
        if area is None or area.text == self.letter.text:
            return
        if len(area.text) > DRAFT_CHARS_MAX:
            # What cannot be kept is refused at once, and not lost when the inbox ends.
            area.load_text(self.letter.text)
            area.move_cursor(area.document.end)
            self.app.notify(
                self.eyes.labels.too_long.format(DRAFT_CHARS_MAX),
                title=self.eyes.labels.refused,
                severity="error",
                markup=False,
            )
            return
        self.letter = self.letter.with_text(area.text)
        self._asked += 1
        asked = self._asked
        self.set_timer(QUIET_S, lambda: self.post_message(self.Changed(self.letter)) if asked == self._asked else None)

    def action_send(self) -> None:
        """Send, once."""
        self.hear()
        if self.letter.thread not in self.leaving:
            self.leaving[self.letter.thread] = self.letter
            self.post_message(self.SendWanted(self.letter))

    def action_template(self) -> None:
        """Choose a template instead of free text; a second press goes back to the text."""
        if self.letter.template:
            self.change(self.letter.without_template())
        else:
            self.post_message(self.TemplateWanted())

    def action_attach(self) -> None:
        """Choose a file."""
        self.post_message(self.FileWanted())

    def action_schedule(self) -> None:
        """Choose a time."""
        self.post_message(self.TimeWanted())

    def action_close(self) -> None:
        """Keep what is typed, and close."""
        self.hear()
        self.shut()
        self.post_message(self.Closed(self.letter))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 -- textual's signature
        """Its keys work while it is open."""
        return self.is_open if action in ("send", "template", "attach", "schedule", "close") else True
