from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from lhwa.domain.access import Role
from lhwa.domain.elements import PlatformElement
from lhwa.normalizer.normalize import normalize
from lhwa.services.inbox.alert_events import WARNING_MS
from lhwa.services.inbox.alert_words import title_of
from lhwa.services.inbox.alerts import count_alerts
from lhwa.testing.builders import NUMBER, WABA
from lhwa.testing.webhooks import encode
from lhwa.testing.webhooks.catalogue import KINDS, build
from lhwa.testing.webhooks.scene import BusinessNumber, Client
from tests.outbound.desk import TEMPLATE
from tests.services.inbox.alert_scene import BLIND, TEMPLATE_ID, alerts, only, tell, tell_template
from tests.services.inbox.full_desk import SECRETS
from tests.services.intake.office import Office

REASON = {"reason": "Promo melanggar aturan", "other_info": {"description": "Hubungi +6281230001111\n\x1b[31m"}}


@pytest.fixture
def office(quiet_office: Office) -> Office:
    return quiet_office


def test_a_warning_asks_for_a_month_and_what_is_critical_for_ever(office: Office) -> None:
    tell(office)
    tell(office, "PIN_CHANGED", field="security", severity="critical")
    assert [each.severity for each in alerts(office)] == ["critical", "warning"]
    office.clock.advance(WARNING_MS / 1000)
    assert len(alerts(office)) == 2
    office.clock.advance(0.001)
    alert = only(office)
    assert (alert.kind, alert.title) == ("security", "Somebody changed the PIN of the number.")
    assert office.store.read(count_alerts) == (1, 1)
    assert [each.ended for each in alerts(office, everything=True)] == [False, True]


def test_good_news_are_for_those_who_ask_for_everything(office: Office) -> None:
    tell(office, "UNFLAGGED", severity="info")
    tell(office, "connect", severity="info", field="calls")
    assert alerts(office) == []
    news = only(office, everything=True)
    assert (news.severity, news.ended, news.may_acknowledge) == ("info", True, False)
    assert "acknowledge" not in news.hint


def test_what_meta_says_is_foreign_text_masked_and_on_one_line(office: Office) -> None:
    tell_template(office, "REJECTED", value=REASON)
    detail = only(office).detail
    assert detail is not None
    assert detail.startswith("Promo melanggar aturan; Hubungi ")
    assert "81230001111" not in detail
    assert not {"\n", "\x1b"} & set(detail)
    tell_template(office, "DISABLED", severity="critical", value={"reason": "x" * 9_999, "other_info": [7, None]})
    long = alerts(office)[0].detail
    assert long is not None
    assert len(long) <= 300


@pytest.mark.parametrize("role", BLIND)
def test_a_role_without_content_sees_that_something_is_and_not_what_was_said(office: Office, role: Role) -> None:
    tell_template(office, "REJECTED", value=REASON)
    blind, seeing = only(office, role=role), only(office)
    assert blind.detail is None
    assert blind == msgspec.structs.replace(seeing, detail=None)
    assert seeing.detail is not None
    assert seeing.detail not in repr(seeing)


def test_a_template_is_named_when_it_is_known(office: Office) -> None:
    tell_template(office, "PAUSED")
    assert (only(office).title, only(office).target) == ("A template is paused and cannot be sent for now.", None)
    row = {**TEMPLATE, "id": TEMPLATE_ID}
    office.put_template(**row)
    office.write(lambda tx: tx._connection.execute("UPDATE template SET vendor_id = ?", (TEMPLATE_ID,)))
    name = f"{TEMPLATE['name']}/id"
    assert only(office).title == f"Template {name} is paused and cannot be sent for now."
    assert (only(office).target, only(office).kind) == (f"template:{name}", "template")


def test_what_meta_told_later_of_the_same_template_ends_an_alert(office: Office) -> None:
    tell_template(office, "PAUSED")
    tell_template(office, "PAUSED", template_id="700100200300401", value={"message_template_id": "700100200300401"})
    office.clock.advance(60)
    assert len(alerts(office)) == 2
    tell_template(office, "APPROVED", severity="info")
    alert = only(office)
    assert office.store.read(count_alerts) == (1, 0)
    assert alert.id not in {each.id for each in alerts(office, everything=True) if each.ended}
    tell_template(office, "FLAGGED")
    office.clock.advance(60)
    tell_template(office, "APPROVED", severity="info")
    assert len(alerts(office)) == 2, "a warning beside the state stays"


NUMBERS = BusinessNumber(phone_number_id=NUMBER, display_phone_number="622150001234", waba_id=WABA)
CLIENT = Client(name="Contoh Klien", wa_id="6281230001111", bsuid="ID.88001122334455")


def elements(office: Office) -> list[PlatformElement]:
    """What the catalogue of webhooks tells of the platform."""
    made = [
        each
        for seq, kind in enumerate(KINDS)
        for each in normalize(
            encode(build(kind, number=NUMBERS, client=CLIENT, seq=seq, at=office.clock.now() + timedelta(seconds=seq)))
        )
    ]
    return [each for each in made if isinstance(each, PlatformElement)]


def test_every_event_that_asks_for_a_person_has_words_of_its_own(office: Office) -> None:
    strange = title_of("something", "NEW", "warning")
    asking = [each for each in elements(office) if each.severity != "info"]
    titles = {title_of(each.field, each.event, each.severity) for each in asking}
    assert strange not in titles
    assert len(titles) > 25
    for each in asking:
        tell(office, each.event, field=each.field, severity=each.severity, value=each.value, template_id=None)
        office.clock.advance(1)
    shown = alerts(office)
    assert all(each.title.endswith(".") and "lhwa" in each.hint for each in shown)
    text = msgspec.json.encode([msgspec.structs.replace(each, detail=None) for each in shown]).decode()
    assert [secret for secret in SECRETS if secret in text] == []
