"""What an act asks for, in one box: its fields, the line that will run, and once more whether it is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Button, Input, Label, RadioButton, RadioSet, Static, TextArea

from lhwa.tui.acts import Act, Field, Offer, missing
from lhwa.tui.lines import one_line
from lhwa.tui.paint.office import Eyes
from lhwa.tui.screens.typed import Typed
from lhwa.tui.text import said
from lhwa.tui.words import choice_word


class Choice(RadioButton):
    """One of several: its sign says whether it is the one, and not the colour alone."""

    BUTTON_LEFT = BUTTON_RIGHT = " "

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 -- textual's name of a constant
        """The sign."""
        return "◉" if self.value else "○"


class ActDialog(ModalScreen[Mapping[str, str] | None], Typed):
    """Asks for the fields of an act; dismissed with its values, or with None.

    Args:
        people: operator ids and names of who can be chosen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="dialog.cancel"),
        Binding("ctrl+s", "go", "Do it", id="dialog.go", priority=True),
    ]

    def __init__(self, act: Act, offer: Offer, eyes: Eyes, *, language: str, people: Mapping[str, str]) -> None:
        super().__init__()
        self._act, self._offer, self._eyes, self._language, self._people = act, offer, eyes, language, people

    def compose(self) -> ComposeResult:
        labels, act = self._eyes.labels, self._act
        names = [subject.name for subject in self._offer.subjects]
        about = names[0] if len(names) == 1 else labels.marked.format(len(names))
        with VerticalScroll(classes="box", can_focus=False):
            yield Static(said(f"{act.label(self._language)}: {one_line(about, chars_max=60)}"), classes="title")
            for each in act.fields:
                yield from self._field(each)
            if act.confirms:
                yield Static(said(labels.confirm), classes="label")
            yield Static(said(""), classes="fault", id="fault")
            yield Static(said(""), classes="says", id="line")
            with Horizontal(classes="buttons"):
                yield Button(f"{labels.cancel} (esc)", id="cancel")
                yield Button(f"{labels.go} (^s)", id="go", variant="error" if act.confirms else "primary")

    def _field(self, each: Field) -> ComposeResult:
        labels = self._eyes.labels
        star = "" if each.needed else f" ({labels.optional})"
        yield Label(said(f"{each.label(self._language)}{star}"), classes="label")
        if each.hint:
            yield Static(said(each.hint), classes="says")
        name = f"field-{each.name}"
        if each.kind == "choice":
            with RadioSet(id=name):
                for choice in each.choices:
                    yield Choice(said(choice_word(choice, self._language)), name=choice)
        elif each.kind == "long":
            yield TextArea(id=name, tab_behavior="focus")
        else:
            known = list(self._people) if each.kind == "person" else []
            shown = ", ".join(one_line(person, chars_max=30) for person in known[:8])
            yield Input(id=name, placeholder=shown, suggester=SuggestFromList(known) if known else None)

    def on_mount(self) -> None:
        """The first thing to fill in, else the way out: what cannot be taken back is never one Enter away."""
        self.trap_focus_on_first()
        self._show_line()

    def trap_focus_on_first(self) -> None:
        """Where typing begins."""
        if self._act.fields:
            self.query_one(f"#field-{self._act.fields[0].name}").focus()
        else:
            self.query_one("#cancel" if self._act.confirms else "#go", Button).focus()

    def values(self) -> dict[str, str]:
        """What is filled in."""
        found: dict[str, str] = {}
        for each in self._act.fields:
            widget = self.query_one(f"#field-{each.name}")
            if isinstance(widget, RadioSet):
                found[each.name] = widget.pressed_button.name or "" if widget.pressed_button is not None else ""
            elif isinstance(widget, TextArea):
                found[each.name] = widget.text.strip()
            elif isinstance(widget, Input):
                value = widget.value.strip()
                found[each.name] = self._person_meant(value) if each.kind == "person" else value
        return found

    def _person_meant(self, written: str) -> str:
        """The id of the one person whose id or name begins so; what was written where there are none or several."""
        known = [
            operator
            for operator, name in self._people.items()
            if operator.startswith(written) or name.lower().startswith(written.lower())
        ]
        return known[0] if written and written not in self._people and len(known) == 1 else written

    @on(Input.Changed)
    @on(RadioSet.Changed)
    @on(TextArea.Changed)
    def _show_line(self) -> None:
        lines = [self._act.line(subject, self.values()).shown() for subject in self._offer.subjects]
        more = f"  (+{len(lines) - 1})" if len(lines) > 1 else ""
        self.query_one("#line", Static).update(said(one_line(lines[0], chars_max=300) + more))

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        """Enter in the last field is enough, unless it cannot be taken back."""
        inputs = list(self.query(Input))
        if event.input is inputs[-1] and not self._act.confirms:
            self.action_go()
        else:
            self.focus_next()

    @on(Button.Pressed, "#go")
    def _pressed(self) -> None:
        self.action_go()

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Nothing happens."""
        self.dismiss(None)

    def action_go(self) -> None:
        """Do it, if everything is there."""
        values = self.values()
        faults: Sequence[Field] = missing(self._act, values)
        if faults:
            named = ", ".join(each.label(self._language) for each in faults)
            self.query_one("#fault", Static).update(said(f"{named}: {self._eyes.labels.fill_in}"))
            self.query_one(f"#field-{faults[0].name}").focus()
            return
        self.dismiss(values)


class Question(ModalScreen[str | None], Typed):
    """One line of text, such as a path or a time; dismissed with it, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", id="dialog.cancel")]

    def __init__(self, title: str, *, value: str = "", hint: str = "") -> None:
        super().__init__()
        self._heading, self._value, self._hint = title, value, hint

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="box", can_focus=False):
            yield Static(said(self._heading), classes="title")
            yield Input(self._value, id="answer-text", placeholder=self._hint)

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())

    def action_cancel(self) -> None:
        """No answer."""
        self.dismiss(None)
