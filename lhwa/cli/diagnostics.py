"""The only writer of stderr: talk, warnings, refusals and errors; and what each exit code means.

Invariants: an unexpected exception shows its type and a reference, never its text, which may quote a client.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from types import TracebackType

import typer

from lhwa import __version__
from lhwa.cli import streams, wrong_usage
from lhwa.cli.options import Globals
from lhwa.domain.text import safe_text
from lhwa.errors import (
    ConflictError,
    InDoubtError,
    LhwaError,
    NotAllowedError,
    StorageError,
    UnavailableError,
    UsageError,
    VerificationError,
)

STORAGE_HINT = "Check who owns the home, that it can be written, and that the disk is not full: `lhwa doctor`."


class ExitCode(IntEnum):
    """How a command ended; scripts rely on the numbers."""

    DONE = 0
    """Done."""
    FAILED = 1
    """Failed."""
    USAGE = 2
    """Wrong usage or configuration."""
    UNAVAILABLE = 3
    """Temporarily unavailable: try again."""
    NOT_ALLOWED = 4
    """Not allowed, or not there: the same answer."""
    CONFLICT = 5
    """The state changed, or maker and checker are the same person."""
    IN_DOUBT = 6
    """An outcome is unknown and needs a person."""
    NOT_VERIFIED = 7
    """A verification failed: audit log, evidence, backup."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""
    READER_GONE = 141
    """Who read the output closed it; what the shell reports for a program stopped by SIGPIPE."""


_CODES: tuple[tuple[type[LhwaError], ExitCode], ...] = (
    (UsageError, ExitCode.USAGE),
    (UnavailableError, ExitCode.UNAVAILABLE),
    (NotAllowedError, ExitCode.NOT_ALLOWED),
    (ConflictError, ExitCode.CONFLICT),
    (InDoubtError, ExitCode.IN_DOUBT),
    (VerificationError, ExitCode.NOT_VERIFIED),
    (LhwaError, ExitCode.FAILED),
)
_OF_STORAGE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE)


@dataclass(frozen=True, slots=True)
class Report:
    """One error as it is shown."""

    code: ExitCode
    message: str
    hint: str = ""
    retryable: bool = False


def report_of(error: BaseException) -> Report:
    """What to show for an error."""
    if isinstance(error, LhwaError):
        code = next(code for kind, code in _CODES if isinstance(error, kind))
        hint = error.hint or (STORAGE_HINT if isinstance(error, StorageError) else "")
        return Report(code, error.message, hint, error.retryable)
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return Report(ExitCode.INTERRUPTED, "Interrupted.")
    if isinstance(error, typer.TyperException):
        return _usage_report(error)
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _OF_STORAGE):
        # The system's own sentence for the number: `strerror` is whatever raised it put there.
        what = "" if error.errno is None else os.strerror(error.errno)
        where = f"{what}: {os.fsdecode(error.filename)}" if error.filename else what
        return Report(ExitCode.UNAVAILABLE, f"{where}.", STORAGE_HINT, retryable=True)
    return Report(
        ExitCode.FAILED,
        f"lhwa {__version__} failed unexpectedly: {type(error).__name__} (reference {_reference(error)}).",
        "This is a defect of lhwa. Run the command again with LHWA_DEBUG=1, check the traceback for client data, and "
        "report it with the reference.",
    )


def _usage_report(error: typer.TyperException) -> Report:
    context = getattr(error, "ctx", None)
    hint = f"Try: {context.command_path} --help" if context is not None else ""
    code = ExitCode.USAGE if error.exit_code == ExitCode.USAGE else ExitCode.FAILED
    return Report(code, wrong_usage.hide_secrets(wrong_usage.in_plain_words(error.format_message())), hint)


def _reference(error: BaseException) -> str:
    """8 hex digits that are the same whenever the same code fails in the same way."""
    import hashlib  # noqa: PLC0415 -- only for a defect

    places = [type(error).__name__]
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{os.path.basename(code.co_filename)}:{code.co_name}:{trace.tb_lineno}")  # noqa: PTH119 -- no Path for a name
        trace = trace.tb_next
    return hashlib.sha256("\n".join(places).encode()).hexdigest()[:8]


def complain(error: BaseException, asked: Globals) -> ExitCode:
    """Show an error on stderr and say with which code to end."""
    report = _without_secrets(report_of(error), asked)
    if os.environ.get("LHWA_DEBUG") == "1" and not isinstance(error, (KeyboardInterrupt, typer.Abort)):
        import traceback  # noqa: PLC0415 -- only for those who look for a defect

        _write(wrong_usage.hide_secrets("".join(traceback.format_exception(error))))
    if asked.json:
        _write(_as_json(report))
    else:
        _write(f"{_label('error:', 'red', asked)} {safe_text(report.message)}\n")
        if report.hint:
            _write(f"{_label('hint:', 'cyan', asked)} {safe_text(report.hint)}\n")
    return report.code


def _without_secrets(report: Report, asked: Globals) -> Report:
    message, hint = (
        wrong_usage.mask_numbers(wrong_usage.hide_tokens(text), asked.words) for text in (report.message, report.hint)
    )
    hint = wrong_usage.hint_for_secrets(asked.words, message) or hint
    return replace(report, message=message, hint=hint)


def _as_json(report: Report) -> str:
    import json  # noqa: PLC0415 -- not for help

    error = {
        "code": report.code.name.lower(),
        "exitCode": int(report.code),
        "message": report.message,
        "hint": report.hint,
        "retryable": report.retryable,
    }
    return json.dumps({"error": error}) + "\n"


def say(text: str, asked: Globals) -> None:
    """Talk to the person: progress, what was done, what to do next. Nothing when --quiet or --json."""
    if not (asked.quiet or asked.json):
        _write(safe_text(text) + "\n")


def tell(text: str) -> None:
    """Talk that nobody can do without, such as a link that is shown once: --quiet does not hide it."""
    _write(safe_text(text) + "\n")


def warn(text: str, asked: Globals) -> None:
    """Say something that the person should act on; --quiet does not hide it."""
    _write(f"{_label('warning:', 'yellow', asked)} {safe_text(text)}\n")


def refuse(rule: str, says: str, *, hint: str, allowed: Sequence[str], asked: Globals) -> None:
    """Say that a rule keeps something from being done, what to do about it, and what is allowed instead."""
    _write(f"{_label('refused:', 'red', asked)} {safe_text(says)} (rule: {rule})\n")
    if hint:
        _write(f"{_label('hint:', 'cyan', asked)} {safe_text(hint)}\n")
    for each in allowed:
        _write(f"{_label('allowed:', 'green', asked)} {safe_text(each, newlines=False)}\n")


def ask(question: str) -> None:
    """Ask the person; the cursor stays behind the question."""
    _write(safe_text(question, newlines=False))


def _label(word: str, colour: str, asked: Globals) -> str:
    coloured = streams.err().isatty() and not asked.plain and not os.environ.get("NO_COLOR")
    return typer.style(word, fg=colour, bold=True) if coloured else word


def _write(text: str) -> None:
    try:
        streams.err().write(text)
        streams.err().flush()
    except OSError:
        # Nobody can be told that nobody can be told; the exit code still speaks.
        return
