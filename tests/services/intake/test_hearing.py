"""Clients who write: who is asked, who is left alone, and that an answer and the next question are one commit."""

from __future__ import annotations

import json
from unittest import mock

import msgspec
import pytest
from msgspec.structs import replace

from lhwa.domain.events import EventType
from lhwa.domain.intake.advancing import advance
from lhwa.domain.intake.session import Heard, Session
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.messages import Direction, MessageType, Via
from lhwa.domain.outbound import OutboundState
from lhwa.domain.schemas import DATA_OF, schema_files
from lhwa.services.intake.flagging import flag_words
from lhwa.services.intake.moving import HOUR_MS
from lhwa.store.transaction import Tx
from lhwa.testing.builders import reply
from lhwa.testing.intake import SMALL_TREE
from tests.services.intake.office import Office

NOTICE = "Notice on intake (id)"


def through(office: Office) -> None:
    """A client answers everything."""
    office.says("Selamat malam")
    office.taps("agree")
    office.says("Rina Contoh")
    office.taps("family")
    office.says("ya")
    office.taps("decline")


def test_a_new_client_sees_the_notice_and_nothing_else(office: Office) -> None:
    assert office.says("Selamat malam, saya Rina, suami saya ditahan") == [NOTICE]
    session = office.session()
    assert session.state is IntakeState.AWAITING_CONSENT
    assert [note.kind.value for note in session.notes] == ["before_consent"]
    assert session.answers == {}


def test_a_client_who_answers_reaches_a_lawyer(office: Office) -> None:
    through(office)
    assert office.intake().state is IntakeState.SUBMITTED
    assert office.session().answers["name"].value == "Rina Contoh"
    assert {row.author for row in office.outbox()} == {"intake"}


def test_who_asks_for_english_first_reads_the_notice_once(office: Office) -> None:
    assert office.says("ENGLISH") == ["Notice on intake (en)"]
    assert office.says("BAHASA") == [NOTICE]


def test_a_firm_without_a_tree_asks_nobody(empty_office: Office) -> None:
    assert empty_office.says("Selamat malam") == []
    assert empty_office.intakes() == []


@pytest.mark.parametrize("via", [Via.HISTORY, Via.STANDBY])
def test_what_is_not_live_begins_nothing(office: Office, via: Via) -> None:
    office.says("Selamat malam", via=via)
    assert office.intakes() == []


def test_a_group_begins_nothing(office: Office) -> None:
    office.apply(reply(text="Halo", direction=Direction.INBOUND, via=Via.MESSAGES, group_id="G1", wamid="wamid.G"))
    office.run_jobs()
    assert office.intakes() == []


def test_a_crash_between_the_answer_and_the_next_question_asks_exactly_once(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    asked = len(office.outbox())
    with (
        mock.patch("lhwa.services.intake.moving.put_prompt", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        office.says("Rina Contoh")
    assert office.session().answers == {}
    assert len(office.outbox()) == asked
    office.clock.advance(61)
    office.run_jobs()
    office.post()
    assert office.session().answers["name"].value == "Rina Contoh"
    assert len(office.outbox()) == asked + 1


def test_two_texts_in_a_row_are_one_answer(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.clock.advance(2)
    office.hear(text="Rina")
    office.run_jobs()
    office.hear(text="Rina Contoh, lengkapnya")
    office.run_jobs()
    session = office.session()
    assert session.at == "area"
    assert len(session.answers["name"].added) == 1


def test_an_answer_counts_although_the_clock_of_the_machine_is_ahead(office: Office) -> None:
    ahead_ms = 90_000
    office.says("Selamat malam")
    office.taps("agree")
    asked = office.outbox()[-1]
    office.tell("sent", asked.id, wamid=f"wamid.P{asked.seq}", at_ms=(asked.posted_at_ms or 0) - ahead_ms)
    office.says("Rina Contoh", sent_at_ms=office.now_ms + 10_000 - ahead_ms)
    assert office.session().answers["name"].value == "Rina Contoh"


def test_silence_is_reminded_then_ended_and_the_invitation_goes_out_when_the_window_closed(office: Office) -> None:
    office.put_template(
        name="lanjutkan_pendaftaran",
        components=[{"type": "BODY", "text": "Yth. {{1}}, lanjutkan yang tanggal {{2}} ini ya."}],
    )
    office.says("Selamat malam")
    office.taps("agree")
    office.clock.advance(20 * 3600)
    office.run_jobs()
    assert office.post() == [
        "Kami masih menunggu jawaban Anda atas pertanyaan ini:\n\nName? (id)\n\n_Ketik ORANG untuk bicara dengan staf_"
    ]
    asked_at_ms = office.intake().asked_at_ms or 0
    assert office.intake().due_at_ms == asked_at_ms + SMALL_TREE.expire_after_h * HOUR_MS
    office.clock.advance(5 * 3600)
    office.clock.advance(20 * 86_400)
    office.run_jobs()
    assert office.intake().state is IntakeState.EXPIRED
    assert office.intake().due_at_ms is None


def test_an_answer_after_a_week_still_counts(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.clock.advance(7 * 86_400)
    office.run_jobs()
    office.says("Rina Contoh")
    assert office.session().answers["name"].value == "Rina Contoh"


def test_a_withdrawal_ends_all_and_is_confirmed_and_nothing_else_leaves(office: Office) -> None:
    through(office)
    assert office.says("BERHENTI") == [SMALL_TREE.phrases.withdrawn.id]
    assert office.intake().state is IntakeState.WITHDRAWN
    row = office.outbox()[-1]
    assert (row.author, row.state) == ("opt_out_confirmed", OutboundState.ACCEPTED)
    assert office.ask().refused is not None
    assert office.says("Halo?") == []
    assert office.audited("intake.left_alone")[-1]["data"] == {"why": "opted_out"}


def test_who_withdrew_is_asked_again_only_on_a_clear_wish(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.says("berhenti")
    assert office.says("MULAI") == [NOTICE]
    assert len(office.intakes()) == 2


def test_who_declined_is_not_asked_again_by_the_next_message(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("decline")
    assert office.says("Terima kasih") == []
    assert office.says("mulai") == [NOTICE]


def test_an_edit_and_a_deletion_show_at_the_answer(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.says("Rina Contoh", wamid="wamid.NAME")
    office.says("Rina C.", type=MessageType.EDIT, wire_type="edit", target_wamid="wamid.NAME")
    given = office.session().answers["name"]
    assert given.value == "Rina Contoh"
    assert given.edited_by is not None
    office.says(None, type=MessageType.REVOKE, wire_type="revoke", target_wamid="wamid.NAME")
    assert office.session().answers["name"].deleted_at_ms is not None


def test_an_edit_that_came_before_its_message_was_heard_is_heard_once(office: Office) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.hear(text="Rina Contoh", wamid="wamid.NAME")
    office.hear(text="Rina C.", type=MessageType.EDIT, wire_type="edit", target_wamid="wamid.NAME")
    office.run_jobs()
    assert [each.kind.value for each in office.session().notes].count("edited") == 1
    assert [each["data"]["why"] for each in office.audited("intake.left_alone")] == ["heard_before"]


@pytest.mark.parametrize("kind", [MessageType.EDIT, MessageType.REVOKE])
def test_an_edit_or_a_deletion_that_comes_before_its_message_shows_too(office: Office, kind: MessageType) -> None:
    office.says("Selamat malam")
    office.taps("agree")
    office.says("Rina C.", type=kind, wire_type=kind.value, target_wamid="wamid.NAME")
    office.says("Rina Contoh", wamid="wamid.NAME")
    given = office.session().answers["name"]
    assert (given.edited_by is not None, given.deleted_at_ms is not None) == (
        kind is MessageType.EDIT,
        kind is MessageType.REVOKE,
    )
    assert [each.kind.value for each in office.session().notes].count("edited" if given.edited_by else "deleted") == 1


def test_a_published_change_leaves_running_sessions_alone(office: Office) -> None:
    office.says("Selamat malam")
    assert office.publish(replace(SMALL_TREE, remind_after_h=10)) == 2
    office.taps("agree")
    assert office.session().version == 1
    office.says("berhenti")
    office.says("mulai")
    assert office.session().version == 2


def test_the_session_is_what_its_acts_make_of_it(office: Office) -> None:
    through(office)
    row = office.intake()

    def again(tx: Tx) -> Session:
        session = Session(id=row.id, tree=row.tree, version=row.version)
        for each in tx.intakes.acts(row):
            act = tx.intakes.act(each)
            if isinstance(act, Heard):
                message = tx.messages.get(act.said.message)
                assert message is not None
                text = tx.messages.content(message).text
                act = replace(act, said=replace(act.said, text=text))
            session = advance(SMALL_TREE, session, act).session
        return session

    assert office.store.read(again) == office.session()


def test_urgent_words_raise_the_urgency_only_after_the_consent(office: Office) -> None:
    office.says("Tolong, suami saya ditahan polisi tadi malam!")
    assert office.intake().urgency == 0
    office.taps("agree")
    office.says("Rina Contoh, suami saya ditahan polisi, besok sidang")
    assert office.intake().urgency >= 2
    row = office.intake()
    kinds = office.store.read(lambda tx: {each.kind for each in tx.intakes.flags(row)})
    assert "detention" in kinds
    words = office.store.read(lambda tx: [flag_words(tx, each) for each in tx.intakes.flags(row)])
    assert all(each.phrase in "Rina Contoh, suami saya ditahan polisi, besok sidang" for each in words)
    office.says("berhenti")
    assert office.audited("intake.urgency_raised")


@pytest.mark.parametrize("kind", [EventType.INTAKE_UPDATED, EventType.CONSENT_RECORDED])
def test_its_events_fit_their_schemas(office: Office, kind: EventType) -> None:
    through(office)
    schema = json.loads(schema_files()[f"{kind.value}.json"])
    data_schema = schema["$defs"][DATA_OF[kind].__name__]
    found = office.store.read(
        lambda tx: [each.event for each in tx.events.last(rows_max=99) if each.event.type is kind]
    )
    assert found
    for event in found:
        msgspec.convert(event.data, DATA_OF[kind], strict=True)
        assert set(data_schema["required"]) <= set(event.data) <= set(data_schema["properties"])
