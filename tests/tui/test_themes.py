"""Contrast as WCAG 2.2 measures it, of every text on every ground, in both themes."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from lhwa.tui.lines import ROLES, Role
from lhwa.tui.themes import THEMES
from lhwa.tui.widgets.painting import BARS, COLOURS

CONTRAST_MIN = 4.5


def colour(theme: Theme, name: str) -> Color:
    found = theme.variables.get(name) or getattr(theme, name)
    return Color.parse(found)


def luminance(colour: Color) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b)


def contrast(one: Color, other: Color) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_it_should_be() -> None:
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)


def test_every_role_has_a_colour_or_is_bold() -> None:
    assert COLOURS.keys() | {"strong"} == set(ROLES)


@pytest.mark.parametrize("theme", THEMES.values(), ids=str)
@pytest.mark.parametrize("ground", ["background", "surface", "panel", *BARS.values()])
@pytest.mark.parametrize("role", ROLES)
def test_every_text_can_be_read_on_every_ground(theme: Theme, ground: str, role: Role) -> None:
    text = colour(theme, COLOURS.get(role, "foreground"))
    assert contrast(text, colour(theme, ground)) >= CONTRAST_MIN


@pytest.mark.parametrize("theme", THEMES.values(), ids=str)
@pytest.mark.parametrize("ground", ["background", "surface", "panel"])
def test_where_the_focus_is_can_be_seen(theme: Theme, ground: str) -> None:
    assert contrast(colour(theme, "primary"), colour(theme, ground)) >= 3
