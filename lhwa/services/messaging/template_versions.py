"""A read for people: every version that a template had in the firm's files, and what became of each at Meta."""

from __future__ import annotations

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.template_versions import read_back
from lhwa.domain.template_wire import differences, from_wire
from lhwa.domain.templates import Template
from lhwa.errors import NotAllowedError
from lhwa.services.messaging.template_state import DELETED
from lhwa.store.gate_facts import stored_template
from lhwa.store.tables.template_files import FileVersion
from lhwa.store.tables.templates import SubmissionRow
from lhwa.store.transaction import Tx


class SubmissionView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One time that somebody wanted to have a version at Meta."""

    id: str
    state: str
    author: str
    created_at: str
    decided_by: str | None = None
    decided_at: str | None = None


class VersionView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One version of a template in the files."""

    name: str
    language: str
    version: int
    seen_at: str
    sha256: str
    """Of the canonical JSON of what would be posted, in hexadecimal."""
    file: str | None = None
    """Of the version that counts: the file that has it, or had it last."""
    is_current: bool = False
    """It is the one that counts. None is while the template is deleted from the files."""
    deleted_at: str | None = None
    """Of the last version: since when no file has the template."""
    submissions: tuple[SubmissionView, ...] = ()
    """With exactly this wording, oldest first."""
    status_at_meta: str | None = None
    """Meta has exactly this wording now, and says this of it."""


def template_versions(tx: Tx, principal: Principal, name: str, *, language: str | None = None) -> list[VersionView]:
    """Every version of a template, by language, oldest first.

    Raises: NotAllowedError when no file ever had it.
    """
    principal.require(Permission.READ_RECORDS)
    kept = tx.template_files.versions(name, None if language is None else language.replace("-", "_"))
    if not kept:
        raise NotAllowedError(NOT_YOURS, hint="`lhwa templates list` shows what there is.")
    actor = operator_actor(principal.operator)
    tx.audit.append(AuditRecord(actor, "template.read", f"firm:{tx.tenant}", {"count": len(kept)}))
    return [_view(tx, each) for each in kept]


def _view(tx: Tx, kept: FileVersion) -> VersionView:
    key, template = (kept.name, kept.language), read_back(kept.definition)
    row = tx.template_files.get(*key)
    newest = row if row is not None and row.current.version == kept.version else None
    return VersionView(
        name=kept.name,
        language=kept.language,
        version=kept.version,
        seen_at=rfc3339_ms(kept.seen_at_ms),
        sha256=kept.sha256.hex(),
        file=None if newest is None else newest.file,
        is_current=newest is not None and newest.deleted_at_ms is None,
        deleted_at=_time(None if newest is None else newest.deleted_at_ms),
        submissions=tuple(
            _submission(each)
            for each in tx.templates.submissions_of(*key)
            if _is_same(template, from_wire(msgspec.json.decode(each.body)))
        ),
        status_at_meta=_status_at_meta(tx, key, template),
    )


def _is_same(one: Template, other: Template) -> bool:
    # Both ways: what only the second side lacks counts as left out by Meta, and neither of these is Meta's.
    return not differences(one, other) and not differences(other, one)


def _status_at_meta(tx: Tx, key: tuple[str, str], template: Template) -> str | None:
    row = tx.templates.get(*key)
    if row is None or row.status == DELETED or differences(template, stored_template(row.definition)):
        return None
    return row.status


def _submission(row: SubmissionRow) -> SubmissionView:
    return SubmissionView(
        id=row.id,
        state=row.state.value,
        author=row.author,
        created_at=rfc3339_ms(row.created_at_ms),
        decided_by=row.decided_by,
        decided_at=_time(row.decided_at_ms),
    )


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339_ms(at_ms)
