"""Acting: what can be done to what the cursor is on, the dialogs, the `:` line, and the one place where lines run."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Literal

from textual import on, work
from textual.screen import Screen

from lhwa.errors import LhwaError, UsageError
from lhwa.tui.act_table import BY_ID, offered
from lhwa.tui.acts import Act, Line, Offer
from lhwa.tui.desk import Desk, Told
from lhwa.tui.lines import one_line
from lhwa.tui.paint.edges import QUEUES
from lhwa.tui.paint.office import Eyes
from lhwa.tui.panes.pane import Pane
from lhwa.tui.screens.command_line import CommandLine
from lhwa.tui.screens.dialog import ActDialog
from lhwa.tui.screens.overlays import Page, text_page
from lhwa.tui.times import clock
from lhwa.tui.widgets.command_log import CommandLog
from lhwa.tui.widgets.rows import Rows
from lhwa.tui.working import WorkerFailed, Working

TOAST_CHARS_MAX = 240
"""More covers what somebody has just written."""
SAYS_S, REFUSES_S = 4, 12
"""How long an answer stands: a refusal has to be read."""
_SAYS: Literal["information"] = "information"
_REFUSES: Literal["error"] = "error"
_SMALL = ("quit", "lock", "theme", "language", "help", "back")
"""What can be typed besides acts and `lhwa` lines."""


class Acting(Screen[None], Working):
    """A screen with a pane on whose things people act."""

    def __init__(self, desk: Desk, eyes: Eyes, *, language: str) -> None:
        super().__init__()
        self.desk = desk
        self.eyes = eyes
        self.language = language
        self._history: list[str] = []

    @property
    def pane(self) -> Pane:
        """The queue that is open."""
        raise NotImplementedError

    def action_go(self, name: str) -> None:
        """Open a queue."""
        raise NotImplementedError

    def filter(self, text: str) -> None:
        """Show other conversations."""
        raise NotImplementedError

    def look_again(self) -> None:
        """Something may have changed."""
        raise NotImplementedError

    # -- acts ----------------------------------------------------------------------------------------------------

    def offer(self) -> Offer:
        """What can be done here and now."""
        return offered(self.pane.subjects(), self.desk.may)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is an act's only where the act can be done; two acts may share one."""
        if action == "act":
            return any(act.id == parameters[0] for act in self.offer().acts)
        return True

    def action_act(self, name: str) -> None:
        """Do one of the acts: at once where it asks for nothing, else after its dialog."""
        offer = self.offer()
        act = BY_ID[name]
        if self._has_to_look(act, offer):
            return
        if any(rows.has_just_slid for rows in self.pane.query(Rows)):
            self._answer(self.eyes.labels.slid, is_done=False)
        elif act.fields or act.confirms:
            dialog = ActDialog(act, offer, self.eyes, language=self.language, people=self.desk.people)
            self.app.push_screen(dialog, lambda values: self._run_act(act, offer, values))
        else:
            self._run_act(act, offer, {})

    def _has_to_look(self, act: Act, offer: Offer) -> bool:
        """True when the act decides about what is not on the screen; then it is opened, and nothing else happens."""
        if act.looks_first and any(subject.seen is None for subject in offer.subjects):
            self.pane.open_current()
            self._answer(self.eyes.labels.look_first, is_done=True)
            return True
        unseen = [subject for subject in offer.subjects if act.compares_first and not subject.is_compared]
        if unseen:
            self.run_lines([BY_ID["check"].line(subject, {}) for subject in unseen], is_act=True)
            self._answer(self.eyes.labels.names_compared, is_done=True)
        return bool(unseen)

    def _run_act(self, act: Act, offer: Offer, values: Mapping[str, str] | None) -> None:
        if values is not None:
            self.run_lines([act.line(subject, values) for subject in offer.subjects], is_act=True)

    @work(thread=True, exit_on_error=False, group="lines")
    def run_lines(self, lines: Sequence[Line], *, is_act: bool) -> None:
        """Run `lhwa` lines one after another, and show each as it ran.

        Args:
            is_act: what it answers is told in passing; else it is shown as a page.
        """
        for line in lines:
            told = self.desk.run_line(line.words, typed=line.typed)
            self.app.call_from_thread(self.tell, line, told, is_act=is_act)

    def tell(self, line: Line, told: Told, *, is_act: bool) -> None:
        """Show a line that ran, and what it answered."""
        if self.pane.is_forgotten:
            return  # the inbox was locked meanwhile: what came of the line stands in the firm's file
        self.query_one(CommandLog).add(line.shown(), is_done=told.is_done, at=clock(self.desk.now_ms, self.eyes.zone))
        self.look_again()
        text = _without_label(told.err) or (self.eyes.labels.done if is_act else "")
        if not is_act and told.out.strip():
            self.app.push_screen(Page(line.shown(), text_page(f"{told.out.rstrip()}\n{told.err.strip()}".rstrip())))
        elif text:
            # What may be sent instead is long, and the composer offers it by a key.
            said = [line for line in text.splitlines() if not line.startswith("allowed: ")]
            self._answer(one_line("  ".join(said), chars_max=TOAST_CHARS_MAX), is_done=told.is_done)
        if is_act and told.is_done:
            self.pane.has_acted = True
            for rows in self.pane.query(Rows):
                rows.unmark()

    def _answer(self, text: str, *, is_done: bool) -> None:
        title, severity = ("", _SAYS) if is_done else (self.eyes.labels.refused, _REFUSES)
        timeout = SAYS_S if is_done else REFUSES_S
        self.app.notify(text, title=title, severity=severity, markup=False, timeout=timeout)

    @on(WorkerFailed)
    def _worker_failed(self, event: WorkerFailed) -> None:
        self.complain(event.error)

    # -- words -----------------------------------------------------------------------------------------------------

    def action_command(self) -> None:
        """Type an act or an `lhwa` command."""
        offer = self.offer()
        known = [(act.id, act.label(self.language)) for act in offer.acts]
        known += [(f"go {name}", getattr(self.eyes.labels, name)) for name in QUEUES]
        known += [(name, "") for name in _SMALL]
        known += [(line, "lhwa") for line in self.desk.known_lines()]
        self.app.push_screen(CommandLine(known, self._history), self._commanded)

    def _commanded(self, text: str | None) -> None:
        if not text:
            return
        self._history.append(text)
        try:
            words = shlex.split(text)
        except ValueError:
            self.complain(UsageError("A quote is not closed.", hint="Put what has blanks between two quotes."))
            return
        if words:
            self.command(words)

    def command(self, words: Sequence[str]) -> None:
        """Do what was typed: an act on what the cursor is on, a way to go, or a whole `lhwa` line."""
        name, *rest = words if words[0] != "lhwa" else words[1:] or ("help",)
        offer = self.offer()
        act = next((each for each in offer.acts if each.id == name), None)
        if name in _SMALL and not rest:
            getattr(self, f"action_{name}")()
        elif name == "go" and rest and rest[0] in QUEUES:
            self.action_go(rest[0])
        elif name == "filter":
            self.filter(" ".join(rest))
        elif act is not None and words[0] != "lhwa" and not rest:
            self.action_act(act.id)
        elif act is not None and words[0] != "lhwa":
            if not self._has_to_look(act, offer):
                lines = [act.line(subject, {}) for subject in offer.subjects]
                self.run_lines([Line((*line.words, *rest), line.typed) for line in lines], is_act=True)
        else:
            self.run_lines([Line((name, *rest))], is_act=False)

    def complain(self, error: LhwaError) -> None:
        """Say what could not be read or done, and what to do about it."""
        self._answer(one_line(f"{error.message} {error.hint}"), is_done=False)


def _without_label(err: str) -> str:
    """What a command said; that it is an error is told by where it stands."""
    text = err.strip()
    for label in ("error: ", "refused: "):
        text = text.removeprefix(label)
    return text
