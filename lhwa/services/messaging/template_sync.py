"""Meta's whole list of templates becomes the firm's: what is new, what changed, and what Meta no longer has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.errors import NotAllowedError
from lhwa.services.messaging.clear_ids import clear_id
from lhwa.services.messaging.template_state import (
    DELETED,
    Change,
    Origin,
    content_of,
    fold,
    hear,
    id_of,
    is_named,
    known_facts,
)
from lhwa.store.tables.templates import Part, TemplateRow
from lhwa.store.transaction import Tx

_WORD = re.compile(r"[A-Z_]{1,40}")
_SYNCING = (Permission.WRITE_TO_CLIENTS, Permission.OPERATE_QUEUE)


class TemplateChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a sync changed."""

    name: str
    language: str
    what: str
    """`added`, `status`, `category`, `quality` or `wording`."""
    was: str | None = None
    now: str | None = None


class SyncReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a sync did."""

    templates: int
    """How many Meta has."""
    changes: tuple[TemplateChange, ...]
    stopped_messages: int
    """Queued messages that may not leave any more."""
    unreadable: int
    """Entries of Meta's list that are no templates."""


def require_syncing(principal: Principal) -> None:
    """Raise NotAllowedError unless the role may bring the firm's list up to date."""
    if not any(map(principal.may, _SYNCING)):
        raise NotAllowedError(
            f"The role {principal.role.value} may not sync templates.", hint="Ask an owner, a lawyer or staff."
        )


def apply_listing(tx: Tx, principal: Principal, listing: Iterable[Mapping[str, Any]], *, at_ms: int) -> SyncReport:
    """Let the rows say what Meta's list says.

    Args:
        listing: every template of the account, as Meta lists it.
        at_ms: when Meta was asked for the first page. What a webhook told later than that is newer.
    """
    require_syncing(principal)
    origin = Origin(operator_actor(principal.operator), at_ms)
    changes: list[Change] = []
    seen: set[tuple[str, str]] = set()
    stopped = unreadable = 0
    for wire in listing:
        name, language = wire.get("name"), wire.get("language")
        if not is_named(name, language):
            unreadable += 1
            continue
        seen.add((str(name), str(language)))
        changed, count = apply_listed(tx, wire, origin)
        changes += changed
        stopped += count
    for row in tx.templates.all():
        if (row.name, row.language) not in seen:
            changes += _gone(tx, row, origin)
    _forget_unknown(tx, at_ms=at_ms)
    counts = {"templates": len(seen), "changes": len(changes), "stopped": stopped, "unreadable": unreadable}
    tx.audit.append(AuditRecord(origin.actor, "templates.synced", f"firm:{tx.tenant}", counts))
    return SyncReport(
        templates=len(seen), changes=tuple(map(_shown, changes)), stopped_messages=stopped, unreadable=unreadable
    )


def apply_listed(tx: Tx, wire: Mapping[str, Any], origin: Origin) -> tuple[list[Change], int]:
    """Let the row of one template say what Meta says of it; as `fold`."""
    row = tx.templates.get(str(wire["name"]), str(wire["language"]))
    vendor_id = str(wire.get("id", ""))
    template = clear_id(tx, vendor_id)
    if row is not None and id_of(tx, row) == template:
        known_facts(tx, row, template)
    elif row is not None and (before := id_of(tx, row)) is not None:
        tx.templates.forget_facts(before)  # of an earlier template by this name
    category, score = _word(wire.get("category")), wire.get("quality_score")
    coming = _word(wire.get("correct_category"))
    told: dict[Part, str | dict[str, Any]] = {
        Part.STATUS: _word(wire.get("status")),
        Part.CATEGORY: category,
        Part.COMING: "" if coming == category else coming,
        Part.DEFINITION: content_of(wire),
    }
    if isinstance(score, Mapping):
        told[Part.QUALITY] = _word(score.get("score"))
    hear(tx, template, told, at_ms=origin.at_ms)
    return fold(tx, row, template, origin, vendor_id=vendor_id)


def _gone(tx: Tx, row: TemplateRow, origin: Origin) -> list[Change]:
    template = id_of(tx, row)
    if template is None or row.status == DELETED:
        return []
    known_facts(tx, row, template)
    # A template that came after the list was asked for stays: its facts are newer.
    if not hear(tx, template, {Part.STATUS: DELETED}, at_ms=origin.at_ms):
        return []
    changes, _ = fold(tx, row, template, origin)
    return changes


def _forget_unknown(tx: Tx, *, at_ms: int) -> None:
    """What was told of templates that the list does not have and nobody knows."""
    known = {id_of(tx, row) for row in tx.templates.all()}
    newest: dict[str, int] = {}
    for fact in tx.templates.all_facts():
        newest[fact.template] = max(fact.at_ms, newest.get(fact.template, 0))
    for template, told_ms in newest.items():
        if template not in known and told_ms < at_ms:
            tx.templates.forget_facts(template)


def _shown(change: Change) -> TemplateChange:
    return TemplateChange(
        name=change.name, language=change.language, what=change.part, was=change.was or None, now=change.now or None
    )


def _word(value: object) -> str:
    """A word of Meta's; empty for anything that is none."""
    word = value.upper() if isinstance(value, str) else ""
    return word if _WORD.fullmatch(word) else ""
