"""Ending long work the same way whoever ends it: a service manager and a lost terminal count as Ctrl-C."""

from __future__ import annotations

import signal
from typing import Any


def end_like_ctrl_c() -> None:
    """From now on SIGTERM and SIGHUP interrupt this command, so that it tidies up behind itself."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt
