"""Wrong command lines: plain words, and no secret repeated."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable

import pytest

from lhwa.cli.wrong_usage import hide_secrets, hide_tokens, mask_numbers

Run = Callable[..., subprocess.CompletedProcess[str]]

TOKEN = "lhwa_" + "Sample-Token_0123456789" * 2
APP_SECRET = "0123456789abcdef" * 2
WITH_TOKEN = [
    ("login", TOKEN),
    ("login", "--token", TOKEN),
    ("login", f"--token={TOKEN}"),
    (TOKEN,),
    ("whoami", "-t", TOKEN),
    ("token", "issue", "budi", "--days", TOKEN),
    ("config", "explain", TOKEN),
    ("init", "--root-key", TOKEN),
]


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.parametrize("words", WITH_TOKEN, ids=lambda words: " ".join(words).replace(TOKEN, "TOKEN"))
def test_a_token_on_the_command_line_is_not_repeated(lhwa: Run, words: tuple[str, ...], debug: str) -> None:
    for form in ((), ("--json",)):
        ran = lhwa(*form, *words, env={"LHWA_DEBUG": debug})
        assert (ran.returncode, ran.stdout) == (2, "")
        assert TOKEN[5:15] not in ran.stderr
        assert "lhwa token revoke" in ran.stderr


def test_any_other_secret_on_the_command_line_is_not_repeated(lhwa: Run) -> None:
    ran = lhwa("app", "add", "main", APP_SECRET)
    assert ran.returncode == 2
    assert APP_SECRET not in ran.stderr
    assert "read from stdin" in ran.stderr


def test_a_token_that_was_cut_short_is_hidden_too() -> None:
    assert hide_tokens("not 'lhwa_Sample-To…'.") == "not '(hidden)…'."


SHOWN = ["01KAN00000000000000000000A", "firma-contoh-satu-dua", "--phone-number-id", "/var/lib/lhwa-2026/home/of/firms"]


@pytest.mark.parametrize("word", SHOWN)
def test_what_is_no_secret_is_shown(word: str) -> None:
    assert hide_secrets(f"This is too much: {word}") == f"This is too much: {word}"


KEY = "Sample0" * 4
HIDDEN_IN = [
    # said, shown
    (f"'{KEY}'", "'(hidden)'"),
    (f"--app-secret={KEY}", "(hidden)"),
    (f"(app|{KEY})", "((hidden))"),
    (f"{'a' * 28}:1", "(hidden):1"),
    (f"x/{KEY} {KEY}/x", f"x/{KEY} (hidden)/x"),
    (f"{'a' * 28} 1", f"{'a' * 28} 1"),
    (f"{'1' * 28}'{'a' * 28}'", "(hidden)'" + "a" * 28 + "'"),
]


@pytest.mark.parametrize(("said", "shown"), HIDDEN_IN)
def test_what_looks_like_a_secret_is_hidden_where_it_stands(said: str, shown: str) -> None:
    assert hide_secrets(said) == shown


LONG = [("letters", "a"), ("starts", "=a"), ("words that are almost secrets", "a" * 28 + "'"), ("digits", "1'")]


@pytest.mark.parametrize(("label", "piece"), LONG, ids=[case[0] for case in LONG])
def test_a_very_long_argument_is_answered_at_once(label: str, piece: str) -> None:
    word = piece * (200_000 // len(piece))
    began_s = time.process_time()
    assert hide_secrets(f"No such command '{word}'.").endswith("'.")
    assert time.process_time() - began_s < 3


WORDINGS = [
    (("init", "--root-key", "fiel"), "Invalid value for '--root-key': 'fiel' is not one of 'auto', "),
    (("token", "issue", "budi", "--days", "many"), "Invalid value for '--days': it has to be a whole number."),
    (("token", "issue", "budi", "--days", "366"), "Invalid value for '--days': it can be at most 365."),
    (("token", "issue", "budi", "--days", "0"), "Invalid value for '--days': it has to be at least 1."),
    (("status", "one", "two"), "This is too much on the command line: one two"),
]


@pytest.mark.parametrize(("words", "said"), WORDINGS)
def test_mistakes_are_told_in_plain_words(lhwa: Run, words: tuple[str, ...], said: str) -> None:
    message = json.loads(lhwa("--json", *words).stderr)["error"]["message"]
    assert message.startswith(said)


NUMBERS = [
    ("6281230001111", "+62 812-••••-1111"),
    ("+6281230001111", "+62 812-••••-1111"),
    ("081230001111", "+08 123-••••-111"),
    ("301301301301301", "301301301301301"),
    ("wamid.HRcNNjI4OTkxMjM0NTY3NxUCABIY", "wamid.…"),
]


@pytest.mark.parametrize(("typed", "shown"), NUMBERS)
def test_a_telephone_number_that_was_typed_is_masked(typed: str, shown: str) -> None:
    assert mask_numbers(f"'{typed}' is no tenant id.", ["tenant", "show", typed]) == f"'{shown}' is no tenant id."


def test_a_limit_that_nobody_typed_stays_readable() -> None:
    assert mask_numbers("it can be at most 2147483647.", ["--seed", "99999999999"]).endswith("2147483647.")
