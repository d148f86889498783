"""Every act of the inbox, done by keys: the row, the record, the line in the log, and the same line at a prompt."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from lhwa.tui.act_table import ACTS
from tests.tui.deeds import KIND_OF, Deed
from tests.tui.hands import Hands, comparable, hands_of, records, words_of
from tests.tui.place import SECOND, Place
from tests.tui.walks import WALKS


def test_every_act_is_done_in_every_place_where_it_is_offered() -> None:
    done = {(deed.act, KIND_OF[walk.where]) for walk in WALKS.values() for deed in walk.deeds}
    assert done == {(act.id, kind) for act in ACTS for kind in act.on}


@pytest.mark.parametrize("name", WALKS)
async def test_an_act_is_its_line(name: str, place: Place, pristine_place: Place, tmp_path: Path) -> None:
    walk = WALKS[name]
    before = len(records(place))
    async with hands_of(place, SECOND) as hands:
        for deed in walk.deeds:
            expected = _expected(deed, hands)
            await hands.at(walk.where, *deed.on, opened=deed.opened or bool(deed.entry))
            if deed.entry:
                await hands.on_entry(place.ids[deed.entry])
            await hands.do(deed.act, deed.values)
            assert hands.log[-1] == f"{'✗' if deed.refused else '✓'} {expected}", hands.said
            assert deed.refused in hands.said[-1]
            assert hands.main.desk.store.read(deed.holds, place.ids), deed
        lines = [words_of(each) for each in hands.log]
    assert len(lines) == len(walk.deeds)
    mine = records(place)[before:]
    assert {deed.audited for deed in walk.deeds if deed.audited} <= {each["action"] for each in mine}
    other = pristine_place.copy_to(tmp_path / "other")
    for words, deed in zip(lines, walk.deeds, strict=True):
        told = other.run(SECOND, words, typed=deed.typed)
        assert told.is_done is not bool(deed.refused), told.err
    assert comparable(records(other)[before:], place.ids) == comparable(mine, place.ids)


def _expected(deed: Deed, hands: Hands) -> str:
    """The line as it must be shown."""
    ids = hands.place.ids
    intake = hands.main.desk.store.read(lambda tx: tx.intakes.get(ids["intake.submitted"]))
    assert intake is not None
    line = deed.line.replace("{seen}", str(intake.acts))
    for each, known in ids.items():
        line = line.replace(f"{{{each}}}", known)
    return "lhwa " + shlex.join(shlex.split(line))
