from __future__ import annotations

import pytest

from lhwa.testing.fakes import FakeClock
from lhwa.tui.web.links import Links
from lhwa.tui.web.moments import Moment


@pytest.fixture
def links() -> Links:
    return Links(valid_s=600)


def test_a_link_opens_once(links: Links, clock: FakeClock) -> None:
    word = links.issue(Moment.of(clock))
    assert links.use(word, Moment.of(clock))
    assert not links.use(word, Moment.of(clock))


def test_nothing_opens_before_there_is_a_link(links: Links, clock: FakeClock) -> None:
    assert not links.use("", Moment.of(clock))


@pytest.mark.parametrize("wrong", ["", "a" * 43, "\ud800", "é"])
def test_a_wrong_word_neither_opens_nor_uses_up_the_link(links: Links, clock: FakeClock, wrong: str) -> None:
    word = links.issue(Moment.of(clock))
    assert not links.use(wrong, Moment.of(clock))
    assert not links.use(word[:-1], Moment.of(clock))
    assert links.use(word, Moment.of(clock))


def test_a_new_link_makes_the_one_before_it_void(links: Links, clock: FakeClock) -> None:
    old, new = links.issue(Moment.of(clock)), links.issue(Moment.of(clock))
    assert not links.use(old, Moment.of(clock))
    assert links.use(new, Moment.of(clock))


@pytest.mark.parametrize(("after_s", "opens"), [(599, True), (601, False)])
def test_a_link_opens_for_ten_minutes(links: Links, clock: FakeClock, after_s: float, *, opens: bool) -> None:
    word = links.issue(Moment.of(clock))
    clock.advance(after_s)
    assert links.use(word, Moment.of(clock)) is opens


def test_words_have_256_bits_and_are_not_kept(links: Links, clock: FakeClock) -> None:
    words = {links.issue(Moment.of(clock)) for _ in range(10)}
    assert {len(word) for word in words} == {43}
    assert len(words) == 10
    assert not any(word in repr(vars(links)) for word in words)
