"""What the inbox takes from where it runs: of Textual's settings only harmless ones, and any bytes from a terminal."""

from __future__ import annotations

import codecs
from collections.abc import Callable, MutableMapping
from functools import partial

KEPT = frozenset(
    f"TEXTUAL_{name}" for name in ("ANIMATIONS", "COLOR_SYSTEM", "DISABLE_KITTY_KEY", "DRIVER", "SMOOTH_SCROLL")
)
"""The others have Textual write the screen, the keys or its messages into files in clear, or to another program."""


def let_go_of_textual_settings(environ: MutableMapping[str, str]) -> None:
    """Take away what Textual would read when it is imported."""
    for name in [each for each in environ if each.startswith("TEXTUAL")]:
        if name not in KEPT:
            del environ[name]


def read_any_bytes() -> None:
    """Show bytes that are no UTF-8, such as a paste in Latin-1, as a sign; on them Textual ends with a traceback."""
    from textual.drivers import linux_driver  # noqa: PLC0415 -- it reads the settings, and the terminal needs it alone

    vars(linux_driver)["getincrementaldecoder"] = _forgiving  # there is no other way


def _forgiving(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")
