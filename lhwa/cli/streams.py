"""The three standard streams, made fit for use before anything else happens.

A shell can start a program without them (`lhwa status >&-`). Then Python has no stream objects, and the next file that
is opened gets the free number: a database at descriptor 2 would be written over by an error message.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TextIO

from lhwa.errors import UsageError

_LAST = 2


@dataclass(slots=True)
class Kept:
    """What a command inside another program reads and writes in place of the standard streams."""

    typed: str = ""
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)


_KEPT: ContextVar[Kept | None] = ContextVar("kept", default=None)


@contextmanager
def kept(typed: str) -> Iterator[Kept]:
    """Within this block, and this thread alone, commands write into memory; they read `typed` where they read stdin."""
    streams = Kept(typed)
    token = _KEPT.set(streams)
    try:
        yield streams
    finally:
        _KEPT.reset(token)


def out() -> TextIO:
    """Where data goes."""
    streams = _KEPT.get()
    return sys.stdout if streams is None else streams.out


def err() -> TextIO:
    """Where talk goes."""
    streams = _KEPT.get()
    return sys.stderr if streams is None else streams.err


def is_person() -> bool:
    """True when somebody at a terminal can answer a question."""
    return _KEPT.get() is None and sys.stdin.isatty()


def prepare() -> None:
    """Put the null device wherever a standard stream is missing, and let no character be a crash. Idempotent."""
    _fill_descriptors()
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 -- a descriptor, open to the end
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 -- as above
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 -- as above
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its code instead of a crash.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def read_text() -> str:
    """All of stdin. Raises: UsageError when it is not UTF-8: what a client reads is never guessed."""
    streams = _KEPT.get()
    if streams is not None:
        return streams.typed
    try:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="strict")
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise UsageError("The text on stdin is not UTF-8.", hint="Save it as UTF-8, and send it again.") from None


def _fill_descriptors() -> None:
    """Take every free number up to 2: the lowest free one is what the next `open` gets."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _LAST:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
