"""SIGKILL while requests come in and are applied: what was answered 200 is there, and everything is there once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

ROUNDS = 26


@pytest.mark.timeout(400)
def test_nothing_is_lost_and_nothing_is_done_twice(kill: Callable[..., dict[str, Any]]) -> None:
    moments = {"first 200": 3, "under load": 4, "draining": 3}
    result = kill(ROUNDS, seed="under-load", moments=moments)
    assert result["rounds"] == ROUNDS
    assert set(moments) <= set(result["kills"])
    assert result["lostAnswers"] > ROUNDS / 2, "the kills came when nothing was under way"
    assert result["requestsSent"] == result["acknowledged"] > 2 * ROUNDS
    assert result["elements"] > result["requestsSent"]
