"""Reads for people: templates in files and at Meta side by side, where the two differ, and what waits for approval."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.gates import APPROVED
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.template_versions import Key, digest, key_of, read_back, spelled
from lhwa.domain.template_wire import differences, from_wire
from lhwa.domain.templates import Template
from lhwa.services.messaging.outbox_views import Waiting
from lhwa.services.messaging.template_state import DELETED, id_of
from lhwa.store.gate_facts import stored_template
from lhwa.store.tables.templates import Part, TemplateRow
from lhwa.store.transaction import Tx

FILE, META, BOTH = "file", "meta", "both"


class TemplateDifference(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One place where the file and Meta do not agree."""

    place: str
    in_file: str | None = None
    at_meta: str | None = None


class TemplateView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One template in one language."""

    name: str
    language: str
    status: str | None = None
    """Meta's; absent while Meta does not have it."""
    category: str
    quality: str | None = None
    where: str
    """`file`, `meta` or `both`."""
    differs: tuple[TemplateDifference, ...] = ()
    coming_category: str | None = None
    """Meta announced that it will count the template as this."""
    versions: int = 0
    """How many wordings of it lhwa has seen at Meta."""
    file_version: int | None = None
    """Which kept version the file is."""
    version_at_meta: int | None = None
    """The newest kept version that Meta has; absent when it has none of them."""
    file_has_errors: bool = False
    """What is shown of the file is its last good version."""
    synced_at: str | None = None
    waits_for_approval: str | None = None
    """The id to give `lhwa approve`."""


class TemplateList(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All templates, and how many more Meta told of."""

    templates: tuple[TemplateView, ...]
    unknown: int
    """Templates that Meta told of and no sync has brought yet."""


def list_templates(
    tx: Tx, principal: Principal, files: Sequence[Template], *, with_errors: Collection[Key] = ()
) -> TemplateList:
    """Templates of the files and of Meta, by name and language.

    Args:
        with_errors: those whose file has errors now.
    """
    principal.require(Permission.READ_RECORDS)
    rows, coming = tx.templates.all(), dict[str, str]()
    told = set[str]()
    for fact in tx.templates.all_facts():
        told.add(fact.template)
        if fact.part is Part.COMING and fact.word:
            coming[fact.template] = fact.word
    # No client's content: the record says who looked, and nothing about what a role may see.
    actor = operator_actor(principal.operator)
    tx.audit.append(AuditRecord(actor, "template.read", f"firm:{tx.tenant}", {"count": len(rows)}))
    waiting = {(each.name, each.language): each.id for each in tx.templates.waiting_submissions()}
    at_meta = {(row.name, row.language): row for row in rows}
    in_files = {key_of(template): template for template in files}
    shown = [
        _view(
            tx,
            key,
            in_files.get(key),
            at_meta.get(key),
            coming=coming,
            submission=waiting.get(key),
            has_errors=key in with_errors,
        )
        for key in sorted(at_meta.keys() | in_files.keys())
    ]
    return TemplateList(templates=tuple(shown), unknown=len(told - {id_of(tx, row) for row in rows}))


def template_at_meta(tx: Tx, principal: Principal, name: str, language: str) -> Template | None:
    """A template as Meta has it; None when it has none, as far as lhwa knows."""
    principal.require(Permission.READ_RECORDS)
    row = tx.templates.get(name, language)
    return None if row is None or row.status == DELETED else stored_template(row.definition)


def approved_templates(tx: Tx, principal: Principal) -> list[Template]:
    """What may be sent as a template now, as Meta has it, by name and language."""
    principal.require(Permission.READ_RECORDS)
    rows = sorted(tx.templates.all(), key=lambda row: (row.name, row.language))
    return [stored_template(row.definition) for row in rows if row.status == APPROVED]


def pending_submissions(tx: Tx, principal: Principal) -> list[Waiting]:
    """Templates that wait for somebody's approval, oldest first."""
    principal.require(Permission.READ_RECORDS)
    return [
        Waiting(
            id=row.id,
            kind="template",
            since=rfc3339_ms(row.created_at_ms),
            by=row.author,
            about=f"{row.name}/{row.language}",
            text=from_wire(msgspec.json.decode(row.body)).body or None,
        )
        for row in tx.templates.waiting_submissions()
    ]


def _view(
    tx: Tx,
    key: tuple[str, str],
    file: Template | None,
    row: TemplateRow | None,
    *,
    coming: dict[str, str],
    submission: str | None,
    has_errors: bool,
) -> TemplateView:
    name, language = key
    stored = None if row is None or row.status == DELETED else stored_template(row.definition)
    file_version, version_at_meta = _versions(tx, key, file, stored)
    if row is None:
        return TemplateView(
            name=name,
            language=language,
            category="" if file is None else file.category.value,
            where=FILE,
            file_version=file_version,
            file_has_errors=has_errors,
            waits_for_approval=submission,
        )
    return TemplateView(
        name=name,
        language=language,
        status=row.status,
        category=row.category,
        quality=row.quality or None,
        where=META if file is None else BOTH,
        differs=() if file is None or stored is None else _differences(file, stored),
        coming_category=coming.get(id_of(tx, row) or ""),
        versions=len(tx.templates.versions(name, language)),
        file_version=file_version,
        version_at_meta=version_at_meta,
        file_has_errors=has_errors,
        synced_at=rfc3339_ms(row.synced_at_ms),
        waits_for_approval=submission,
    )


def _differences(file: Template, stored: Template) -> tuple[TemplateDifference, ...]:
    found = differences(file, stored)
    return tuple(TemplateDifference(place=each.place, in_file=each.in_file, at_meta=each.at_meta) for each in found)


def _versions(tx: Tx, key: Key, file: Template | None, stored: Template | None) -> tuple[int | None, int | None]:
    """Which kept versions the file is and Meta has, the newest of each."""
    sha256 = None if file is None else digest(spelled(file))
    in_file = at_meta = None
    for kept in tx.template_files.versions(*key):
        if kept.sha256 == sha256:
            in_file = kept.version
        if stored is not None and not differences(read_back(kept.definition), stored):
            at_meta = kept.version
    return in_file, at_meta
