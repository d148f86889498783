from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from lhwa.domain.access import NOT_YOURS, Permission, Principal, Role
from lhwa.domain.gates import Rule
from lhwa.domain.outbound import (
    ButtonParameter,
    Content,
    FilledTemplate,
    Interactive,
    Media,
    OutboundState,
    Parameter,
    Reaction,
    Text,
)
from lhwa.errors import NotAllowedError, SealError
from lhwa.services.messaging.outbox_views import list_outbox, pending, said, show_outbound
from lhwa.services.messaging.outbox_words import hint_of
from lhwa.services.messaging.sending import TemplateChoice
from lhwa.store.store import Store
from lhwa.store.tables.outbox import Outbox
from lhwa.testing.builders import acting_as
from tests.outbound.desk import Desk

S = OutboundState
SECRETS = ("kalimat rahasia", "6281230001111", "81230001111", "ID.88001122334455", "wamid.", "Contoh Klien")
READERS = [role for role in Role if acting_as(role).may(Permission.READ_CONTENT)]
OTHERS = [role for role in Role if role not in READERS]


@pytest.fixture
def sent(desk: Desk) -> str:
    """Accepted and delivered."""
    outbound = desk.send(Text(body="kalimat rahasia"))
    desk.take()
    desk.accept(outbound)
    desk.tell("delivered", outbound)
    return outbound


def views(store: Store, me: Principal, outbound: str) -> dict[str, Any]:
    """Every view of the outbox, as JSON."""
    found = {
        "list": store.write(list_outbox, me, rows_max=9),
        "show": store.write(show_outbound, me, outbound),
        "pending": store.read(pending, me),
    }
    return dict(msgspec.to_builtins(found))


@pytest.mark.parametrize("role", OTHERS)
def test_without_the_right_nothing_of_the_content_shows(desk: Desk, sent: str, role: Role) -> None:
    desk.send(Text(body="kalimat rahasia"), role=Role.STAFF)
    if not acting_as(role).may(Permission.READ_RECORDS):
        with pytest.raises(NotAllowedError):
            views(desk.store, acting_as(role), sent)
        return
    shown = views(desk.store, acting_as(role), sent)
    assert not [secret for secret in SECRETS if secret in repr(shown)]
    assert "••••" not in repr(shown), "not even masked"
    assert shown["show"]["message"]["state"] == "delivered"
    assert "unreadable" not in shown["show"]
    assert len(shown["pending"]) == 1


@pytest.mark.parametrize("role", READERS)
def test_with_the_right_people_see_what_was_said_and_to_whom(desk: Desk, sent: str, role: Role) -> None:
    desk.send(Text(body="kalimat rahasia"), role=Role.STAFF)
    shown = views(desk.store, acting_as(role), sent)
    assert shown["show"]["text"] == "kalimat rahasia"
    assert shown["show"]["wamid"] == "wamid.OUT1"
    assert [each["status"] for each in shown["show"]["statuses"]] == ["delivered"]
    assert shown["list"][1]["contact"] == "+62 812-••••-1111"
    (waiting,) = shown["pending"]
    assert (waiting["kind"], waiting["by"], waiting["about"]) == ("outbound", "contoh-staff", "+62 812-••••-1111")
    assert "81230001111" not in repr(shown)


def test_reading_is_recorded(desk: Desk, sent: str) -> None:
    before = desk.store.read(lambda tx: tx.audit.frontier())
    desk.store.write(list_outbox, acting_as(Role.LAWYER), rows_max=9)
    assert desk.store.read(lambda tx: tx.audit.frontier()) != before
    desk.store.write(show_outbound, acting_as(Role.LAWYER), sent)
    assert "outbound.read" in desk.actions(sent)


def test_a_message_that_is_not_here_is_not_yours(desk: Desk) -> None:
    with pytest.raises(NotAllowedError, match=NOT_YOURS):
        desk.store.write(show_outbound, acting_as(Role.OWNER), "01M7Z000000000000000000000")


def test_what_does_not_open_says_so(desk: Desk, sent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise SealError("x")

    monkeypatch.setattr(Outbox, "letter", gone)
    shown = views(desk.store, acting_as(Role.OWNER), sent)
    assert (shown["show"]["unreadable"], shown["show"].get("text")) == (True, None)
    assert shown["list"][0].get("contact") is None


def test_the_list_is_newest_first_and_can_be_narrowed(desk: Desk, sent: str) -> None:
    desk.clock.advance(1)
    doubted = desk.in_doubt()
    me = acting_as(Role.OWNER)
    assert [each.id for each in desk.store.write(list_outbox, me, rows_max=9)] == [doubted, sent]
    assert [each.id for each in desk.store.write(list_outbox, me, rows_max=1)] == [doubted]
    narrowed = desk.store.write(list_outbox, me, rows_max=9, states=(S.DELIVERED,))
    assert [each.id for each in narrowed] == [sent]


def test_a_doubt_says_since_when_and_what_to_do(desk: Desk) -> None:
    desk.in_doubt()
    (view,) = desk.store.write(list_outbox, acting_as(Role.LAWYER), rows_max=9)
    assert view.in_doubt_since == "2026-11-22T05:00:00.000000Z"
    assert view.hint is not None
    assert "outbox resolve" in view.hint


@pytest.mark.parametrize(
    ("code", "hint"), [(131026, "Call the client"), (100, "Correct the value"), (133010, "Register")]
)
def test_a_failure_comes_back_with_the_hint_of_its_error(desk: Desk, code: int, hint: str) -> None:
    outbound = desk.send()
    desk.take()
    desk.refuse(outbound, code)
    view = desk.store.write(show_outbound, acting_as(Role.LAWYER), outbound).message
    assert (view.state, view.error_code) == ("failed", code)
    assert view.hint is not None
    assert hint in view.hint


def test_what_waits_for_a_token_says_so(desk: Desk) -> None:
    outbound = desk.send()
    desk.take()
    desk.refuse(outbound, 190)
    view = desk.store.write(show_outbound, acting_as(Role.LAWYER), outbound).message
    assert (view.state, view.error_code) == ("queued", 190)
    assert view.hint is not None
    assert "set-access-token" in view.hint


@pytest.mark.parametrize("kind", ["opt_out", "blocked", "outbound_hold"])
def test_what_a_gate_stopped_names_its_rule(desk: Desk, kind: str) -> None:
    outbound = desk.send()
    desk.restrict(desk.row(outbound).contact, kind)
    desk.take()
    view = desk.store.write(show_outbound, acting_as(Role.LAWYER), outbound).message
    assert (view.state, view.rule) == ("failed", kind)
    assert view.hint


def test_a_message_that_meta_never_heard_of_says_so(desk: Desk) -> None:
    outbound = desk.send()
    for _ in range(5):
        desk.clock.advance(3_600)
        desk.take()
        desk.refuse(outbound)
    view = desk.store.write(show_outbound, acting_as(Role.LAWYER), outbound).message
    assert (view.state, view.error_code) == ("failed", None)
    assert view.hint is not None
    assert "could not be reached" in view.hint


def test_every_rule_that_can_stop_a_message_has_a_hint(desk: Desk) -> None:
    row = desk.row(desk.send())
    asked_only_of_people = {Rule.ROLE, Rule.ACCOUNT, Rule.QUIET_HOURS}
    for rule in set(Rule) - asked_only_of_people:
        assert hint_of(replace(row, state=S.FAILED, rule=rule.value)), rule


def test_a_message_that_waits_says_until_when(desk: Desk) -> None:
    desk.put_template()
    choice = TemplateChoice(name="kabar_berkas", language="id", values={"1": "Contoh"})
    outbound = desk.send(choice, send_at_ms=desk.now_ms + 60_000)
    view = desk.store.write(show_outbound, acting_as(Role.LAWYER), outbound).message
    assert view.send_at == view.next_attempt_at == "2026-11-22T05:01:00.000000Z"
    assert (view.template, view.language, view.hint) == ("kabar_berkas", "id", None)


FILLED = FilledTemplate(
    name="kabar",
    language="id",
    body=(Parameter(value="Budi"), Parameter(value="besok", name="hari")),
    buttons=(ButtonParameter(index=0, sub_type="url", value="x"),),
)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (Text(body="Halo"), "Halo"),
        (FILLED, "[kabar/id] Budi, hari=besok"),
        (FilledTemplate(name="kabar", language="id"), "[kabar/id]"),
        (Media(media="document", media_id="1", caption="Surat", filename="a.pdf"), "Surat"),
        (Media(media="document", media_id="1", filename="a.pdf"), "a.pdf"),
        (Media(media="image", media_id="1"), "[image]"),
        (Interactive(interactive={"body": {"text": "Pilih"}}), "Pilih"),
        (Interactive(interactive={"body": "Pilih"}), ""),
        (Interactive(interactive={}), ""),
        (Reaction(wamid="wamid.X", emoji="👍"), "👍"),
    ],
)
def test_every_kind_is_one_text(content: Content, text: str) -> None:
    assert said(content) == text
