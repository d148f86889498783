from __future__ import annotations

import io
import sys

import pytest

from lhwa.cli import ask
from lhwa.errors import UsageError

LABELS = {"app_secret": "App secret", "verify_token": "Verify token"}


def given(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_secrets_are_one_json_object(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, '{"app_secret":" s ","verify_token":"v"}\n')
    assert ask.secrets_of_stdin(LABELS) == {"app_secret": "s", "verify_token": "v"}


def test_an_optional_secret_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, '{"app_secret":"s"}')
    assert ask.secrets_of_stdin(LABELS, optional=("verify_token",)) == {"app_secret": "s"}


BAD = [
    ("nothing", ""),
    ("no JSON", "hunter2-canary"),
    ("a text", '"hunter2-canary"'),
    ("a list", '["hunter2-canary"]'),
    ("an unknown field", '{"hunter2-canary":"x","app_secret":"s","verify_token":"v"}'),
    ("a missing field", '{"app_secret":"hunter2-canary"}'),
    ("a number", '{"app_secret":"hunter2-canary","verify_token":1}'),
    ("an empty text", '{"app_secret":"hunter2-canary","verify_token":" "}'),
    ("too much", '{"app_secret":"' + "hunter2-canary" * 10_000 + '"}'),
    ("deep", "[" * 60_000),
]


@pytest.mark.parametrize("text", [text for _, text in BAD], ids=[label for label, _ in BAD])
def test_wrong_input_is_refused_without_quoting_it(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    given(monkeypatch, text)
    with pytest.raises(UsageError) as refused:
        ask.secrets_of_stdin(LABELS)
    assert "hunter2" not in refused.value.message + refused.value.hint
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("text", ["", "  \n", "two words", "two\nlines"])
def test_one_secret_is_one_word(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    given(monkeypatch, text)
    with pytest.raises(UsageError):
        ask.secret_of_stdin("Access token")


def test_nobody_is_asked_where_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, "someone\n")
    assert ask.answer("Your name", default="owner") == "owner"
    given(monkeypatch, "lhwa_x\n")
    assert ask.secret_of_stdin("Token") == "lhwa_x"
