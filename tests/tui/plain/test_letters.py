"""Writing to clients line by line: text, drafts, templates, files, times, and who else is writing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lhwa.domain.outbound import OutboundState
from lhwa.services.inbox.desk import be_at, draft_of, keep_draft
from lhwa.store.tables.outbox import Letter, OutboundRow
from lhwa.store.transaction import Tx
from lhwa.tui.desk import Desk
from tests.tui.place import LAWYER, STAFF, Place
from tests.tui.plain.dialogue import CtrlC, desk_at, open_thread, talk

OPENED = open_thread("Contoh Terbuka")


def sent(place: Place) -> tuple[OutboundRow, Letter]:
    """The newest message in the outbox."""

    def look(tx: Tx) -> tuple[OutboundRow, Letter]:
        row = tx.outbox.newest(rows_max=1)[0]
        return row, tx.outbox.letter(row)

    with place.office() as office:
        return office.store.read(look)


def draft(place: Place) -> str | None:
    with desk_at(place, LAWYER) as desk:
        found = desk.read(draft_of, place.ids["thread.open"])
    return None if found is None else found.text


def with_draft(desk: Desk) -> None:
    desk.jot(keep_draft, THREAD, "Kemarin begini.\nLalu begitu.")


THREAD = "NR2JQJR7P4HCBVCJ"


def test_a_reply_is_written_read_and_sent(place: Place) -> None:
    sitting = talk(place, LAWYER, *OPENED, "reply", "Baik, Ibu.", "", "Kami bantu.", ".", "read", "send")
    assert sitting.went_well, sitting.voice.events
    row, letter = sent(place)
    assert (row.state, row.conversation) == (OutboundState.QUEUED, place.ids["thread.open"])
    assert getattr(letter.content, "body", "") == "Baik, Ibu.\n\nKami bantu."
    said = sitting.voice.after("reply")
    assert said[0] == "To Contoh Terbuka, window 1 d left."
    assert "May leave now." in said
    assert said[said.index("The client reads:") :][:3] == ["The client reads:", "  Baik, Ibu.", "  Kami bantu."]
    assert "Send, to Contoh Terbuka. Done." in said
    assert draft(place) is None


@pytest.mark.parametrize("ending", [(), (CtrlC,), (".", ""), (".", CtrlC)], ids=["end", "ctrl-c", "enter", "later"])
def test_a_reply_that_is_given_up_half_way_is_kept_and_offered_again(place: Place, ending: tuple[str, ...]) -> None:
    sitting = talk(place, LAWYER, *OPENED, "reply", "Baik,", "Ibu.", *ending)
    assert "Draft kept." in sitting.voice.heard("tell")
    assert draft(place) == "Baik,\nIbu."
    again = talk(place, LAWYER, *OPENED, "reply", "1", "Kami bantu.", ".", "send").voice.after("reply")
    assert again[1:4] == ["You have a draft:", "  Baik,", "  Ibu."]
    assert getattr(sent(place)[1].content, "body", "") == "Baik,\nIbu.\nKami bantu."


def test_a_draft_can_be_taken_as_it_is_thrown_away_or_left(place: Place) -> None:
    assert place.ids["thread.open"] == THREAD
    talk(place, LAWYER, *OPENED, "reply", "", arrange=with_draft)
    assert draft(place) == "Kemarin begini.\nLalu begitu."
    talk(place, LAWYER, *OPENED, "reply", "2", "send")
    assert getattr(sent(place)[1].content, "body", "") == "Kemarin begini.\nLalu begitu."
    thrown = talk(place, LAWYER, *OPENED, "reply", "3", ".", arrange=with_draft)
    assert "The draft is thrown away." in thrown.voice.heard("tell")
    assert draft(place) is None


def test_one_message_is_answered_by_its_number(place: Place) -> None:
    talk(place, LAWYER, *OPENED, "reply 2", "Tanah yang mana?", ".", "send")
    assert sent(place)[1].reply_to_wamid == "wamid.OPEN2"
    talk(place, LAWYER, *OPENED, "1", "reply", "Dengan siapa?", ".", "send")
    assert sent(place)[1].reply_to_wamid == "wamid.OPEN1"


def test_a_template_is_chosen_by_number_and_its_values_are_asked_for(place: Place) -> None:
    typed = (*open_thread("Contoh Tertutup"), "template", "1", "Rina", "Senin 10.00", "send")
    sitting = talk(place, LAWYER, *typed)
    assert sitting.went_well
    row, _letter = sent(place)
    assert row.template
    assert row.conversation == place.ids["thread.closed"]


def test_free_text_in_a_closed_window_is_told_before_it_is_sent(place: Place) -> None:
    before = sent(place)[0].id
    sitting = talk(place, LAWYER, *open_thread("Contoh Tertutup"), "reply", "Buka, Pak.", ".", "send")
    said = sitting.voice.after("reply")
    assert said[0] == "To Contoh Tertutup, window closed."
    assert "Only a template can leave now: template chooses one." in said
    assert "Send, to Contoh Tertutup. Refused." in said
    assert not sitting.went_well
    assert sent(place)[0].id == before


def test_a_message_leaves_later(place: Place) -> None:
    sitting = talk(place, LAWYER, *OPENED, "reply", "Sampai besok.", ".", "later", "nanti saja", "later", "+2h", "send")
    told = sitting.voice.heard("tell")
    assert told.count("When, such as 28 Nov 14:30, tomorrow 08:00 or +2h") == 1
    row, _ = sent(place)
    assert row.send_at_ms == sitting.desk.now_ms + 2 * 3_600_000


def test_a_file_is_attached(place: Place, tmp_path: Path) -> None:
    paper = tmp_path / "surat kuasa.pdf"
    paper.write_bytes(b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    sitting = talk(
        place, LAWYER, *OPENED, "reply", "Silakan.", ".", "attach", "/tidak/ada", "attach", str(paper), "send"
    )
    assert "There is no such file." in sitting.voice.heard("tell")
    assert "surat kuasa.pdf" in str(getattr(sent(place)[1].content, "filename", ""))


def test_who_else_writes_is_said_before_a_reply(place: Place) -> None:
    def others(_: Desk) -> None:
        with desk_at(place, STAFF) as desk:
            desk.jot(be_at, desk="other", conversation=place.ids["thread.open"], is_writing=True)

    said = talk(place, LAWYER, *OPENED, "reply", arrange=others).voice.after("reply")
    assert said[0] == "Wati Contoh is writing here"


def test_staff_hear_that_a_second_person_has_to_approve(place: Place) -> None:
    said = talk(place, STAFF, *OPENED, "reply", "Baik.", ".", "send").voice.after("reply")
    assert "May leave now. A second person has to approve it." in said
    assert sent(place)[0].state is OutboundState.PENDING_APPROVAL


def test_nothing_is_written_where_no_conversation_is_open(place: Place) -> None:
    assert "error: Nothing is open. A number opens what has it." in talk(place, LAWYER, "reply").voice.heard("tell")
