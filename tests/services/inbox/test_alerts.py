from __future__ import annotations

import pytest

from lhwa.domain.access import GRANTS, NOT_YOURS, Permission, Role
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.services.inbox.alert import Severity
from lhwa.services.inbox.alerts import acknowledge_alert, count_alerts, list_alerts
from lhwa.services.inbox.counts import count_queues
from lhwa.testing.builders import NUMBER, acting_as
from tests.services.inbox.alert_scene import (
    LAWYER,
    alerts,
    break_file,
    bury,
    change_identity,
    doubt,
    let_wait,
    only,
    slow_number,
    stop_token,
    tell,
    tell_template,
)
from tests.services.inbox.full_desk import OF_THE_BACKLOG
from tests.services.intake.office import Office
from tests.services.query_plans import asked, careless_steps

UNTRUSTED = [role for role in Role if not acting_as(role).may(Permission.APPROVE_OUTBOUND)]


@pytest.fixture
def office(quiet_office: Office) -> Office:
    return quiet_office


def test_a_quiet_firm_has_no_alert(office: Office) -> None:
    assert alerts(office, everything=True) == []
    assert office.store.read(count_alerts) == (0, 0)


def test_what_meta_told_is_an_alert_until_somebody_acknowledges_it(office: Office) -> None:
    tell(office)
    alert = only(office)
    assert (alert.kind, alert.severity, alert.at_ms) == ("account", "warning", office.now_ms)
    assert (alert.title, alert.target) == (
        "Clients complain about the number; Meta may lower its limit.",
        f"number:{NUMBER}",
    )
    assert f"lhwa alerts acknowledge {alert.id} --reason TEXT" in alert.hint
    assert office.store.write(acknowledge_alert, LAWYER, alert.id[:12], reason=" looked into it ") == alert.id
    assert alerts(office) == []
    ended = only(office, everything=True)
    assert (ended.id, ended.ended, ended.acknowledged_by, ended.may_acknowledge) == (
        alert.id,
        True,
        "contoh-lawyer",
        False,
    )
    (record,) = office.audited("alert.acknowledged")
    assert (record["actor"], record["target"]) == ("operator:contoh-lawyer", f"platform_event:{alert.id}")
    assert record["data"] == {"reason": "looked into it"}


def test_an_alert_is_acknowledged_once_with_a_reason_and_by_few(office: Office) -> None:
    tell(office)
    alert = only(office).id
    for role in UNTRUSTED:
        with pytest.raises(NotAllowedError):
            office.store.write(acknowledge_alert, acting_as(role), alert, reason="seen")
    with pytest.raises(UsageError):
        office.store.write(acknowledge_alert, LAWYER, alert, reason=" ")
    office.store.write(acknowledge_alert, LAWYER, alert, reason="seen")
    with pytest.raises(ConflictError, match="before"):
        office.store.write(acknowledge_alert, acting_as(Role.OWNER), alert, reason="seen")
    assert len(office.audited("alert.acknowledged")) == 1


@pytest.mark.parametrize("alert", ["01M7Z000000000000000000000", "stopped:x:reauth", "", "%"])
def test_what_is_no_alert_is_not_yours(office: Office, alert: str) -> None:
    tell(office, "UNFLAGGED", severity="info")
    with pytest.raises(NotAllowedError, match=NOT_YOURS):
        office.store.write(acknowledge_alert, LAWYER, alert, reason="seen")
    (news,) = alerts(office, everything=True)
    with pytest.raises(NotAllowedError, match=NOT_YOURS):
        office.store.write(acknowledge_alert, LAWYER, news.id, reason="seen")


def everything_at_once(office: Office) -> None:
    for happens in (doubt, change_identity, bury, break_file, let_wait, stop_token, slow_number):
        happens(office)
    tell(office, "PIN_CHANGED", field="security", severity="critical")
    tell(office)
    tell_template(office, "PAUSED")


def test_the_most_urgent_come_first_and_no_more_than_asked_for(office: Office) -> None:
    everything_at_once(office)
    shown = alerts(office)
    ranks = [list(Severity).index(each.severity) for each in shown]
    assert ranks == sorted(ranks)
    assert len({each.id for each in shown}) == len(shown)
    counts = office.store.read(count_queues, LAWYER)
    assert (counts.alerts, counts.critical_alerts) == (len(shown), ranks.count(0))
    assert office.store.read(list_alerts, LAWYER, everything=True, rows_max=3) == shown[:3]


def test_reading_alerts_leaves_no_record(office: Office) -> None:
    everything_at_once(office)
    before = office.store.read(lambda tx: tx.audit.frontier())
    alerts(office, everything=True)
    assert office.store.read(lambda tx: tx.audit.frontier()) == before


def test_without_any_right_there_are_no_alerts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GRANTS, Role.FINANCE, frozenset())
    with pytest.raises(NotAllowedError):
        alerts(office, role=Role.FINANCE)


def test_counting_alerts_reads_no_more_than_what_asks(office: Office) -> None:
    everything_at_once(office)
    with asked(office.store) as queries:
        office.store.read(count_alerts)
    found = {sql: set(careless_steps(office.store, sql)) - OF_THE_BACKLOG for sql in queries}
    assert {sql: steps for sql, steps in found.items() if steps} == {}
    assert len(queries) > 8
