from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lhwa.domain.access import Principal, Role
from lhwa.domain.elements import Party
from lhwa.domain.ids import ConversationId
from lhwa.errors import NotAllowedError
from lhwa.services.inbox.context import COSTED_MAX, ThreadContext, read_context
from lhwa.services.intake.conflicts import check_conflicts
from lhwa.services.intake.reviewing import accept
from lhwa.services.intake.views import show_intake
from lhwa.services.messaging.holds import add_hold, list_holds
from lhwa.testing.builders import CLIENT, acting_as, status
from lhwa.testing.intake import SMALL_TREE
from tests.services.inbox.scene import AUDITOR, LAWYER
from tests.services.intake.office import Office
from tests.services.intake.test_reviewing import through

PAID = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}


def context(office: Office, thread: str, me: Principal = LAWYER) -> ThreadContext:
    return office.store.read(read_context, me, thread)


def accepted(office: Office) -> str:
    """The thread of a client with a matter."""
    office.publish(SMALL_TREE)
    intake = through(office)
    office.store.write(check_conflicts, LAWYER, intake)
    office.store.write(accept, LAWYER, intake, reason="clear case", title="Contoh perkara", external_reference="A-17")
    return office.intake().conversation


def test_who_the_client_is_stands_there_masked(office: Office, thread: ConversationId) -> None:
    office.clock.advance(60)
    office.hear(msgspec.structs.replace(CLIENT, profile_name="Contoh Baru", username="contohklien"))
    shown = context(office, thread)
    assert shown.contact is not None
    assert (shown.contact.contact, shown.contact.name) == ("+62 812-••••-1111", "Contoh Baru")
    assert shown.contact.other_identifiers == ("ID.••••4455", "Contoh Klien", "contohklien")
    assert (shown.holds, shown.consents, shown.matters, shown.intake, shown.seen) == ((), (), (), None, None)
    assert shown.window_closes_at_ms == office.now_ms + 86_400_000
    assert "Contoh" not in repr(shown)


def test_everything_about_an_intake_and_its_matter_stands_there(office: Office) -> None:
    thread = accepted(office)
    shown = context(office, thread)
    assert shown.intake is not None
    assert shown.intake == office.store.write(show_intake, LAWYER, shown.intake.intake.id)
    assert (shown.seen, shown.conflicts) == (shown.intake.as_of_act, "none")
    assert [(each.what, each.purpose) for each in shown.consents] == [("refused", "marketing"), ("given", "intake")]
    assert [(each.title, each.external_reference, each.lawyer, each.state) for each in shown.matters] == [
        ("Contoh perkara", "A-17", "contoh-lawyer", "open")
    ]
    intake = shown.intake.intake.id
    office.write(lambda tx: tx.matters.needs_check(intake))
    assert context(office, thread).matters[0].state == "flagged"


def test_what_keeps_messages_back_stands_there_as_it_is_listed(office: Office, thread: ConversationId) -> None:
    other = office.hear(Party(wa_id="6281230002222", profile_name="Contoh Lain"))
    mine = context(office, thread).contact
    assert mine is not None
    office.store.write(add_hold, LAWYER, mine.contact_id, "outbound_hold", reason="he is in hospital")
    office.store.write(add_hold, LAWYER, other, "opt_out", reason="asked for it")
    office.clock.advance(1)
    office.write(lambda tx: tx.contacts.flag(tx.conversations.get(thread).contact, "number_changed"))  # type: ignore[union-attr,arg-type]  # it is there
    listed = office.store.write(list_holds, LAWYER)
    shown = context(office, thread)
    assert list(shown.holds) == [each for each in listed if each.contact_id == mine.contact_id]
    assert [(each.kind, each.reason) for each in shown.holds] == [
        ("outbound_hold", "he is in hospital"),
        ("identity_changed", None),
    ]
    assert shown.contact is not None
    assert [each.reason for each in shown.contact.flags] == ["number_changed"]


def test_prices_are_counted_of_what_was_sent_of_late(office: Office, thread: ConversationId) -> None:
    for number in range(3):
        sent = office.send()
        office.take()
        office.accept(sent, f"wamid.P{number}")
        content: dict[str, Any] = {"id": f"wamid.P{number}", "status": "sent", "pricing": PAID}
        office.apply(status("sent", wamid=f"wamid.P{number}", at_ms=office.now_ms, pricing=PAID, content=content))
        office.clock.advance(60)
    [cost] = context(office, thread).costs
    assert (cost.category, cost.is_charged, cost.messages) == ("utility", True, 3)
    assert COSTED_MAX > 3
    office.clock.advance(31 * 86_400)
    assert context(office, thread).costs == ()


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_a_role_without_content_sees_states_and_no_names(office: Office, role: Role) -> None:
    thread = accepted(office)
    shown = context(office, thread, acting_as(role))
    assert shown.contact is not None
    assert (shown.contact.contact, shown.contact.name, shown.contact.other_identifiers) == (None, None, ())
    assert [(each.title, each.external_reference) for each in shown.matters] == [(None, None)]
    assert shown.intake is not None
    assert (shown.intake.answers, shown.intake.intake.state) == ((), "accepted")
    written = msgspec.json.encode(shown).decode()
    assert all(secret not in written for secret in ("1111", "4455", "Contoh Klien", "Rina", "perkara", "A-17"))


def test_a_group_has_no_client_beside_it(office: Office) -> None:
    office.hear(text="Halo semua", group_id="GROUP-1")
    [group] = [row for row in office.store.read(lambda tx: tx.conversations.newest(rows_max=9)) if row.contact is None]
    shown = context(office, group.id, AUDITOR)
    assert (shown.contact, shown.holds, shown.window_closes_at_ms) == (None, (), None)


def test_a_thread_that_is_not_there_has_nothing_beside_it(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        context(office, "NOSUCHTHREAD0000")
