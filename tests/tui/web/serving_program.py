"""Serves the small app as `lhwa inbox --web` serves the inbox: for what only a process of its own shows."""

from __future__ import annotations

import os
import sys

from lhwa.adapters.clock.system import SystemClock
from lhwa.tui.web.serving import serve
from tests.tui.web.small_app import COMMAND

if __name__ == "__main__":
    serve(
        COMMAND,
        os.environ,
        port=0,
        clock=SystemClock(),
        say=lambda text: print(text, file=sys.stderr, flush=True),
        terminal=sys.stdin,
    )
