from __future__ import annotations

import pytest
from textual.drivers import linux_driver

from lhwa.errors import UnavailableError
from lhwa.tui.surroundings import let_go_of_textual_settings, read_any_bytes
from tests.tui.hands import hands_of
from tests.tui.place import SECOND, Place


def test_nothing_has_textual_write_the_screen_or_the_keys_into_files() -> None:
    environ = {
        "PATH": "/bin",
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_DEBUG": "1",
        "TEXTUAL_LOG": "log",
        "TEXTUAL_PRESS": "a",
        "TEXTUAL_SCREENSHOT": "1",
    }
    let_go_of_textual_settings(environ)
    assert environ == {"PATH": "/bin", "TEXTUAL_ANIMATIONS": "none"}


def test_bytes_that_are_no_text_end_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_driver, "getincrementaldecoder", None)
    read_any_bytes()
    decode = vars(linux_driver)["getincrementaldecoder"]("utf-8")().decode
    assert [decode(piece) for piece in (b"a\xff", b"\xe2\x82", b"\xac")] == ["a\ufffd", "", "\u20ac"]


async def test_a_terminal_that_cannot_be_read_ends_the_inbox_without_a_traceback(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hands_of(place, SECOND) as hands:
        with monkeypatch.context() as patch:
            patch.setattr(hands.app, "_close_messages_no_wait", lambda: None)
            hands.app.panic("text of a traceback")
        failure, hands.app._exception = hands.app.failure, None
        assert isinstance(failure, UnavailableError)
        assert hands.app._exit_renderables == []
