"""Alerts of an office: what Meta tells, and what comes to be so."""

from __future__ import annotations

from typing import Any

import msgspec

from lhwa.domain.access import Permission, Role
from lhwa.domain.allowance_scopes import breaker_scope
from lhwa.domain.breaker import BreakerState
from lhwa.domain.outbound import Text
from lhwa.domain.send_errors import ErrorClass, Scope
from lhwa.services.inbox.alert import Alert
from lhwa.services.inbox.alerts import list_alerts
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER, acting_as, platform
from tests.outbound.desk import TEMPLATE
from tests.services.intake.office import Office

LAWYER = acting_as(Role.LAWYER)
BLIND = [role for role in Role if not acting_as(role).may(Permission.READ_CONTENT)]
TEMPLATE_ID = "700100200300400"


def alerts(office: Office, *, everything: bool = False, role: Role = Role.LAWYER) -> list[Alert]:
    return office.store.read(list_alerts, acting_as(role), everything=everything, rows_max=99)


def only(office: Office, **how: Any) -> Alert:
    (found,) = alerts(office, **how)
    return found


def tell(office: Office, event: str = "FLAGGED", **changes: Any) -> None:
    """Meta tells of something now."""
    office.apply(platform(event, **({"at_ms": office.now_ms, "phone_number_id": NUMBER} | changes)))


def tell_template(office: Office, event: str, **changes: Any) -> None:
    value = {
        "event": event,
        "message_template_id": TEMPLATE_ID,
        "message_template_name": TEMPLATE["name"],
        "message_template_language": "id",
    }
    facts = {"field": "message_template_status_update", "template_id": TEMPLATE_ID, "phone_number_id": None}
    tell(office, event, **(facts | {"value": value | changes.pop("value", {})} | changes))


def stop_token(office: Office) -> None:
    state = BreakerState(openings=1, opened_at_ms=office.now_ms, open_until_ms=office.now_ms + 60_000)
    name = breaker_scope(Scope.ACCOUNT, NUMBER, ErrorClass.REAUTH)
    office.write(lambda tx: tx.allowances.put(name, msgspec.json.encode(state).decode()))


def slow_number(office: Office) -> None:
    state = BreakerState(openings=1, opened_at_ms=office.now_ms, open_until_ms=office.now_ms + 60_000)
    name = breaker_scope(Scope.NUMBER, NUMBER, ErrorClass.SLOW)
    office.write(lambda tx: tx.allowances.put(name, msgspec.json.encode(state).decode()))


def change_identity(office: Office) -> None:
    contact = office.hear()
    office.send(Text(body="kalimat rahasia"))
    office.write(
        lambda tx: (tx.contacts.flag(contact, "number_changed"), tx.contacts.flag(contact, "identity_changed"))
    )


def doubt(office: Office) -> None:
    office.hear()
    office.in_doubt()


def bury(office: Office) -> None:
    def both(tx: Tx) -> None:
        for number in (b"1", b"2"):
            more: dict[str, Any] = {"kind": "poison", "reason": "x", "tries": 1, "raw_event": "r", "position": "p"}
            tx.dead_letters.add(f"L{number.decode()}", dedup=number * 16, clear=b"kalimat rahasia", **more)

    office.write(both)


def break_file(office: Office) -> None:
    office.write(lambda tx: tx.template_files.put_faults({"pengingat.yaml": 3}))


def let_wait(office: Office) -> None:
    office.hear(text="kalimat rahasia")
    office.clock.advance(23 * 3600)
