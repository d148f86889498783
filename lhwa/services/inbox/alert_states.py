"""Alerts from what is so right now. Each ends with its cause, and its hint says what ends that: there is nothing to
acknowledge about a client who waits.
"""

from __future__ import annotations

from collections.abc import Callable

from lhwa.domain.access import Permission, Principal
from lhwa.domain.allowance_scopes import ACCOUNT
from lhwa.domain.gates import WINDOW_GUARD_MS, WINDOW_MS
from lhwa.domain.ids import ContactId
from lhwa.domain.jobs import DeadLetterState
from lhwa.domain.outbound import OutboundState
from lhwa.domain.send_errors import ErrorClass
from lhwa.domain.text import safe_text
from lhwa.services.inbox.alert import Alert, AlertKind, Severity
from lhwa.services.messaging.holds import IDENTITY
from lhwa.services.messaging.outbox_views import masked_contact
from lhwa.services.messaging.predictions import OpenBreaker, breaker_hint, open_breakers
from lhwa.store.transaction import Tx

_HOUR_MS = 3_600_000
SUBMITTED_MS = 24 * _HOUR_MS
"""So long a client who answered everything may wait for a first look."""
DEAD_LETTERS = "dead-letters"
_STOPS_ALL = frozenset({ErrorClass.REAUTH, ErrorClass.OPER})
_BREAKERS = {
    ErrorClass.REAUTH: "Meta refuses the access token: no message leaves.",
    ErrorClass.OPER: "Meta refuses the firm's messages.",
    ErrorClass.SLOW: "Meta wants slower messages for now.",
    ErrorClass.RETRY: "Meta has errors of its own: messages wait.",
}


def state_alerts(tx: Tx, principal: Principal, *, rows_max: int) -> list[Alert]:
    """Everything that is so now and asks for a person, at most so many of each source."""
    sources: tuple[Callable[..., list[Alert]], ...] = (
        _breakers,
        _changed_identities,
        _doubts,
        _dead_letters,
        _faulty_files,
        _closing_windows,
        _waiting_intakes,
    )
    return [alert for source in sources for alert in source(tx, principal, rows_max=rows_max)]


def count_states(tx: Tx) -> tuple[int, int]:
    """How many those are, and how many of them are critical."""
    breakers = open_breakers(tx)
    begin_ms, end_ms = _closing(tx)
    others = (
        tx.contacts.paused_count(),
        tx.outbox.counts().get(OutboundState.IN_DOUBT.value, 0),
        int(tx.dead_letters.open_count() > 0),
        len(tx.template_files.faults()),
        tx.conversations.unanswered_count(begin_ms, end_ms),
        tx.intakes.submitted_before_count(tx.now_ms - SUBMITTED_MS),
    )
    critical = sum(_severity(each) is Severity.CRITICAL for each in breakers)
    return len(breakers) + sum(others), critical


def _breakers(tx: Tx, _principal: Principal, *, rows_max: int) -> list[Alert]:
    return [
        Alert(
            id=f"stopped:{each.subject}:{each.error_class.value}",
            kind=AlertKind.ACCOUNT,
            severity=_severity(each),
            at_ms=each.since_ms,
            title=_BREAKERS[each.error_class],
            hint=breaker_hint(each),
            target=None if each.subject == ACCOUNT else f"number:{each.subject}",
        )
        for each in open_breakers(tx)[:rows_max]
    ]


def _severity(breaker: OpenBreaker) -> Severity:
    return Severity.CRITICAL if breaker.error_class in _STOPS_ALL else Severity.WARNING


def _changed_identities(tx: Tx, principal: Principal, *, rows_max: int) -> list[Alert]:
    return [
        Alert(
            id=f"identity:{each.contact}",
            kind=AlertKind.SECURITY,
            severity=Severity.WARNING,
            at_ms=each.since_ms,
            title="A client's number or user id changed, and nothing confidential leaves for them.",
            detail=_who(tx, principal, each.contact),
            hint="Make sure who has the number, by another way than WhatsApp. Then:"
            f" `lhwa hold release {each.contact} --kind {IDENTITY} --reason TEXT`.",
            target=f"contact:{each.contact}",
        )
        for each in tx.contacts.paused()[:rows_max]
    ]


def _doubts(tx: Tx, principal: Principal, *, rows_max: int) -> list[Alert]:
    return [
        Alert(
            id=f"in-doubt:{row.id}",
            kind=AlertKind.QUEUE,
            severity=Severity.WARNING,
            at_ms=row.created_at_ms if row.in_doubt_since_ms is None else row.in_doubt_since_ms,
            title="Nobody knows whether a message arrived.",
            detail=_who(tx, principal, row.contact),
            hint=f"Ask the client. Then: `lhwa outbox resolve {row.id}`.",
            target=f"outbound:{row.id}",
        )
        for row in tx.outbox.in_state(OutboundState.IN_DOUBT, rows_max=rows_max)
    ]


def _dead_letters(tx: Tx, _principal: Principal, *, rows_max: int) -> list[Alert]:
    count = tx.dead_letters.open_count()
    oldest = tx.dead_letters.in_states(states=(DeadLetterState.OPEN,), rows_max=min(rows_max, 1))
    return [
        Alert(
            id=DEAD_LETTERS,
            kind=AlertKind.QUEUE,
            severity=Severity.WARNING,
            at_ms=each.created_at_ms,
            title=f"{count} {'thing' if count == 1 else 'things'} that came could not be processed.",
            hint="See `lhwa deadletters list`; each is tried again or discarded there.",
        )
        for each in oldest
    ]


def _faulty_files(tx: Tx, _principal: Principal, *, rows_max: int) -> list[Alert]:
    since = tx.template_files.fault_times()
    return [
        Alert(
            id=f"template-file:{safe_text(file, newlines=False)}",
            kind=AlertKind.TEMPLATE,
            severity=Severity.WARNING,
            at_ms=since[file],
            title=f"The template file {safe_text(file, newlines=False)} has errors, and what it says does not count.",
            hint="Mend it; `lhwa templates lint` says where.",
        )
        for file in list(since)[:rows_max]
    ]


def _closing_windows(tx: Tx, principal: Principal, *, rows_max: int) -> list[Alert]:
    begin_ms, end_ms = _closing(tx)
    return [
        Alert(
            id=f"window:{row.id}",
            kind=AlertKind.CLOCK,
            severity=Severity.WARNING,
            at_ms=row.last_message_at_ms,
            title="A client waits for an answer, and within the hour only a template may leave.",
            detail=None if row.contact is None else _who(tx, principal, row.contact),
            hint=f"Read it with `lhwa conversations show {row.id}`, and answer with `lhwa send`.",
            target=f"conversation:{row.id}",
        )
        for row in tx.conversations.unanswered(begin_ms, end_ms, rows_max=rows_max)
    ]


def _closing(tx: Tx) -> tuple[int, int]:
    """Between which times a client wrote whose window closes within the hour."""
    begin_ms = tx.now_ms + 1 - (WINDOW_MS - WINDOW_GUARD_MS)
    return begin_ms, begin_ms + _HOUR_MS


def _waiting_intakes(tx: Tx, principal: Principal, *, rows_max: int) -> list[Alert]:
    return [
        Alert(
            id=f"intake:{row.id}",
            kind=AlertKind.CLOCK,
            severity=Severity.WARNING,
            at_ms=row.changed_at_ms,
            title="A new client answered everything and has waited for a lawyer for more than a day.",
            detail=_who(tx, principal, row.contact),
            hint=f"See `lhwa intake show {row.id}`.",
            target=f"intake:{row.id}",
        )
        for row in tx.intakes.submitted_before(tx.now_ms - SUBMITTED_MS, rows_max=rows_max)
    ]


def _who(tx: Tx, principal: Principal, contact: str) -> str | None:
    return masked_contact(tx, ContactId(contact)) if principal.may(Permission.READ_CONTENT) else None
