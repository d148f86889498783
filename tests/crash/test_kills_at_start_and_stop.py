"""SIGKILL while the daemon starts, recovers and stops, sometimes twice in a row: the next one finds everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

ROUNDS = 24


@pytest.mark.timeout(400)
def test_a_broken_start_or_stop_loses_nothing(kill: Callable[..., Counter[str]]) -> None:
    moments = {"starting": 3, "stopping": 4, "under load": 3}
    result = kill(ROUNDS, seed="start-and-stop", moments=moments)
    assert result["rounds"] == ROUNDS
    assert all(result[f"kills {moment}"] for moment in moments)
    assert result["requestsSent"] == result["acknowledged"] > ROUNDS
