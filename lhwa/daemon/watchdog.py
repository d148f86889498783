"""The end of a daemon that does not end: a timer that leaves the process by force.

What hangs then holds nothing that is not on disk, so leaving by force loses no message: requests that are not applied
wait in the spool.
"""

from __future__ import annotations

import os
import threading

from lhwa.telemetry.logs import Log

WATCHDOG_S = 9.5
"""Longer than the parts together, shorter than the 10 s that service managers are told to wait."""
EXIT_CODE = 1
LAST_WORD_S = 0.2

_log = Log("daemon")


class Watchdog:
    """Armed when the stopping begins, disarmed when the process has nothing left that could hang."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    @property
    def is_armed(self) -> bool:
        """True while the time runs."""
        return self._timer is not None

    def arm(self) -> None:
        """From now on the process has this long. Arming it again changes nothing."""
        if self._timer is None:
            self._timer = threading.Timer(WATCHDOG_S, _leave)
            self._timer.daemon = True
            self._timer.start()

    def disarm(self) -> None:
        """Everything has ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _leave() -> None:
    # The log may be what hangs: its line gets a moment and a thread of its own.
    word = threading.Thread(target=_log.error, args=("daemon_forced",), kwargs={"timeout_s": WATCHDOG_S}, daemon=True)
    word.start()
    word.join(LAST_WORD_S)
    os._exit(EXIT_CODE)
