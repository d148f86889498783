from __future__ import annotations

from dataclasses import replace
from datetime import UTC, time
from typing import Any

import pytest

from lhwa.domain.access import Role
from lhwa.domain.gates import MARKETING, Facts, TemplateFacts
from lhwa.domain.ids import ContactId
from lhwa.domain.outbound import Content, FilledTemplate, Parameter, Recipient, Text
from lhwa.domain.send_policy import QuietHours, SendPolicy
from lhwa.store.gate_facts import facts_of, findings_in, offers
from lhwa.store.store import Store
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, NUMBER
from lhwa.testing.fakes import FakeClock
from tests.outbound.desk import Desk

TEXT = Text(body="Kami bantu.")
POLICY = SendPolicy(zone=UTC, numbers=(NUMBER,))


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    return Desk(store, clock)


def read(desk: Desk, contact: ContactId, content: Content = TEXT, **changes: Any) -> Facts:
    def run(tx: Tx) -> Facts:
        threads = tx.conversations.of_contact(contact)
        plain: dict[str, Any] = {
            "contact": contact,
            "thread": threads[0] if threads else None,
            "recipient": Recipient(phone=f"+{CLIENT.wa_id}"),
            "content": content,
            "findings": (),
            "expires_ms": tx.now_ms + 5,
            "policy": POLICY,
            "role": Role.LAWYER,
        }
        return facts_of(tx, **(plain | changes))

    return desk.store.read(run)


def test_the_facts_of_a_client_who_just_wrote(desk: Desk) -> None:
    facts = read(desk, desk.hear())
    assert facts == Facts(
        now_ms=desk.now_ms,
        is_template=False,
        has_address=True,
        last_inbound_ms=desk.now_ms,
        has_written=True,
        expires_ms=desk.now_ms + 5,
        role=Role.LAWYER,
        senders=frozenset({Role.OWNER, Role.LAWYER, Role.STAFF}),
    )


@pytest.mark.parametrize(
    ("recipient", "has_address"),
    [(Recipient(phone="+6281230001111"), True), (Recipient(bsuid="ID.88001122334455"), True), (Recipient(), False)],
)
def test_an_address_is_a_number_or_a_user_id(desk: Desk, recipient: Recipient, *, has_address: bool) -> None:
    assert read(desk, desk.hear(), recipient=recipient).has_address is has_address


def test_without_a_thread_nobody_ever_wrote(desk: Desk) -> None:
    facts = read(desk, desk.hear(), thread=None)
    assert (facts.last_inbound_ms, facts.has_written) == (None, False)


def test_a_contact_that_is_not_here_is_paused(desk: Desk) -> None:
    assert read(desk, ContactId("0123456789ABCDEF")).sends_paused


def test_a_flagged_contact_is_paused(desk: Desk) -> None:
    contact = desk.hear()
    assert not read(desk, contact).sends_paused
    desk.write(lambda tx: tx.contacts.flag(contact, "number_changed"))
    assert read(desk, contact).sends_paused


def test_restrictions_that_ended_are_not_in_force(desk: Desk) -> None:
    contact = desk.hear()
    desk.restrict(contact, "opt_out")
    desk.restrict(contact, "blocked")
    desk.write(lambda tx: tx.restrictions.end(contact, "opt_out"))
    assert read(desk, contact).restrictions == {"blocked"}


def test_a_template_is_read_in_its_very_language(desk: Desk) -> None:
    desk.put_template()
    contact = desk.hear()
    facts = read(desk, contact, FilledTemplate(name="kabar_berkas", language="id"))
    assert facts.is_template
    assert facts.template == TemplateFacts(name="kabar_berkas", language="id", status="APPROVED", category="UTILITY")
    assert read(desk, contact, FilledTemplate(name="kabar_berkas", language="en")).template is None


def test_offers_are_approved_and_no_marketing(desk: Desk) -> None:
    desk.put_template()
    desk.put_template(name="a_promo", category=MARKETING)
    desk.put_template(name="b_baru", status="PENDING")
    desk.put_template(name="c_undangan")
    assert desk.store.read(offers) == ("c_undangan/id", "kabar_berkas/id")


def test_for_a_message_that_leaves_later_that_time_counts(desk: Desk) -> None:
    quiet = replace(POLICY, quiet=QuietHours(time(21), time(7)))
    contact = desk.hear()
    at_night = desk.now_ms + 18 * 3_600_000  # 23:00
    facts = read(desk, contact, policy=quiet, at_ms=at_night)
    assert (facts.now_ms, facts.quiet_until_ms) == (at_night, at_night + 8 * 3_600_000)
    assert read(desk, contact, policy=quiet).quiet_until_ms == desk.now_ms + 2 * 3_600_000, "it is five in the morning"


@pytest.mark.parametrize(
    ("content", "is_sound"),
    [
        (TEXT, True),
        (Text(body=""), False),
        (Text(body="x" * 4_097), False),
        (FilledTemplate(name="kabar_berkas", language="id", body=(Parameter(value="Contoh"),)), True),
        (FilledTemplate(name="kabar_berkas", language="id"), False),
        (FilledTemplate(name="kabar_berkas", language="id", body=(Parameter(value="a\nb"),)), False),
        (FilledTemplate(name="tidak_ada", language="id"), True),
    ],
    ids=["text", "empty", "too long", "filled", "not filled", "line break", "a template that is judged elsewhere"],
)
def test_findings_follow_from_the_content_and_the_template_as_it_is_now(
    desk: Desk, content: Content, *, is_sound: bool
) -> None:
    desk.put_template()
    found = desk.store.read(findings_in, content)
    assert (found == ()) is is_sound
    assert "a\nb" not in "".join(found)


def test_a_template_that_changed_since_finds_fault_with_old_values(desk: Desk) -> None:
    desk.put_template()
    filled = FilledTemplate(name="kabar_berkas", language="id", body=(Parameter(value="Contoh"),))
    assert desk.store.read(findings_in, filled) == ()
    body = {"type": "BODY", "text": "Halo {{1}}, datang pada {{2}} ya.", "example": {"body_text": [["A", "B"]]}}
    desk.put_template(components=[body])
    assert desk.store.read(findings_in, filled) != ()
