"""The verdict of the demo."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lhwa.cli.app import build
from lhwa.cli.demo.play import _inbox_checks, to_try
from lhwa.cli.demo.stage import Stage
from lhwa.cli.demo.story import FIRM_A, Outcome

WANTED = Counter({Outcome.MESSAGE: 2})


def _message(**facts: Any) -> dict[str, Any]:
    return {"direction": "inbound", "status": None, "edited": False, "revoked": False, "text": "teks", **facts}


def test_a_complete_inbox_passes() -> None:
    inbox = [_message(edited=True, revoked=True), _message(direction="outbound", status="read")]
    assert all(held for _, held, _ in _inbox_checks(inbox, WANTED))


def test_a_lost_message_is_noticed() -> None:
    inbox = [_message(direction="outbound", status="read", edited=True, revoked=True)]
    checks = _inbox_checks(inbox, WANTED)
    assert [name for name, held, _ in checks if not held] == ["messages in the inbox"]


def test_a_status_that_went_backwards_is_noticed() -> None:
    inbox = [_message(edited=True, revoked=True), _message(direction="outbound", status="sent")]
    assert [held for _, held, _ in _inbox_checks(inbox, WANTED)] == [True, False, True]


def test_a_message_that_lost_its_text_to_a_revoke_is_noticed() -> None:
    inbox = [_message(edited=True, revoked=True, text=None), _message(direction="outbound", status="read")]
    assert [held for _, held, _ in _inbox_checks(inbox, WANTED)] == [True, True, False]


def test_who_looks_around_is_sent_to_the_inbox_first_and_to_commands_that_there_are() -> None:
    stage = Stage()
    lines = [line.split("#")[0].split() for line in to_try(stage) if line.startswith("lhwa ")]
    stage.close()
    assert lines[0] == ["lhwa", "inbox", "-t", FIRM_A]
    root: Any = build()
    with root.make_context("lhwa", [], resilient_parsing=True) as context:
        assert {words[1] for words in lines} <= set(root.list_commands(context))
