"""Writing to a client in the line mode: the text, a template, a file, a time, the gates, and the draft that is kept.

Invariants: a letter leaves only by `send`; one that was given up half way is kept as a draft, and offered again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lhwa.domain.findings import Severity
from lhwa.domain.template_filling import parameter_findings, render, value_keys
from lhwa.domain.templates import Template
from lhwa.errors import UsageError
from lhwa.services.inbox.desk import draft_of, drop_draft, keep_draft
from lhwa.services.inbox.pages import Entry
from lhwa.services.messaging.template_views import approved_templates
from lhwa.services.templates.preview import lines_of
from lhwa.tui.desk import Desk, Told
from lhwa.tui.letter import Letter
from lhwa.tui.paint.bubbles import entry_text
from lhwa.tui.plain.asking import END_OF_TEXT, GivenUpError, Questions
from lhwa.tui.plain.conversation import Conversation
from lhwa.tui.plain.ears import Ears, in_one, indented
from lhwa.tui.plain.presence import Presence
from lhwa.tui.plain.voice import Voice
from lhwa.tui.times import typed

CHOICES = ("send", "read", "more", "attach", "later", "template", "drop")
_GO_ON, _AS_IT_IS, _THROW_AWAY = range(3)


class Composing:
    """One letter of one person."""

    def __init__(self, desk: Desk, voice: Voice, ears: Ears, conversation: Conversation, *, presence: Presence) -> None:
        self._desk, self._voice, self._ears, self._to = desk, voice, ears, conversation
        self._presence = presence
        self._questions = Questions(desk, voice)
        line = conversation.line
        if line.contact_id is None:
            raise UsageError(ears.says.no_group)
        self._letter = Letter(thread=line.id, contact=line.contact_id, number=line.phone_number_id)

    def write(self, *, answering: Entry | None, with_template: bool) -> Letter | None:
        """Have a letter written; None when it is left. A draft that is left is kept.

        Args:
            answering: the client's message that it answers.
        """
        says, to = self._ears.says, self._to
        self._tell_all(to.others(self._ears))
        self._voice.tell(f"{self._ears.labels.write_to.format(to.name(self._ears))}, {self._window()}.")
        if answering is not None and answering.kind == "client":
            self._letter = self._letter.answering(answering.id)
            self._voice.tell(
                f"{says.answers_to.format(self._ears.labels.client)}: {in_one(entry_text(answering), chars_max=80)}"
            )
        try:
            if with_template:
                self._choose_template()
            elif not self._go_on_with_draft():
                return None
            return self._letter if self._settle() else None
        except (GivenUpError, KeyboardInterrupt):
            if self._letter.text.strip():
                self._voice.tell(self._ears.labels.draft_kept)
            raise

    def _window(self) -> str:
        return self._ears.window(self._to.line.window_closes_at_ms)

    # -- text and drafts -------------------------------------------------------------------------------------------

    def _go_on_with_draft(self) -> bool:
        """Have the text written, from the draft on if there is one; False when somebody leaves it as it is."""
        draft = self._desk.read(draft_of, self._letter.thread)
        text = (draft.text or "") if draft is not None else ""
        if text:
            self._tell_all([self._ears.says.draft_begins, *indented(text)])
            chosen = self._questions.choice(self._ears, self._ears.says.draft_choice, ("on", "take", "drop"))
            if chosen is None:
                return False
            self._letter = self._letter.with_text("" if chosen == _THROW_AWAY else text)
            if chosen == _THROW_AWAY:
                self._drop()
            if chosen == _AS_IT_IS:
                return True
        self._write_more()
        return bool(self._letter.text.strip())

    def _write_more(self) -> None:
        """Lines up to a dot. Each is kept as it comes: a slow line may break."""
        self._voice.tell(f"{self._ears.says.message}. {self._ears.says.text_ends}")
        self._presence.be_at(self._letter.thread, is_writing=True)
        while (line := self._voice.ask("> ")) != END_OF_TEXT:
            if line is None:
                raise GivenUpError
            text = self._letter.text
            self._letter = self._letter.with_text(f"{text}\n{line}" if text else line)
            self._desk.jot(keep_draft, self._letter.thread, self._letter.text)

    def _drop(self) -> None:
        self._desk.jot(drop_draft, self._letter.thread)
        self._letter = self._letter.with_text("")
        self._voice.tell(self._ears.says.draft_dropped)

    # -- what becomes of it ----------------------------------------------------------------------------------------

    def _settle(self) -> bool:
        """Ask what to do with the letter until it is to be sent; False when it is left."""
        while not self._letter.is_empty:
            self._tell_verdict()
            chosen = self._questions.choice(self._ears, self._ears.says.letter_choice, CHOICES)
            match None if chosen is None else CHOICES[chosen]:
                case None:
                    break
                case "send":
                    return True
                case "read":
                    self._read()
                case "more":
                    self._letter = self._letter.without_template()
                    self._write_more()
                case "attach":
                    self._attach()
                case "later":
                    self._schedule()
                case "template":
                    self._choose_template()
                case "drop":
                    self._drop()
                    return False
        if self._letter.text.strip():
            self._voice.tell(self._ears.labels.draft_kept)
        return False

    def _read(self) -> None:
        letter, labels = self._letter, self._ears.labels
        lines = list(letter.preview) if letter.template else indented(letter.text)
        self._say_all([f"{labels.preview}:", *(f"  {line.strip()}" for line in lines if line.strip())])
        if letter.path:
            self._voice.say(labels.attached.format(in_one(letter.path)))
        if letter.send_at_ms is not None:
            self._voice.say(labels.leaves_at.format(self._ears.time(letter.send_at_ms)))

    def _attach(self) -> None:
        path = self._questions.line(self._ears.says.optional.format(self._ears.says.ask_path))
        if path and not Path(path).expanduser().is_file():
            self._complain(self._ears.says.no_file)
        elif path:
            whole = str(Path(path).expanduser())
            self._letter = replace(self._letter.without_template(), path=whole)
            self._voice.tell(self._ears.labels.attached.format(in_one(whole)))
        else:
            self._letter = replace(self._letter, path="")

    def _schedule(self) -> None:
        ears = self._ears
        text = self._questions.line(ears.says.optional.format(ears.says.ask_time.format(ears.labels.schedule_hint)))
        at_ms = typed(text, ears.eyes.zone, now_ms=self._desk.now_ms) if text else None
        if text and at_ms is None:
            self._complain(ears.says.ask_time.format(ears.labels.schedule_hint))
        else:
            self._letter = replace(self._letter, send_at_ms=at_ms)

    def _complain(self, sentence: str) -> None:
        if not self._voice.is_person:
            raise UsageError(sentence)
        self._voice.tell(sentence)

    # -- templates -------------------------------------------------------------------------------------------------

    def _choose_template(self) -> None:
        """By number, then every value; what the client will read is read before anybody is asked to send it."""
        templates = self._desk.read(approved_templates)
        if not templates:
            self._voice.tell(self._ears.labels.no_templates)
            return
        for number, each in enumerate(templates, start=1):
            self._voice.tell(f"{number}, {in_one(each.name)}, {each.language}, {each.category.lower()}")
        names = [each.name for each in templates]
        chosen = self._questions.choice(self._ears, self._ears.says.which_template, names)
        if chosen is not None:
            self._fill(templates[chosen])

    def _fill(self, template: Template) -> None:
        values: dict[str, str] = {}
        for key, is_needed in value_keys(template).items():
            values[key] = self._value(template, key, is_needed=is_needed)
        found = {key: value for key, value in values.items() if value}
        faults = [each for each in parameter_findings(template, found) if each.severity is Severity.ERROR]
        if faults:
            raise UsageError(f"{faults[0].place}: {faults[0].what}", hint=faults[0].mend)
        preview = tuple(lines_of(render(template, found)))
        self._letter = replace(
            self._letter,
            template=template.name,
            language=template.language,
            values=tuple(found.items()),
            preview=preview,
        )
        self._read()

    def _value(self, template: Template, key: str, *, is_needed: bool) -> str:
        """One value; a person who gives one that Meta refuses is asked again."""
        says, example = self._ears.says, template.examples.get(key)
        question = self._ears.labels.template_value.format(in_one(key))
        question += f", {says.example.format(in_one(example, chars_max=80))}" if example else ""
        while True:
            value = self._questions.line(question if is_needed else says.optional.format(question))
            if is_needed and not value:
                raise GivenUpError
            faults = [each for each in parameter_findings(template, {key: value}) if each.place == key and value]
            errors = [each for each in faults if each.severity is Severity.ERROR]
            if not errors:
                return value
            self._complain(f"{errors[0].what} {errors[0].mend}")

    # -- gates -----------------------------------------------------------------------------------------------------

    def _tell_verdict(self) -> None:
        """What the gates say to the letter as it stands."""
        words, typed_in = self._letter.question()
        told = self._desk.run_line(words, typed=typed_in)
        self._tell_all(verdict_lines(told, self._desk, self._ears))

    def _say_all(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._voice.say(line)

    def _tell_all(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._voice.tell(line)


def verdict_lines(told: Told, desk: Desk, ears: Ears) -> list[str]:
    """The answer to `Letter.question` in words."""
    labels = ears.labels
    try:
        found = json.loads(told.out)
    except ValueError:
        return [_sentence(told.err)]
    refused = found.get("refused")
    if refused:
        closed = [ears.says.only_template] if refused.get("rule") == "window" else []
        return [f"{labels.refused}: {refused['says']} {refused.get('hint', '')}".rstrip(), *closed]
    second = "" if desk.principal.role in desk.policy.direct else f" {labels.needs_second_person}"
    if found.get("sendAt"):
        return [labels.gates_wait.format(ears.time_of(found["sendAt"])) + second]
    return [labels.gates_open + second]


def _sentence(err: str) -> str:
    try:
        error = json.loads(err)["error"]
    except (ValueError, KeyError, TypeError):
        return err.strip()
    return f"{error['message']} {error['hint']}".strip()
