from __future__ import annotations

import gc

import pytest

from lhwa.store import memory as memory_module
from lhwa.store.memory import Memory


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    others = sum(map(len, list(memory_module._ALL.values())))
    monkeypatch.setattr(memory_module, "OWN_MAX", 4)
    monkeypatch.setattr(memory_module, "_GROWTH", 4)
    monkeypatch.setattr(memory_module, "SHARED_MAX", others + 12)


def filled(entries: int) -> Memory[int, str]:
    made: Memory[int, str] = Memory()
    for number in range(entries):
        assert made.keep(number, "x") == "x"
    return made


def test_a_memory_grows_while_the_others_leave_room() -> None:
    assert len(filled(12)) == 12


def test_a_memory_is_emptied_where_all_of_them_are_full() -> None:
    first = filled(12)
    second = filled(4)
    assert (len(first), len(second)) == (12, 4), "every one may hold a little"
    second.keep(99, "y")
    assert dict(second) == {99: "y"}
    assert len(first) == 12


def test_what_is_gone_takes_no_room() -> None:
    first = filled(12)
    del first
    gc.collect()
    assert len(filled(12)) == 12


def test_a_memory_shows_nothing() -> None:
    made: Memory[str, str] = Memory()
    made.keep("+6281230001111", "secret")
    assert repr(made) == "Memory(1)"
