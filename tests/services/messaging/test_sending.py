from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.gates import MARKETING, Rule
from lhwa.domain.outbound import Content, FilledTemplate, OutboundState, Text
from lhwa.domain.send_policy import QuietHours
from lhwa.errors import LhwaError, NotAllowedError, UsageError
from lhwa.services.messaging.sending import SCHEDULE_MS_MAX, SendRequest, TemplateChoice, check
from lhwa.testing.builders import CLIENT, acting_as
from tests.outbound.desk import SECOND_NUMBER, Desk

S = OutboundState
HOUR_S = 3_600
PHONE = f"+{CLIENT.wa_id}"
UPDATE = TemplateChoice(name="kabar_berkas", language="id", values={"1": "Contoh"})
Everything = Callable[[], Any]


@pytest.mark.parametrize(
    ("role", "state"),
    [(Role.OWNER, S.QUEUED), (Role.LAWYER, S.QUEUED), (Role.STAFF, S.PENDING_APPROVAL)],
)
def test_a_request_is_stored_with_who_asked(desk: Desk, role: Role, state: S) -> None:
    outcome = desk.ask(role=role)
    assert outcome.id is not None
    row = desk.row(outcome.id)
    assert (row.state, outcome.state) == (state, state.value)
    assert (row.author_kind, row.author, row.kind) == ("person", f"contoh-{role.value}", "text")
    assert desk.actions(row.id) == ["outbound.requested"]
    letter = desk.store.read(lambda tx: tx.outbox.letter(row))
    assert (letter.recipient.phone, letter.content) == (PHONE, Text(body="Kami bantu."))
    assert desk.store.read(lambda tx: tx.jobs.counts()).waiting == (state is S.QUEUED)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_a_role_without_the_right_is_refused_and_leaves_nothing(desk: Desk, everything: Everything, role: Role) -> None:
    before = everything()
    with pytest.raises(NotAllowedError):
        desk.ask(role=role)
    assert everything() == before


def test_a_role_that_the_firm_does_not_let_write_is_told_who_may(desk: Desk) -> None:
    desk.policy = replace(desk.policy, with_approval=frozenset())
    refused = desk.ask(role=Role.STAFF).refused
    assert refused is not None
    assert (refused.rule, refused.hint) == (Rule.ROLE, "These do: lawyer, owner.")


def test_a_closed_window_refuses_free_text_and_offers_the_templates(desk: Desk) -> None:
    desk.put_template()
    desk.put_template(name="undangan", status="PENDING")
    desk.put_template(name="promo", category=MARKETING)
    desk.clock.advance(27 * HOUR_S)
    outcome = desk.ask()
    assert (outcome.id, outcome.state) == (None, None)
    assert outcome.refused is not None
    assert outcome.refused.rule is Rule.WINDOW
    assert outcome.refused.says == "The window closed 3 h ago."
    assert outcome.refused.offers == ("kabar_berkas/id",)
    assert outcome.short() == {"refused": outcome.refused}
    assert desk.store.read(lambda tx: tx.outbox.newest(rows_max=9)) == []
    assert desk.ask(UPDATE).id is not None


def test_a_refusal_leaves_a_record_without_content(desk: Desk) -> None:
    desk.clock.advance(27 * HOUR_S)
    desk.ask(Text(body="kalimat rahasia"))
    entries = desk.store.read(lambda tx: [json.loads(each.entry) for each in tx.audit.entries()])
    last = entries[-1]
    assert (last["action"], last["actor"], last["data"]) == (
        "outbound.refused",
        "operator:contoh-lawyer",
        {"rule": "window"},
    )
    assert "rahasia" not in json.dumps(entries)


def test_the_window_counts_from_the_event_and_not_from_its_receipt(desk: Desk) -> None:
    desk.clock.advance(30 * HOUR_S)
    desk.hear(sent_at_ms=desk.now_ms - 25 * HOUR_S * 1_000)
    refused = desk.ask().refused
    assert refused is not None
    assert refused.rule is Rule.WINDOW


def test_the_window_is_that_of_the_number_it_leaves_from(desk: Desk) -> None:
    refused = desk.ask(phone_number_id=SECOND_NUMBER).refused
    assert refused is not None
    assert refused.rule is Rule.CONSENT


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (Text(body=""), Rule.CONTENT),
        (Text(body="x" * 5_000), Rule.CONTENT),
        (TemplateChoice(name="kabar_berkas", language="id"), Rule.PARAMETERS),
        (TemplateChoice(name="kabar_berkas", language="id", values={"1": "a\nb"}), Rule.PARAMETERS),
        (TemplateChoice(name="kabar_berkas", language="id", values={"1": "a     b"}), Rule.PARAMETERS),
        (TemplateChoice(name="kabar_berkas", language="id", values={"1": "a", "2": "b"}), Rule.PARAMETERS),
        (TemplateChoice(name="kabar_berkas", language="en", values={"1": "a"}), Rule.TEMPLATE),
        (TemplateChoice(name="punya_orang", language="id", values={"1": "a"}), Rule.TEMPLATE),
        (FilledTemplate(name="kabar_berkas", language="id"), Rule.PARAMETERS),
    ],
    ids=[
        "empty", "5,000 characters", "missing value", "line break", "five spaces", "value too many", "other language",
        "another firm's template", "filled with nothing",
    ],
)  # fmt: skip
def test_bad_content_is_refused_before_anything_leaves(
    desk: Desk, content: Content | TemplateChoice, rule: Rule
) -> None:
    desk.put_template()
    outcome = desk.ask(content)
    assert outcome.refused is not None
    assert outcome.refused.rule is rule
    assert outcome.id is None


def test_a_template_is_filled_and_named(desk: Desk) -> None:
    desk.put_template()
    row = desk.row(desk.send(UPDATE))
    assert (row.kind, row.template, row.language) == ("template", "kabar_berkas", "id")
    content = desk.store.read(lambda tx: tx.outbox.letter(row)).content
    assert isinstance(content, FilledTemplate)
    assert [each.value for each in content.body] == ["Contoh"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"contact": "+6281230009999"}, NotAllowedError),
        ({"contact": "81230001111"}, UsageError),
        ({"phone_number_id": "999999999999999"}, UsageError),
        ({"reply_to": "01M7Z000000000000000000000"}, NotAllowedError),
        ({"reply_to": "wamid.NOT-HERE"}, NotAllowedError),
        ({"send_at_ms": -1}, UsageError),
    ],
    ids=["unknown contact", "no country code", "another firm's number", "unknown message", "unknown wamid", "the past"],
)
def test_a_request_that_cannot_be_meant_raises_and_changes_nothing(
    desk: Desk, everything: Everything, changes: dict[str, Any], error: type[LhwaError]
) -> None:
    before = everything()
    with pytest.raises(error):
        desk.ask(**changes)
    assert everything() == before


def test_a_message_may_be_scheduled_up_to_sixty_days_ahead(desk: Desk) -> None:
    desk.put_template()
    last = desk.now_ms + SCHEDULE_MS_MAX
    with pytest.raises(UsageError, match="too far ahead"):
        desk.ask(UPDATE, send_at_ms=last + 1)
    row = desk.row(desk.send(UPDATE, send_at_ms=last))
    assert (row.send_at_ms, row.next_attempt_at_ms, row.expires_at_ms) == (last, last, last + desk.policy.expires_ms)


def test_a_text_for_when_the_window_will_be_closed_is_refused_now(desk: Desk) -> None:
    refused = desk.ask(send_at_ms=desk.now_ms + 25 * HOUR_S * 1_000).refused
    assert refused is not None
    assert refused.rule is Rule.WINDOW


def test_what_begins_in_the_night_leaves_in_the_morning(desk: Desk) -> None:
    desk.put_template()
    desk.policy = replace(desk.policy, quiet=QuietHours(time(21), time(7)))
    desk.clock.advance(24 * HOUR_S + 17 * HOUR_S)  # 22:00
    outcome = desk.ask(UPDATE)
    assert outcome.id is not None
    row = desk.row(outcome.id)
    assert row.send_at_ms == desk.now_ms + 9 * HOUR_S * 1_000
    assert row.expires_at_ms == row.send_at_ms + desk.policy.expires_ms
    assert outcome.short()["sendAt"] == "2026-11-24T07:00:00.000000Z"


def test_an_answer_quotes_the_message_it_answers(desk: Desk) -> None:
    desk.hear(wamid="wamid.QUOTED")
    row = desk.row(desk.send(reply_to="wamid.QUOTED"))
    assert desk.store.read(lambda tx: tx.outbox.letter(row)).reply_to_wamid == "wamid.QUOTED"


def test_a_check_says_the_same_and_changes_nothing(desk: Desk, everything: Everything) -> None:
    request = SendRequest(contact=PHONE, content=Text(body="Kami bantu."))
    before = everything()
    said = desk.store.read(check, acting_as(Role.LAWYER), request, desk.policy)
    assert everything() == before
    done = desk.ask()
    assert (said.verdicts, said.refused, said.contact_id) == (done.verdicts, done.refused, done.contact_id)
    assert len(said.verdicts) == 13


def test_two_requests_to_a_new_number_of_the_firm_share_a_thread(desk: Desk) -> None:
    desk.put_template()
    hidden = Party(bsuid="ID.99001122334455")
    contact = desk.hear(hidden)
    rows = [desk.row(desk.send(UPDATE, contact=contact)) for _ in range(2)]
    assert rows[0].conversation == rows[1].conversation
    assert rows[0].recipient_hash == rows[1].recipient_hash
    assert rows[0].recipient_hash != desk.row(desk.send()).recipient_hash


def test_no_repr_shows_what_is_asked_for() -> None:
    request = SendRequest(contact=PHONE, content=Text(body="kalimat rahasia"))
    choice = TemplateChoice(name="kabar", language="id", values={"1": "kalimat rahasia"})
    assert "rahasia" not in repr((request, choice))
    assert "81230001111" not in repr(request)
