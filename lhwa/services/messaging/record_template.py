"""What a webhook tells of a template moves the template's row, in the transaction that records the event.

A template that is not known here gets no row from a webhook: what was told is kept, and counts when a sync brings the
template itself. An event without a time that can be true moves nothing that was synced.

Source: WhatsApp Cloud API, template webhooks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lhwa.domain.audit import NORMALIZER
from lhwa.domain.elements import PlatformElement
from lhwa.domain.vocabulary import NOT_A_WORD, clear_word
from lhwa.services.messaging.template_state import Origin, Tellings, fold, hear, id_of, is_named, known_facts
from lhwa.store.tables.platform_events import NewPlatformEvent
from lhwa.store.tables.templates import Part, TemplateRow
from lhwa.store.transaction import Tx

_SECOND_MS = 1_000
_STATUS_OF = {"REINSTATED": "APPROVED"}
_NO_STATUS = frozenset({"FLAGGED", "LOCKED"})
"""Warnings: the template can be sent as before."""


def record_template(tx: Tx, element: PlatformElement, event: NewPlatformEvent, *, surely_at_ms: int) -> None:
    """Let an event move the template that it is about; nothing for events about anything else.

    Args:
        surely_at_ms: when it happened by Meta's time; 0 when that cannot be known.
    """
    read = _READERS.get(element.field)
    told = read(element.value) if read is not None else {}
    if not told or event.template_id is None:
        return
    row = _row_of(tx, element.value, event.template_id)
    if row is not None:
        known_facts(tx, row, event.template_id)
    at_ms = _end_of_second(surely_at_ms)
    if hear(tx, event.template_id, told, at_ms=at_ms) and row is not None:
        fold(tx, row, event.template_id, Origin(NORMALIZER, at_ms, event.raw_event))


def _end_of_second(at_ms: int) -> int:
    """Meta tells whole seconds: what a sync saw within the same second may be from before the event."""
    return at_ms if at_ms % _SECOND_MS else at_ms + _SECOND_MS - 1


def _row_of(tx: Tx, value: dict[str, Any], template: str) -> TemplateRow | None:
    """The row that bears this name, if it is the same template: names are used again, ids are not."""
    name, language = value.get("message_template_name"), value.get("message_template_language")
    if not is_named(name, language):
        return None
    name, language = str(name), str(language)
    row = tx.templates.get(name, language.replace("-", "_")) or tx.templates.get(name, language)
    return row if row is not None and id_of(tx, row) in (template, None) else None


def _status(value: dict[str, Any]) -> Tellings:
    event = _word(value.get("event"))
    told: dict[Part, str] = {}
    if event and event not in _NO_STATUS:
        told[Part.STATUS] = _STATUS_OF.get(event, event)
    if category := _word(value.get("message_template_category")):
        told[Part.CATEGORY] = category
    return told


def _quality(value: dict[str, Any]) -> Tellings:
    quality = _word(value.get("new_quality_score"))
    return {Part.QUALITY: quality} if quality else {}


def _category(value: dict[str, Any]) -> Tellings:
    category, coming = _word(value.get("new_category")), _word(value.get("correct_category"))
    if coming:
        # An announcement: what it calls the new category is the one that still holds.
        return {Part.COMING: coming}
    return {Part.CATEGORY: category, Part.COMING: ""} if category else {}


def _components(value: dict[str, Any]) -> Tellings:
    return {Part.COMPONENTS: {key: each for key, each in value.items() if key in _WORDING}}


def _word(value: object) -> str:
    word = clear_word(value).upper() if isinstance(value, str) else ""
    return "" if word == NOT_A_WORD.upper() else word


_WORDING = tuple(f"message_template_{part}" for part in ("element", "title", "footer", "buttons"))
_READERS: dict[str, Callable[[dict[str, Any]], Tellings]] = {
    "message_template_status_update": _status,
    "message_template_quality_update": _quality,
    "message_template_components_update": _components,
    "template_category_update": _category,
}
