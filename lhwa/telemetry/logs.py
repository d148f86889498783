"""Logs: one line per event on stderr, through a door that only lets known fields pass.

    log = Log("gateway")
    log.warning("webhook_refused", reason="wrong_signature", app="main", bytes=812)

JSON lines by default, a form for people on a terminal. Nothing is written until `configure` was called, and structlog
is not imported before that, so commands that only talk to a person pay nothing.

Invariants: a field whose name is not in FIELDS is dropped; text passes `safe_text` on one line, is cut, and long runs
of digits in it are masked; an exception leaves its type and our own frames, and its sentence only when it is one of
ours; a line of another library leaves its place in that library, not its words, because those may quote content.
A line that cannot be written is counted and costs nothing else: a full log disk never stops the messages.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

from lhwa.domain.ids import is_ulid
from lhwa.domain.text import safe_text
from lhwa.errors import LhwaError
from lhwa.telemetry.lines import Lines

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "human"]

FIELDS = frozenset(
    {
        # every line
        "ts", "level", "event", "part",
        # who and where; `source` is the address of an HTTP client, never a telephone number
        "app", "tenant", "operator", "role", "source", "host", "port", "pid", "file", "library", "place", "worker",
        # what it is about: our own ids, never Meta's message ids, which hold the number of the sender
        "event_id", "message_id", "conversation_id", "job_id", "dead_letter_id", "position", "kind", "queue", "state",
        # how it went
        "reason", "outcome", "status", "method", "label", "code", "error", "caused_by", "message", "hint", "frames",
        "signal", "changed", "version", "sqlite", "setting", "rule", "line",
        # how many and how long
        "bytes", "count", "tries", "seq", "entries", "tenants", "elements", "unlogged", "age_s", "duration_s",
        "retry_after_s", "timeout_s",
    }
)  # fmt: skip
"""Every field that may be in a log line. Add one only when its values can never come from a client."""

TEXT_CHARS_MAX = 300
LIST_ITEMS_MAX = 20
FRAMES_MAX = 12
_DIGITS = re.compile(r"\+?\d{9,}")
_MASKED = "•••"
_OWN = Path(__file__).resolve().parent.parent
_LEVELS: dict[str, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40}

_logger: Any = None
_lines_lost = 0


def lines_lost() -> int:
    """How many lines this process could not write."""
    return _lines_lost


class Log:
    """The log of one part. Cheap to make; write events as `noun_verb` in lower case, facts as fields."""

    __slots__ = ("_part",)

    def __init__(self, part: str) -> None:
        self._part = part

    def debug(self, event: str, **fields: Any) -> None:
        """Something that only a developer wants to see."""
        self._write("debug", event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """Something happened as it should."""
        self._write("info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Something was refused, put aside or will be tried again."""
        self._write("warning", event, fields)

    def error(self, event: str, error: BaseException | None = None, **fields: Any) -> None:
        """Something failed; `error` leaves its type and our own frames."""
        self._write("error", event, fields if error is None else fields | describe(error))

    def _write(self, level: str, event: str, fields: dict[str, Any]) -> None:
        _write(level, event, fields | {"part": self._part})


def configure(level: Level = "info", format: Format = "auto", *, stream: TextIO | None = None) -> None:  # noqa: A002 -- the setting's own name
    """Open the door: from now on lines go to `stream`, standard error by default. May be called again."""
    import structlog  # noqa: PLC0415 -- 0.2 s that only the daemon pays

    # None, when the process was started with its standard error closed: there is nobody to tell.
    out: TextIO | None = stream or sys.stderr
    is_terminal = out is not None and out.isatty()
    human = format == "human" or (format == "auto" and is_terminal)
    renderer: Any = structlog.processors.JSONRenderer()
    if human:
        renderer = structlog.dev.ConsoleRenderer(colors=is_terminal, sort_keys=False, pad_event_to=28)
    global _logger  # noqa: PLW0603 -- one door per process
    _logger = structlog.wrap_logger(
        Lines(out),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp" if human else "ts"),
            _known_fields_only,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        cache_logger_on_first_use=True,
    )
    _take_over_the_standard_library(level)


def close() -> None:
    """Shut the door: nothing is written any more. For tests and for the end of a process."""
    global _logger  # noqa: PLW0603 -- one door per process
    _logger = None


def _write(level: str, event: str, fields: dict[str, Any]) -> None:
    """The one way out, for our lines and those of other libraries."""
    if _logger is None:
        return
    try:
        getattr(_logger, level)(event, **fields)
    except (OSError, ValueError):
        # A full log disk, a reader that left, a closed stream: the messages go on.
        global _lines_lost  # noqa: PLW0603 -- one door per process
        _lines_lost += 1


def describe(error: BaseException) -> dict[str, Any]:
    """An exception as log fields: its type, our own frames, and its sentence when it is one of ours."""
    fields: dict[str, Any] = {"error": type(error).__qualname__, "frames": _own_frames(error.__traceback__)}
    if error.__cause__ is not None:
        fields["caused_by"] = type(error.__cause__).__qualname__
    if isinstance(error, LhwaError):
        fields["message"] = error.message
        if error.hint:
            fields["hint"] = error.hint
    return fields


def _own_frames(traceback: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        path = Path(code.co_filename)
        if path.is_relative_to(_OWN):
            frames.append(f"{path.relative_to(_OWN.parent).as_posix()}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames[-FRAMES_MAX:]


def _known_fields_only(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    # What a person looks for first stands first.
    ordered = {name: event[name] for name in ("ts", "timestamp", "level", "event", "part") if name in event} | dict(
        event
    )
    return {
        name: value if name in ("ts", "timestamp", "level") else _shown(value)
        for name, value in ordered.items()
        if name in FIELDS or name == "timestamp"
    }


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        if is_ulid(value):
            return value
        return _DIGITS.sub(_MASKED, safe_text(value, newlines=False, chars_max=TEXT_CHARS_MAX))
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value[:LIST_ITEMS_MAX]]
    return f"<{type(value).__name__}>"


class _Door(logging.Handler):
    """Lines of other libraries: where they came from, how bad they are, and nothing that they quote."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {
            "library": record.name,
            "place": f"{record.filename}:{record.lineno} {record.funcName}",
        }
        if record.exc_info and record.exc_info[1] is not None:
            fields |= describe(record.exc_info[1])
        level = next((name for name, number in reversed(_LEVELS.items()) if record.levelno >= number), "debug")
        _write(level, "library_spoke", fields | {"part": "library"})


def _take_over_the_standard_library(level: Level) -> None:
    root = logging.getLogger()
    root.handlers = [_Door()]
    # Libraries are chatty below a warning, and what they say is withheld anyway.
    root.setLevel(max(_LEVELS[level], logging.WARNING))
    logging.captureWarnings(capture=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio"):
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
