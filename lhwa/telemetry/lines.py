"""Writing whole log lines to a stream, past its buffer.

A buffer would keep the bytes of a line that could not be written, try them again with every later line, and make the
interpreter end with an exit code of its own (120) when they still do not leave at the end.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from io import UnsupportedOperation
from typing import TextIO


class Lines:
    """What structlog writes to: one method per level, one line per call.

    Args:
        out: where lines go; None: nowhere.

    Invariant: a line that was cut off halfway is ended before the next one, so that one lost line spoils no other.
    """

    def __init__(self, out: TextIO | None) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._torn = False
        self._descriptor: int | None = None
        if out is not None:
            with suppress(UnsupportedOperation):  # a stream in memory
                self._descriptor = out.fileno()

    def write(self, line: str) -> None:
        """Write one line. Raises: OSError or ValueError when it could not be written whole."""
        with self._lock:
            if self._descriptor is not None:
                self._write_past_the_buffer(self._descriptor, line)
            elif self._out is not None:
                self._out.write(line + "\n")
                self._out.flush()

    debug = info = warning = error = write

    def _write_past_the_buffer(self, descriptor: int, line: str) -> None:
        left = (("\n" if self._torn else "") + line + "\n").encode("utf-8", "backslashreplace")
        while left:
            written = os.write(descriptor, left)
            self._torn = written < len(left)
            left = left[written:]
