from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.access import Role
from lhwa.domain.audit import AuditRecord, Schema
from lhwa.domain.merkle import Frontier
from lhwa.errors import NotAllowedError
from lhwa.services.audit.following import Follower, followed, verify_some
from lhwa.services.audit.verify import verify_log
from lhwa.services.audit.views import verify
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import acting_as, open_firm
from tests.services.audit.test_verify import (
    OPENING,
    SCHEMA,
    TAMPERING,
    Row,
    changed,
    changed_with_its_hash,
    frontier_of,
    log,
)

AUDITOR = acting_as(Role.AUDITOR)
Tamper = Callable[[list[Row], int], list[Row]]


@dataclass
class Growing:
    rows: list[Row]
    frontier: Frontier | None
    found: Schema
    read: int = 0

    def schema(self) -> Schema:
        return self.found

    def written_schema(self) -> Schema:
        return SCHEMA

    def frontier_row(self) -> tuple[int, bytes] | None:
        return None if self.frontier is None else (self.frontier.size, self.frontier.to_bytes())

    def entries(self, *, start: int | None = None) -> Iterator[Row]:
        for row in self.rows:
            if start is None or row.seq >= start:
                self.read += 1
                yield row

    def tail(self, first: int) -> list[Row]:
        return [row for row in self.rows if row.seq >= first]

    def lowest(self) -> int | None:
        return self.rows[0].seq if self.rows else None


def growing(rows: list[Row], *, written: list[Row] | None = None) -> Growing:
    return Growing(rows, frontier_of(rows if written is None else written), SCHEMA)


def to_the_end(stored: Growing, state: Follower | None = None, *, rows_max: int = 3) -> Follower:
    state = Follower() if state is None else state
    while True:
        after = followed(state, stored, OPENING, rows_max=rows_max)
        if not after.ok or after.is_caught_up:
            return after
        assert after.verified_to == state.verified_to + rows_max
        state = after


@given(size=st.integers(1, 40), rows_max=st.integers(1, 45), grown=st.integers(0, 20))
def test_a_sound_log_is_followed_in_steps_of_any_size(size: int, rows_max: int, grown: int) -> None:
    rows = log(size + grown)
    state = to_the_end(growing(rows[:size]), rows_max=rows_max)
    assert (state.ok, state.verified_to, state.written, state.reason) == (True, size, size, "")
    stored = growing(rows)
    state = to_the_end(stored, state, rows_max=rows_max)
    assert (state.verified_to, state.frontier.root()) == (size + grown, frontier_of(rows).root())
    assert stored.read == grown, "what was checked is not read again"


@given(
    tamper=st.sampled_from([*(case[0] for case in TAMPERING), changed_with_its_hash]),
    size=st.integers(2, 24),
    rows_max=st.integers(1, 30),
    data=st.data(),
)
def test_steps_find_what_one_check_of_the_whole_finds(
    tamper: Tamper, size: int, rows_max: int, data: st.DataObject
) -> None:
    rows = log(size)
    bad = tamper(rows, data.draw(st.integers(0, size - 1)))
    stack = frontier_of(rows).to_bytes()
    whole = verify_log(bad, stored_size=size, stored_stack=stack, opening=OPENING)
    state = to_the_end(growing(bad, written=rows), rows_max=rows_max)
    assert (state.ok, state.verified_to) == (False, whole.entries)
    assert (state.first_bad, state.reason) == (whole.first_bad, whole.reason)


def test_what_was_not_looked_at_is_not_caught_up() -> None:
    assert (Follower().ok, Follower().is_caught_up) == (True, False)


def written_anew(rows: list[Row]) -> Growing:
    return growing(changed_with_its_hash(rows, 2))


def cut(rows: list[Row]) -> Growing:
    return growing(rows[:-1], written=rows)


def cut_with_the_frontier(rows: list[Row]) -> Growing:
    return growing(rows[:-1])


def emptied(rows: list[Row]) -> Growing:
    return growing([], written=rows)


def without_the_first(rows: list[Row]) -> Growing:
    return growing(rows[1:], written=rows)


def with_one_before(rows: list[Row]) -> Growing:
    return growing([replace(rows[0], seq=-4), *rows], written=rows)


def with_one_behind(rows: list[Row]) -> Growing:
    return growing([*rows, log(len(rows) + 1)[-1]], written=rows)


def newest_changed(rows: list[Row]) -> Growing:
    return growing(changed(rows, len(rows) - 1), written=rows)


def without_frontier(rows: list[Row]) -> Growing:
    return replace(growing(rows), frontier=None)


def without_table(rows: list[Row]) -> Growing:
    return replace(growing(rows), found={})


def without_guard(rows: list[Row]) -> Growing:
    return replace(growing(rows), found={place: sql for place, sql in SCHEMA.items() if place[1] != "no_delete"})


AFTERWARDS: list[tuple[Callable[[list[Row]], Growing], int | None, str]] = [
    (written_anew, None, "the tree is not the one written"),
    (cut, 9, "the newest records are not those that were checked"),
    (cut_with_the_frontier, 9, "or the frontier was set back"),
    (emptied, 0, "the entry is missing"),
    (without_the_first, 0, "the entry is missing"),
    (with_one_before, -4, "the entry was added"),
    (with_one_behind, 10, "past the frontier"),
    (newest_changed, None, "the newest records are not those that were checked"),
    (without_frontier, None, "the frontier is gone"),
    (without_table, None, "table audit_entry is missing"),
    (without_guard, None, "trigger no_delete is missing"),
]


@pytest.mark.parametrize(("tamper", "first_bad", "reason"), AFTERWARDS, ids=[case[0].__name__ for case in AFTERWARDS])
def test_what_happens_to_a_log_that_was_checked_is_noticed_by_the_next_step(
    tamper: Callable[[list[Row]], Growing], first_bad: int | None, reason: str
) -> None:
    rows = log(10)
    sound = to_the_end(growing(rows))
    assert sound.is_caught_up
    found = followed(sound, tamper(rows), OPENING, rows_max=3)
    assert (found.ok, found.first_bad, found.is_caught_up) == (False, first_bad, False)
    assert reason in found.reason
    assert followed(found, growing(rows), OPENING, rows_max=3) == found, "nothing makes it sound again"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_firm(tmp_path / "firma") as made:
        made.write(note, 9)
        yield made


def note(tx: Tx, records: int) -> None:
    for number in range(records):
        tx.audit.append(AuditRecord("system:test", "test.noted", f"t:{number}", {"n": 1}))


def step(store: Store, state: Follower, *, rows_max: int = 4) -> Follower:
    return store.read(verify_some, AUDITOR, state, rows_max=rows_max)


def test_the_log_of_a_firm_is_followed_while_it_grows(store: Store) -> None:
    state = step(store, Follower())
    assert (state.ok, state.verified_to, state.written, state.is_caught_up) == (True, 4, 10, False)
    state = step(store, step(store, state))
    assert state.is_caught_up
    store.write(note, 2)
    state = step(store, state)
    assert (state.verified_to, state.is_caught_up) == (12, True)
    whole = store.read(verify, AUDITOR)
    assert (whole.ok, whole.entries) == (True, 12)


def test_a_firms_log_that_somebody_cut_is_noticed(store: Store) -> None:
    state = step(store, Follower(), rows_max=99)
    store.close()
    raw = apsw.Connection(str(store._database))
    raw.execute("DROP TRIGGER audit_entry_no_delete; DELETE FROM audit_entry WHERE seq = 9")
    raw.close()
    found = step(store, state)
    assert (found.ok, found.first_bad, found.verified_to) == (False, 9, 10)
    assert "trigger audit_entry_no_delete is missing" in found.reason


def test_only_those_who_read_the_log_follow_it(store: Store) -> None:
    with pytest.raises(NotAllowedError):
        store.read(verify_some, acting_as(Role.STAFF), Follower(), rows_max=1)
