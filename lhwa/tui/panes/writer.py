"""The composer at a desk: drafts are kept, the gates are asked while somebody types, and the letter is sent."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock

from textual import on, work
from textual.message import Message

from lhwa.domain.access import Permission
from lhwa.domain.templates import Template
from lhwa.errors import LhwaError
from lhwa.services.inbox.desk import draft_of, keep_draft
from lhwa.services.messaging.template_views import approved_templates
from lhwa.tui.acts import Line
from lhwa.tui.desk import Desk, Told
from lhwa.tui.letter import Letter
from lhwa.tui.paint.context import when
from lhwa.tui.paint.office import Eyes
from lhwa.tui.screens.dialog import Question
from lhwa.tui.screens.templates import Chosen, TemplatePicker
from lhwa.tui.times import local, typed
from lhwa.tui.widgets.composer import Composer
from lhwa.tui.working import Working


class Writer(Composer, Working):
    """The box at the foot of a thread, and all that happens with what is typed there."""

    @dataclass
    class Ran(Message):
        """The letter's line has run."""

        line: Line
        told: Told

    class Sent(Message):
        """The letter is in the outbox."""

    def __init__(self, desk: Desk, eyes: Eyes, *, id: str) -> None:  # noqa: A002 -- textual's name
        super().__init__(eyes, id=id)
        self._desk = desk
        self._may_write = desk.may(Permission.WRITE_TO_CLIENTS)
        self._to_keep: dict[str, str] = {}
        """By thread, what is not kept yet. What the file refuses for a moment stays here until it takes it."""
        self._keeping = Lock()
        """Who has it keeps drafts: of two texts of one thread the newer one is the last."""
        self.holds_back = False
        """The draft of this thread is being read: what is typed meanwhile must not take its place."""

    # -- drafts and gates ------------------------------------------------------------------------------------------

    @on(Composer.Changed)
    def _letter_changed(self, event: Composer.Changed) -> None:
        self.keep()
        if event.letter.is_empty:
            self.verdict("", is_open=True)
        else:
            self._ask_gates(event.letter)

    @on(Composer.Closed)
    def _letter_closed(self, event: Composer.Closed) -> None:
        self.keep()
        if not event.letter.is_empty:
            labels, letter = self.eyes.labels, event.letter
            is_more = bool(letter.template or letter.path or letter.send_at_ms)
            self.app.notify(labels.draft_words_kept if is_more else labels.draft_kept, markup=False)

    def keep(self) -> None:
        """Keep the draft, in a worker; words that leave right now are none, unless they are refused."""
        self.hear()
        here, leaves = self.letter, self.leaving.get(self.letter.thread)
        if here.thread and self._may_write and not self.holds_back and (leaves is None or leaves.text != here.text):
            self._to_keep[here.thread] = here.text
        self.keep_what_is_left()

    def keep_what_is_left(self) -> None:
        """Try again to keep what the file did not take."""
        if self._to_keep:
            self._keep_drafts()

    def keep_now(self) -> None:
        """Keep the draft before this returns: the inbox ends or is locked."""
        self.hear()
        if self.letter.thread and self._may_write and not self.holds_back:
            self._to_keep[self.letter.thread] = self.letter.text
        with self._keeping:
            self._keep_all()

    @work(thread=True, exit_on_error=False, group="draft")
    def _keep_drafts(self) -> None:
        with self._keeping:
            self._keep_all()

    def _keep_all(self) -> None:
        refused: dict[str, str] = {}
        while self._to_keep:
            conversation, text = self._to_keep.popitem()
            try:
                self._desk.jot(keep_draft, conversation, text)
            except LhwaError as error:
                if error.retryable:
                    refused[conversation] = text
        for conversation, text in refused.items():
            self._to_keep.setdefault(conversation, text)

    def _settle_draft(self, sent: Letter) -> None:
        """In a worker: take from the draft what has been sent, if it was kept once more while it left."""
        if not sent.text:
            return
        with self._keeping, suppress(LhwaError):
            self._keep_all()
            draft = self._desk.read(draft_of, sent.thread)
            if draft is not None and draft.text is not None and draft.text.startswith(sent.text):
                self._desk.jot(keep_draft, sent.thread, draft.text.removeprefix(sent.text))

    @work(thread=True, exit_on_error=False, exclusive=True, group="gates")
    def _ask_gates(self, letter: Letter) -> None:
        words, typed_in = letter.question()
        told = self._desk.run_line(words, typed=typed_in)
        self.app.call_from_thread(self._show_verdict, letter, told.out, told.err)

    def _show_verdict(self, letter: Letter, out: str, err: str) -> None:
        if letter != self.letter:
            return
        labels = self.eyes.labels
        try:
            found = json.loads(out)
        except ValueError:
            self.verdict(_sentence(err), is_open=False)
            return
        refused = found.get("refused")
        if refused:
            self.verdict(f"{refused['says']} {refused.get('hint', '')}", is_open=False)
        elif found.get("sendAt"):
            self.verdict(labels.gates_wait.format(when(found["sendAt"], self.eyes)), is_open=True)
        else:
            second = "" if self._desk.principal.role in self._desk.policy.direct else f" {labels.needs_second_person}"
            self.verdict(labels.gates_open + second, is_open=True)

    # -- choices ---------------------------------------------------------------------------------------------------

    @on(Composer.TemplateWanted)
    @work(thread=True, exit_on_error=False, exclusive=True, group="templates")
    def _read_templates(self) -> None:
        templates = self._desk.read(approved_templates)
        self.app.call_from_thread(self._pick_template, templates)

    def _pick_template(self, templates: Sequence[Template]) -> None:
        if templates:
            self.app.push_screen(TemplatePicker(templates, self.eyes.labels), self._template_picked)
        else:
            self.app.notify(self.eyes.labels.no_templates, severity="warning", markup=False)

    def _template_picked(self, chosen: Chosen | None) -> None:
        if chosen is None:
            self.focus_words()
            return
        template, values, preview = chosen
        self.change(
            replace(
                self.letter,
                template=template.name,
                language=template.language,
                values=tuple(values.items()),
                preview=preview,
            )
        )

    @on(Composer.FileWanted)
    def _ask_file(self) -> None:
        labels = self.eyes.labels

        def chosen(path: str | None) -> None:
            # At a prompt the shell would do this. Path.expanduser fails for people who are not there.
            named = None if path is None else os.path.expanduser(path)  # noqa: PTH111 -- see above
            self.change(self.letter if named is None else replace(self.letter, path=named))

        self.app.push_screen(Question(labels.attach, value=self.letter.path), chosen)

    @on(Composer.TimeWanted)
    def _ask_time(self) -> None:
        labels = self.eyes.labels

        def chosen(text: str | None) -> None:
            at_ms = typed(text, self.eyes.zone, now_ms=self._desk.now_ms) if text else None
            is_nonsense = bool(text) and at_ms is None
            if is_nonsense:
                self.app.notify(labels.schedule_hint, title=labels.refused, severity="error", markup=False)
            keeps = text is None or is_nonsense  # else what was to leave later would leave at once
            self.change(self.letter if keeps else replace(self.letter, send_at_ms=at_ms))

        at_ms = self.letter.send_at_ms
        value = "" if at_ms is None else f"{local(at_ms, self.eyes.zone):%Y-%m-%d %H:%M}"
        self.app.push_screen(Question(labels.schedule, value=value, hint=labels.schedule_hint), chosen)

    # -- sending ---------------------------------------------------------------------------------------------------

    @on(Composer.SendWanted)
    def _send(self, event: Composer.SendWanted) -> None:
        if event.letter.is_empty:
            self.leaving.pop(event.letter.thread, None)
        else:
            self._run(event.letter)

    @work(thread=True, exit_on_error=False, group="lines")
    def _run(self, letter: Letter) -> None:
        line = letter.line()
        with self._keeping:
            self._keep_all()  # what waits would come back as a draft of what has been sent
        told = self._desk.run_line(line.words, typed=line.typed)
        if told.is_done:
            self._settle_draft(letter)
        self.app.call_from_thread(self._answered, letter, line, told)

    def _answered(self, letter: Letter, line: Line, told: Told) -> None:
        self.leaving.pop(letter.thread, None)
        self.post_message(self.Ran(line, told))
        if not told.is_done:
            self.keep()
            return
        if letter.thread != self.letter.thread:
            self._settle_elsewhere(letter)  # somebody writes to another client already, or the inbox is locked
            return
        self.empty(letter)
        if not self.is_open:
            self.post_message(self.Sent())

    @work(thread=True, exit_on_error=False, group="draft")
    def _settle_elsewhere(self, sent: Letter) -> None:
        self._settle_draft(sent)


def _sentence(err: str) -> str:
    """The sentence of an error in JSON."""
    try:
        error = json.loads(err)["error"]
    except (ValueError, KeyError, TypeError):
        return err.strip()
    return f"{error['message']} {error['hint']}".strip()
