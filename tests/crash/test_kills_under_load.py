"""SIGKILL while requests come in and are applied: what was answered 200 is there, and everything is there once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

ROUNDS = 26


@pytest.mark.timeout(400)
def test_nothing_is_lost_and_nothing_is_done_twice(kill: Callable[..., Counter[str]]) -> None:
    moments = {"first 200": 3, "under load": 4, "draining": 3}
    result = kill(ROUNDS, seed="under-load", moments=moments)
    assert result["rounds"] == ROUNDS
    assert all(result[f"kills {moment}"] for moment in moments)
    assert result["lostAnswers"] > ROUNDS / 2, "the kills came when nothing was under way"
    assert result["requestsSent"] == result["acknowledged"] > 2 * ROUNDS
    assert result["elements"] > result["requestsSent"]
