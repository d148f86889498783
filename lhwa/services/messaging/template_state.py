"""A template's row follows from what Meta told of its parts: by webhooks, by the list, and when it took the template.

Invariants: of each part the newest telling by Meta's time stands, and between equals the stricter one, so any order of
the same tellings ends in the same row; messages that may no longer leave stop in the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from lhwa.domain.audit import AuditRecord
from lhwa.services.messaging.clear_ids import optional_id
from lhwa.services.messaging.marketing_stops import stop_marketing
from lhwa.store.tables.templates import Part, TemplateFact, TemplateRow
from lhwa.store.transaction import Tx
from lhwa.store.vault import FIRM

DELETED = "DELETED"
_CONTENT = (
    "name",
    "language",
    "category",
    "sub_category",
    "parameter_format",
    "components",
    "message_send_ttl_seconds",
    "library_template_name",
    "cta_url_link_tracking_opted_out",
)
"""What is in a template; the rest of Meta's answer is its state."""
_STRICT_FIRST = ("MARKETING", "DELETED", "DISABLED", "RED", "YELLOW", "UNKNOWN")
_LENIENT = frozenset({"APPROVED", "UTILITY", "GREEN", ""})
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z]{2,4}){0,2}")
_ENCODER = msgspec.json.Encoder(order="deterministic")

Tellings = Mapping[Part, str | dict[str, Any]]
"""A word, or an object, for each part that something tells of."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who tells, when, and in which webhook request."""

    actor: str
    at_ms: int
    """By Meta's time."""
    raw_event: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a telling changed in a row; `was` and `now` are words, or empty for a new wording."""

    name: str
    language: str
    part: str
    was: str
    now: str


def hear(tx: Tx, template: str, told: Tellings, *, at_ms: int) -> bool:
    """Keep of each part what is newer than before; False when nothing is.

    Args:
        template: Meta's id as it may lie in clear.
    """
    known = tx.templates.facts(template)
    is_news = False
    for part, value in told.items():
        before = known.get(part)
        if before is None or _weight(at_ms, value) > _weight(before.at_ms, _value(tx, before)):
            tx.templates.put_fact(_fact(tx, template, part, value, at_ms=at_ms))
            is_news = True
    return is_news


def known_facts(tx: Tx, row: TemplateRow, template: str) -> None:
    """Let the row itself count as told when it was synced, where nothing says how it came about."""
    if Part.DEFINITION not in tx.templates.facts(template):
        definition = msgspec.json.decode(row.definition)
        words = {Part.STATUS: row.status, Part.CATEGORY: row.category, Part.QUALITY: row.quality}
        hear(tx, template, {**words, Part.DEFINITION: definition}, at_ms=row.synced_at_ms)


def fold(
    tx: Tx, row: TemplateRow | None, template: str, origin: Origin, *, vendor_id: str | None = None
) -> tuple[list[Change], int]:
    """Let a row say what its facts add up to, with everything that follows from it.

    Args:
        row: as it was; None for a template that is new here.
        vendor_id: Meta's own id, where Meta itself was asked just now; a new row needs it.
    Returns: what changed, and how many messages stopped.
    """
    after = _row_of(tx, row, template)
    if vendor_id is not None:
        after = replace(after, vendor_id=vendor_id, synced_at_ms=origin.at_ms)
    tx.templates.put(after)
    changes = _changes(row, after)
    if row is None or row.definition != after.definition:
        tx.templates.add_version(after.name, after.language, after.definition)
    for change in changes:
        data = {"part": change.part, "was": change.was, "now": change.now, "raw_event": origin.raw_event}
        said = {key: word for key, word in data.items() if word}
        target = f"template:{after.name}/{after.language}"
        tx.audit.append(AuditRecord(origin.actor, "template.changed", target, said))
    stopped = 0
    if row is not None and row.category != after.category:
        stopped = stop_marketing(
            tx, after, actor=origin.actor, at_ms=origin.at_ms, raw_event=origin.raw_event, template_id=template
        )
    return changes, stopped


def is_named(name: object, language: object) -> bool:
    """True for a name and a language as Meta has them: only such a template has a row."""
    return (
        isinstance(name, str)
        and isinstance(language, str)
        and _NAME.fullmatch(name) is not None
        and _LANGUAGE.fullmatch(language) is not None
    )


def content_of(wire: Mapping[str, Any]) -> dict[str, Any]:
    """What is in a template as Meta lists it, without its state."""
    return {key: wire[key] for key in _CONTENT if wire.get(key) is not None}


def id_of(tx: Tx, row: TemplateRow) -> str | None:
    """Meta's id of a template as it may lie in clear."""
    return optional_id(tx, row.vendor_id)


def _row_of(tx: Tx, row: TemplateRow | None, template: str) -> TemplateRow:
    facts = tx.templates.facts(template)
    content, components = _object(tx, facts[Part.DEFINITION]), facts.get(Part.COMPONENTS)
    if components is not None and components.at_ms > facts[Part.DEFINITION].at_ms:
        content["components"] = reworded(content.get("components"), _object(tx, components))
    content["category"] = facts[Part.CATEGORY].word
    return TemplateRow(
        name=content["name"] if row is None else row.name,
        language=content["language"] if row is None else row.language,
        vendor_id=None if row is None else row.vendor_id,
        status=facts[Part.STATUS].word,
        category=facts[Part.CATEGORY].word,
        quality=facts[Part.QUALITY].word if Part.QUALITY in facts else "",
        definition=_ENCODER.encode(content).decode(),
        synced_at_ms=0 if row is None else row.synced_at_ms,
    )


def reworded(components: object, wording: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Components with the texts that a webhook tells. It says nothing of files, samples and one-time codes: those stay.

    A part that it does not name is gone, except a header that is no text.
    """
    had = {str(each.get("type", "")).upper(): each for each in _objects(components)}
    body, title, footer = (wording.get(f"message_template_{key}") for key in ("element", "title", "footer"))
    found: list[dict[str, Any]] = []
    header = had.get("HEADER")
    if isinstance(title, str) and title:
        found.append((header or {"type": "HEADER"}) | {"format": "TEXT", "text": title})
    elif header is not None and str(header.get("format", "")).upper() != "TEXT":
        found.append(header)
    found.append((had.get("BODY") or {"type": "BODY"}) | ({"text": body} if isinstance(body, str) else {}))
    if isinstance(footer, str) and footer:
        found.append((had.get("FOOTER") or {"type": "FOOTER"}) | {"text": footer})
    buttons = _objects(wording.get("message_template_buttons"))
    if buttons:
        before = _objects(had.get("BUTTONS", {}).get("buttons"))
        found.append({"type": "BUTTONS", "buttons": [_button(each, before, at) for at, each in enumerate(buttons)]})
    return found


def _button(told: Mapping[str, Any], before: list[dict[str, Any]], index: int) -> dict[str, Any]:
    keys = {"type": "type", "text": "text", "url": "url", "phone_number": "phone_number"}
    told_now = {
        key: told[f"message_template_button_{name}"]
        for key, name in keys.items()
        if f"message_template_button_{name}" in told
    }
    same = before[index] if index < len(before) and before[index].get("type") == told_now.get("type") else {}
    return same | told_now


def _changes(before: TemplateRow | None, after: TemplateRow) -> list[Change]:
    def change(part: str, was: str = "", now: str = "") -> Change:
        return Change(after.name, after.language, part, was, now)

    if before is None:
        return [change("added", now=after.status)]
    words = (
        ("status", before.status, after.status),
        ("category", before.category, after.category),
        ("quality", before.quality, after.quality),
    )
    found = [change(part, was, now) for part, was, now in words if was != now]
    if _wording(before.definition) != _wording(after.definition):
        found.append(change("wording"))
    return found


def _wording(definition: str) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.json.decode(definition)
    return {key: value for key, value in content.items() if key != "category"}


def _fact(tx: Tx, template: str, part: Part, value: str | dict[str, Any], *, at_ms: int) -> TemplateFact:
    if isinstance(value, str):
        return TemplateFact(template, part, at_ms, value)
    # What a webhook says of a template that nobody here knows is not surely the firm's own words.
    place = tx.vault.place("template_fact", part.value, template)
    return TemplateFact(template, part, at_ms, "", tx.vault.seal(FIRM, place, _ENCODER.encode(value), now_ms=tx.now_ms))


def _value(tx: Tx, fact: TemplateFact) -> str | dict[str, Any]:
    return fact.word if fact.sealed is None else _object(tx, fact)


def _object(tx: Tx, fact: TemplateFact) -> dict[str, Any]:
    place = tx.vault.place("template_fact", fact.part.value, fact.template)
    clear = b"{}" if fact.sealed is None else tx.vault.unseal(place, fact.sealed)
    return msgspec.json.decode(clear, type=dict[str, Any])


def _weight(at_ms: int, value: str | dict[str, Any]) -> tuple[int, int, bytes]:
    """Newest first; in one moment the stricter word; anything else by its bytes, which are the same everywhere."""
    if not isinstance(value, str):
        return at_ms, 0, _ENCODER.encode(value)
    strictness = len(_STRICT_FIRST) - _STRICT_FIRST.index(value) if value in _STRICT_FIRST else 0
    return at_ms, -1 if value in _LENIENT else strictness, value.encode()


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
