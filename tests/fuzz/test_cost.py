"""No signed body costs more than its size: twice the bytes, about twice the time, whatever their shape."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from lhwa.gateway.routing import split
from lhwa.normalizer.normalize import normalize
from tests.fuzz.firms import routing_table
from tests.fuzz.hostile import SHAPES

BYTES = 100_000
S_MAX = 1.0
"""Measured: the dearest shape takes 0.15 s at this size. What grows with the square of it takes minutes."""


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_is_dear(shape: str) -> None:
    body = SHAPES[shape](BYTES)
    table = routing_table()
    assert _cpu_s(lambda: normalize(body)) < S_MAX
    assert _cpu_s(lambda: split(body, table)) < S_MAX


def _cpu_s(work: Callable[[], Any]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
