"""Ids of webhook requests are ULIDs of their time, and never given twice."""

from lhwa.domain.ids import is_ulid, ulid
from lhwa.gateway.event_ids import EventIds


def test_ids_in_a_row_are_ulids_of_their_time_and_never_the_same() -> None:
    source, other = EventIds(), EventIds()
    drawn = [each.next(1_795_305_600_000) for _ in range(3_000) for each in (source, other)]
    assert len(set(drawn)) == len(drawn)
    assert all(map(is_ulid, drawn))
    assert {each[:10] for each in drawn} == {ulid(1_795_305_600_000, bytes(10))[:10]}


def test_ids_go_on_when_their_count_is_used_up() -> None:
    source = EventIds()
    first = source.next(0)
    source._count = (1 << 20) - 1
    last, after = source.next(0), source.next(0)
    assert (first[:22], first[22:]) == (last[:22], "0000")
    assert last.endswith("ZZZZ")
    assert after.endswith("0000")
    assert after[:22] != last[:22]
