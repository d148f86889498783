"""Alerts from what Meta told of the account, its numbers and its templates.

An event asks for a person until somebody acknowledges it, Meta tells the next thing of the same template, or, for a
warning, a month has passed. A critical one stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lhwa.domain.access import Permission, Principal
from lhwa.domain.phones import mask_ids_in
from lhwa.domain.send_errors import verdict_of
from lhwa.domain.text import safe_text
from lhwa.errors import SealError
from lhwa.services.inbox.alert import Alert, AlertKind, Severity
from lhwa.services.inbox.alert_words import NEWS_FIELDS, advice_on, is_about_template, title_of
from lhwa.services.messaging.template_state import id_of
from lhwa.store.tables.platform_events import PlatformEventRow
from lhwa.store.tables.templates import Part
from lhwa.store.transaction import Tx

WARNING_MS = 30 * 86_400_000
"""So long a warning asks for a person."""
DETAIL_CHARS_MAX = 300
_PARTS = {"message_template_status_update": Part.STATUS, "message_template_quality_update": Part.QUALITY}
_OVERTAKEN_BY_NOTHING = frozenset({"FLAGGED", "LOCKED"})
"""Meta says these of a template beside its state."""
_SAYS = (
    "reason",
    "rejection_reason",
    "rejection_info.reason",
    "rejection_info.recommendation",
    "other_info.description",
    "disable_info.disable_date",
    "previous_category",
    "new_category",
    "correct_category",
    "restriction_info.restriction_type",
    "violation_info.violation_type",
    "ban_info.waba_ban_state",
    "ban_info.waba_ban_date",
    "disconnection_info.reason",
    "alert_info.alert_description",
    "current_limit",
    "max_daily_conversations_per_business",
    "requester",
    "title",
    "message",
    "error_data.details",
)
"""Where an event says why, as paths of keys. The texts are Meta's."""
_NOTHING = frozenset({"", "NONE", "None"})


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is known of all events that are shown together."""

    may_read: bool
    open: frozenset[str]
    by_whom: dict[str, str]
    templates: dict[str, str]
    """Name and language by Meta's id."""


def open_events(tx: Tx, *, rows_max: int) -> list[PlatformEventRow]:
    """Events that ask for a person now, critical ones first, the newest of each first."""
    critical = tx.platform_events.alerting(Severity.CRITICAL.value, since_ms=0, rows_max=rows_max)
    since_ms = tx.now_ms - WARNING_MS
    warnings = tx.platform_events.alerting(Severity.WARNING.value, since_ms=since_ms, rows_max=rows_max)
    return [row for row in (*critical, *warnings) if not _is_overtaken(tx, row)]


def event_alerts(tx: Tx, principal: Principal, *, everything: bool, rows_max: int) -> list[Alert]:
    """Alerts of events that ask for a person.

    Args:
        everything: also those that did, and good news.
    """
    asking = open_events(tx, rows_max=rows_max)
    rows = [*asking, *(_others(tx, rows_max=rows_max) if everything else ())]
    unique = list({row.id: row for row in rows}.values())
    shown = _Shown(
        may_read=principal.may(Permission.READ_CONTENT),
        open=frozenset(row.id for row in asking),
        by_whom=tx.acknowledged_alerts.by_whom([row.id for row in unique]),
        templates=_names(tx) if any(is_about_template(row.field) for row in unique) else {},
    )
    return [_alert(tx, row, shown) for row in unique]


def _others(tx: Tx, *, rows_max: int) -> list[PlatformEventRow]:
    severities = (Severity.CRITICAL.value, Severity.WARNING.value)
    events = tx.platform_events
    before = [
        row
        for each in severities
        for row in events.alerting(each, since_ms=0, rows_max=rows_max, is_acknowledged_too=True)
    ]
    return [*before, *events.recent_news(NEWS_FIELDS, rows_max=rows_max)]


def _is_overtaken(tx: Tx, row: PlatformEventRow) -> bool:
    """True when Meta told another state of the same template since."""
    part, event = _PARTS.get(row.field), row.event.upper()
    if part is None or row.template_id is None or event in _OVERTAKEN_BY_NOTHING:
        return False
    fact = tx.templates.facts(row.template_id).get(part)
    return fact is not None and fact.word != event and fact.at_ms >= row.at_ms


def _alert(tx: Tx, row: PlatformEventRow, shown: _Shown) -> Alert:
    template = None if row.template_id is None else shown.templates.get(row.template_id)
    may_acknowledge = row.severity != Severity.INFO.value and row.id not in shown.by_whom
    return Alert(
        id=row.id,
        kind=_kind(row.field),
        severity=Severity(row.severity),
        at_ms=row.at_ms,
        title=title_of(row.field, row.event, row.severity, template=template),
        detail=_detail(tx, row) if shown.may_read else None,
        hint=_hint(row, may_acknowledge=may_acknowledge),
        target=_target(row, template),
        may_acknowledge=may_acknowledge,
        ended=row.id not in shown.open,
        acknowledged_by=shown.by_whom.get(row.id),
    )


def _kind(field: str) -> AlertKind:
    if field == "security":
        return AlertKind.SECURITY
    return AlertKind.TEMPLATE if is_about_template(field) else AlertKind.ACCOUNT


def _hint(row: PlatformEventRow, *, may_acknowledge: bool) -> str:
    is_code = row.field == "errors" and row.event.isascii() and row.event.isdigit()
    advice = verdict_of(int(row.event), http_status=None).hint if is_code else advice_on(row.field)
    return f"{advice} Then: `lhwa alerts acknowledge {row.id} --reason TEXT`." if may_acknowledge else advice


def _target(row: PlatformEventRow, template: str | None) -> str | None:
    if template is not None:
        return f"template:{template}"
    return None if row.phone_number_id is None else f"number:{row.phone_number_id}"


def _names(tx: Tx) -> dict[str, str]:
    named = ((id_of(tx, row), f"{row.name}/{row.language}") for row in tx.templates.all())
    return {vendor_id: name for vendor_id, name in named if vendor_id is not None}


def _detail(tx: Tx, row: PlatformEventRow) -> str | None:
    """What Meta says about it, in one line; None when it says nothing, or its key was destroyed."""
    try:
        value = tx.platform_events.value(row)
    except SealError:
        return None
    found = [said for path in _SAYS for said in _texts_at([value], path.split("."))]
    one_line = "; ".join(dict.fromkeys(found))
    return safe_text(mask_ids_in(one_line), newlines=False, chars_max=DETAIL_CHARS_MAX) or None


def _texts_at(values: Sequence[object], keys: Sequence[str]) -> list[str]:
    """Every text at a path, through lists too: a number of Meta's may be a list of several."""
    for key in keys:
        values = [each[key] for each in values if isinstance(each, dict) and key in each]
        values = [item for each in values for item in (each if isinstance(each, list) else [each])]
    return [each for each in values if isinstance(each, str) and each not in _NOTHING]
