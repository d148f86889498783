from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lhwa.tui.act_table import BY_ID
from lhwa.tui.helping import ACTIONS, action_word, help_lines, key_bar
from lhwa.tui.labels import ENGLISH
from lhwa.tui.lines import plain, width_of
from lhwa.tui.screens.main import Main

KEYS = [("?", "Help"), ("r", "Reply"), ("A", "Assign")]


def test_keys_stand_with_their_labels() -> None:
    assert plain(key_bar(KEYS, 80)) == " ? Help  r Reply  A Assign "


def test_where_there_is_little_room_the_last_ones_are_left_to_the_help() -> None:
    assert plain(key_bar(KEYS, 26)) == " ? Help  r Reply  …"
    assert plain(key_bar(KEYS, 27)) == " ? Help  r Reply  A Assign "


def test_how_many_are_marked_stands_first() -> None:
    assert plain(key_bar(KEYS[:1], 80, marked="3 marked")) == " 3 marked  ? Help "


def test_every_action_has_a_name_in_bahasa_indonesia() -> None:
    assert ACTIONS.keys() == Main.known_actions() - BY_ID.keys()
    assert action_word("list.next", "Next", "id") == "Berikutnya"
    assert action_word("list.next", "Next", "en") == "Next"


@given(
    keys=st.lists(st.tuples(st.text("ab^", min_size=1), st.text("abc ", min_size=1)), min_size=1),
    width=st.integers(4, 90),
)
def test_no_label_is_ever_cut(keys: list[tuple[str, str]], width: int) -> None:
    bar = key_bar(keys, width)
    assert width_of(bar) <= width
    whole = [f" {key} {label} " for key, label in keys]
    shown = plain(bar).removesuffix(" …")
    assert shown == "".join(whole[: len(bar) // 2])


def test_an_action_with_several_keys_has_one_line_in_the_help() -> None:
    lines = [plain(line) for line in help_lines([("A", "Assign")], [("j", "Next"), ("↓", "Next")], ENGLISH, 60)]
    assert [" ".join(line.split()) for line in lines] == ["Here", "A Assign", "", "Everywhere", "j ↓ Next", ""]
