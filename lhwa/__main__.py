"""The `lhwa` command, also as `python -m lhwa`: as little as possible before an interrupt has a meaning."""

from __future__ import annotations

import signal
import sys

INTERRUPTED = 130
"""128 and the number of SIGINT, as shells say it."""


def main() -> int:
    """Load the command line and run it; returns the exit code."""
    # Ctrl-C ends any program that has not begun to work; a traceback of half-done imports tells nobody anything.
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from lhwa.cli.app import main as run  # noqa: PLC0415 -- see above

    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return run()
    except KeyboardInterrupt:  # before or after the part that turns it into an exit code
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
