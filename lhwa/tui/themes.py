"""The two looks of the inbox. Contrast of text is at least 4.5 to 1 on every ground; a test measures it."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="lhwa-dark",
    primary="#7aa2f7",
    secondary="#5a7ab8",
    accent="#7dcfff",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#d5d9e8",
    background="#14161f",
    surface="#1a1d29",
    panel="#232738",
    dark=True,
    variables={"note": "#c3a6f0", "client": "#7dcfff", "firm": "#9ece6a", "faint": "#959db9", "bar": "#2c3350"},
)
LIGHT = Theme(
    name="lhwa-light",
    primary="#2b4f9e",
    secondary="#4a6cb3",
    accent="#005f87",
    warning="#7a4a00",
    error="#a3142f",
    success="#2f5d12",
    foreground="#1d2233",
    background="#fbfbf8",
    surface="#f3f3ee",
    panel="#e6e7e2",
    dark=False,
    variables={"note": "#5f3a94", "client": "#005f87", "firm": "#2f5d12", "faint": "#575e73", "bar": "#d5dcee"},
)
THEMES = {"dark": DARK, "light": LIGHT}
