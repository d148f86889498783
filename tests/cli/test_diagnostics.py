from __future__ import annotations

import inspect
import json

import pytest
import typer

from lhwa import errors
from lhwa.cli.diagnostics import STORAGE_HINT, ExitCode, complain, report_of, say, warn
from lhwa.cli.options import Globals

CONTRACT = {
    errors.LhwaError: 1,
    errors.UsageError: 2,
    errors.ConfigError: 2,
    errors.UnavailableError: 3,
    errors.StorageError: 3,
    errors.NotAllowedError: 4,
    errors.ConflictError: 5,
    errors.InDoubtError: 6,
    errors.VerificationError: 7,
    errors.SealError: 7,
    errors.InvariantError: 1,
    errors.UnauditedWriteError: 1,
    errors.PoisonError: 1,
}


@pytest.mark.parametrize(("kind", "code"), CONTRACT.items(), ids=lambda each: getattr(each, "__name__", str(each)))
def test_each_error_has_its_exit_code(kind: type[errors.LhwaError], code: int) -> None:
    assert report_of(kind("x")).code == code


def test_no_error_of_the_tree_is_forgotten() -> None:
    tree = {each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, errors.LhwaError)}
    assert tree == set(CONTRACT)


def test_each_exit_code_is_explained() -> None:
    source = inspect.getsource(ExitCode)
    assert source.count('"""') == 2 * (len(ExitCode) + 1)


def test_people_get_an_error_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    code = complain(errors.ConflictError("Taken.", hint="Choose another name."), Globals())
    assert code == ExitCode.CONFLICT
    assert capsys.readouterr() == ("", "error: Taken.\nhint: Choose another name.\n")


def test_programs_get_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    complain(errors.UnavailableError("Busy.", hint="Wait."), Globals(json=True))
    assert json.loads(capsys.readouterr().err) == {
        "error": {"code": "unavailable", "exitCode": 3, "message": "Busy.", "hint": "Wait.", "retryable": True}
    }


def _broken(secret: str) -> None:
    raise KeyError(secret)


def _failure(secret: str = "+62812" + "00001111") -> KeyError:
    try:
        _broken(secret)
    except KeyError as error:
        return error
    raise AssertionError


def test_an_unexpected_error_is_one_line_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert complain(_failure(), Globals()) == ExitCode.FAILED
    shown = capsys.readouterr().err
    assert shown.startswith("error: lhwa ")
    assert "KeyError (reference " in shown
    assert "LHWA_DEBUG=1" in shown
    assert "00001111" not in shown
    assert "Traceback" not in shown
    assert len(shown.splitlines()) == 2


def test_the_reference_of_a_defect_does_not_change_with_the_data() -> None:
    assert report_of(_failure("one")).message == report_of(_failure("two")).message


def test_debug_adds_the_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LHWA_DEBUG", "1")
    complain(_failure("sample"), Globals())
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort()])
def test_an_interruption_is_130(capsys: pytest.CaptureFixture[str], error: BaseException) -> None:
    assert complain(error, Globals()) == 130
    assert capsys.readouterr().err == "error: Interrupted.\n"


def test_text_in_an_error_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    complain(errors.UsageError("\x1b]0;title\x07", hint="\x9b2J"), Globals())
    say("\x1b[2J", Globals())
    warn("\u202e", Globals())
    shown = capsys.readouterr().err
    assert shown.replace("\n", "").isprintable()


def test_quiet_hides_talk_and_keeps_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    say("Done.", Globals(quiet=True))
    warn("Careful.", Globals(quiet=True))
    assert capsys.readouterr().err == "warning: Careful.\n"


STORAGE = [
    PermissionError(13, "Permission denied", "/home/tenants"),
    OSError(30, "Read-only file system", "/home/spool.db"),
    OSError(28, "No space left on device"),
]


@pytest.mark.parametrize("error", STORAGE, ids=str)
def test_a_file_that_cannot_be_written_is_a_storage_error(error: OSError) -> None:
    report = report_of(error)
    assert (report.code, report.hint, report.retryable) == (ExitCode.UNAVAILABLE, STORAGE_HINT, True)
    assert str(error.strerror) in report.message


def test_a_storage_error_without_a_hint_gets_one() -> None:
    assert report_of(errors.StorageError("It is read-only.")).hint == STORAGE_HINT
    assert report_of(errors.StorageError("It is gone.", hint="Restore it.")).hint == "Restore it."
