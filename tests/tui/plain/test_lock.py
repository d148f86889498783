"""The lock of the line mode: after a pause nothing more is said to anybody but the one who sat there."""

from __future__ import annotations

from collections.abc import Callable

from lhwa.services.inbox.desk import draft_of
from tests.tui.place import LAWYER, OWNER, STAFF, Place
from tests.tui.plain.dialogue import LOCK_MINUTES, desk_at, open_thread, talk

OPENED = open_thread("Contoh Terbuka")


class Pause:
    """A clock that jumps before one answer is given."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def then(self, answer: str, *, minutes: float = LOCK_MINUTES) -> Callable[[], str]:
        def typed() -> str:
            self.now_s += minutes * 60
            return answer

        return typed


def test_after_a_pause_the_next_line_is_not_done_and_the_token_is_asked_for(place: Place) -> None:
    pause = Pause()
    token = place.tokens[LAWYER]
    sitting = talk(
        place, LAWYER, *OPENED, pause.then("about"), "wrong", place.tokens[STAFF], token, "where", monotonic_s=pause
    )
    voice = sitting.voice
    hidden = [place for place, (kind, _) in enumerate(voice.events) if kind == "hidden"]
    assert len(hidden) == 3
    locked = [line for kind, line in voice.events[hidden[0] - 4 : hidden[-1]] if kind in ("say", "tell")]
    assert "Locked." in locked
    assert "Nobody has touched the keyboard for 15 minutes." in locked
    assert locked.count("That token does not open this inbox.") == 2
    assert not any("Contoh" in line for line in locked)
    assert "Unlocked. What you typed last was not done: type it again." in voice.heard("tell")
    assert voice.heard("say")[-1] == "inbox"
    assert voice.forgets == 1


def test_a_shorter_pause_changes_nothing(place: Place) -> None:
    pause = Pause()
    voice = talk(place, LAWYER, *OPENED, pause.then("where", minutes=LOCK_MINUTES - 1), monotonic_s=pause).voice
    assert voice.heard("say")[-1] == "inbox, Contoh Terbuka"


def test_a_letter_is_kept_when_the_inbox_locks(place: Place) -> None:
    pause = Pause()
    talk(place, LAWYER, *OPENED, "reply", "Baik,", pause.then("bukan saya"), "q", monotonic_s=pause)
    with desk_at(place, LAWYER) as desk:
        found = desk.read(draft_of, place.ids["thread.open"])
    assert found is not None
    assert found.text == "Baik,"


def test_who_came_without_a_token_presses_enter(place: Place) -> None:
    voice = talk(place, OWNER, "lock", "", "where").voice
    assert "Unlocked." in voice.heard("tell")
    assert voice.heard("say")[-1] == "inbox"


def test_q_or_the_end_of_the_input_leaves(place: Place) -> None:
    for typed in ("q", "Q"):
        assert talk(place, LAWYER, "lock", typed, "where").voice.heard("command") == ["inbox> "]
    assert talk(place, LAWYER, "lock").voice.heard("command") == ["inbox> "]


def test_a_wrong_token_in_a_pipe_ends_it(place: Place) -> None:
    sitting = talk(place, LAWYER, "lock", "wrong", "where", is_person=False)
    assert not sitting.went_well
    assert sitting.voice.heard("command") == ["inbox> "]


def test_who_has_lost_the_role_hears_nothing_more(place: Place) -> None:
    def dismissed() -> str:
        assert place.run(OWNER, ["operator", "disable", LAWYER, "--reason", "Pindah kantor."]).is_done
        return "about"

    sitting = talk(place, LAWYER, *OPENED, dismissed, "where")
    assert sitting.voice.heard()[-1] == "You may not work here any more as who you were. Start the inbox again."
    assert sitting.voice.events[-1][0] == "tell"
