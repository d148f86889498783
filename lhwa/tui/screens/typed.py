"""Screens in which somebody types as soon as they appear."""

from __future__ import annotations


class Typed:
    """Mixed into a screen that puts the cursor into a field of its own; what is typed before that waits for it."""

    is_preparing = False
    """True while another field takes the place of the one before it."""
