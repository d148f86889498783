"""Choosing a template: what may leave, its values, and how the client will read it while somebody types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from lhwa.domain.findings import Severity
from lhwa.domain.template_filling import parameter_findings, render, value_keys
from lhwa.domain.templates import Template
from lhwa.services.templates.preview import lines_of
from lhwa.tui.labels import Labels
from lhwa.tui.lines import one_line
from lhwa.tui.screens.typed import Typed
from lhwa.tui.text import said

Chosen = tuple[Template, Mapping[str, str], tuple[str, ...]]
"""A template, its values, and what the client reads."""


class TemplatePicker(ModalScreen[Chosen | None], Typed):
    """First the template, then its values.

    Args:
        templates: those that Meta has approved.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="dialog.cancel"),
        Binding("ctrl+s", "go", "Take it", id="dialog.go", priority=True),
    ]

    def __init__(self, templates: Sequence[Template], labels: Labels) -> None:
        super().__init__()
        self._templates, self._labels = templates, labels
        self._chosen: Template | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="box", can_focus=False):
            yield Static(said(self._labels.template_pick), classes="title")
            yield OptionList(
                *(
                    Option(said(f"{one_line(each.name)}  {each.language}  {each.category.lower()}"))
                    for each in self._templates
                )
            )
            yield VerticalScroll(id="values", can_focus=False)
            yield Static(said(self._labels.preview), classes="label")
            yield Static(said(""), id="preview")
            yield Static(said(""), classes="fault", id="fault")
            with Horizontal(classes="buttons"):
                yield Button(f"{self._labels.cancel} (esc)", id="cancel")
                yield Button(f"{self._labels.go} (^s)", id="go", variant="primary")

    def on_mount(self) -> None:
        """Choose first."""
        self.query_one("#values").display = False
        self.query_one(OptionList).focus()

    @on(OptionList.OptionHighlighted)
    def _looked_at(self, event: OptionList.OptionHighlighted) -> None:
        if self._chosen is None:
            self._preview(self._templates[event.option_index], {})

    @on(OptionList.OptionSelected)
    async def _picked(self, event: OptionList.OptionSelected) -> None:
        template = self._templates[event.option_index]
        keys = value_keys(template)
        self._chosen = template
        if not keys:
            self.action_go()
            return
        self.is_preparing = True
        self.query_one(OptionList).display = False
        box = self.query_one("#values")
        box.display = True
        await box.remove_children()
        for number, (key, needed) in enumerate(keys.items()):
            star = "" if needed else f" ({self._labels.optional})"
            await box.mount(Label(said(self._labels.template_value.format(one_line(key)) + star), classes="label"))
            await box.mount(Input(id=f"value-{number}", placeholder=one_line(template.examples.get(key, ""))))
        self._preview(template, {})
        self.query_one("#value-0", Input).focus()

    def on_descendant_focus(self) -> None:
        """From here on the field takes the keys."""
        self.is_preparing = False

    def _values(self) -> dict[str, str]:
        if self._chosen is None:
            return {}
        found = {}
        for number, key in enumerate(value_keys(self._chosen)):
            value = self.query_one(f"#value-{number}", Input).value.strip()
            if value:
                found[key] = value
        return found

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._chosen is not None:
            self._preview(self._chosen, self._values())

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        inputs = list(self.query(Input))
        if event.input is inputs[-1]:
            self.action_go()
        else:
            self.focus_next()

    def _preview(self, template: Template, values: Mapping[str, str]) -> None:
        width = max(self.size.width - 12, 24)
        self.query_one("#preview", Static).update(
            said("\n".join(lines_of(render(template, values), width=min(width, 64))))
        )

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """Take it, if its values are all right."""
        template = self._chosen
        if template is None:
            self.query_one(OptionList).action_select()
            return
        values = self._values()
        faults = [each for each in parameter_findings(template, values) if each.severity is Severity.ERROR]
        if faults:
            first = faults[0]
            self.query_one("#fault", Static).update(said(f"{first.place}: {first.what} {first.mend}"))
            return
        self.dismiss((template, values, tuple(lines_of(render(template, values)))))

    @on(Button.Pressed, "#cancel")
    def action_back(self) -> None:
        """From the values back to the choice, from there back to the letter."""
        if self._chosen is not None and len(self._templates) > 1:
            self._chosen = None
            self.query_one("#values").display = False
            chooser = self.query_one(OptionList)
            chooser.display = True
            chooser.focus()
            self.query_one("#fault", Static).update(said(""))
        else:
            self.dismiss(None)
