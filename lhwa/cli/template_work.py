"""What several commands do with templates: reading a firm's files, and speaking to Meta between two transactions."""

# ruff: noqa: PLC0415 -- a command pays only for what it opens

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lhwa.cli.firm import Firm, account_of
from lhwa.cli.session import Session
from lhwa.domain.instants import to_ms

if TYPE_CHECKING:
    from lhwa.domain.template_lint import Finding
    from lhwa.domain.templates import Template
    from lhwa.ports.template_registry import TemplateRegistry, Wire
    from lhwa.services.messaging.template_sync import SyncReport
    from lhwa.services.templates.files import ReadTemplates
    from lhwa.store.tables.templates import SubmissionRow

T = TypeVar("T")

FOLDER = "templates"
"""Of a firm, beside its records."""


@dataclass(frozen=True, slots=True)
class FilesInForce:
    """The firm's template files as they count now."""

    read: ReadTemplates
    errors: Mapping[str, tuple[Finding, ...]]
    """Of each file that has any."""
    good: tuple[Template, ...]
    last_good: tuple[Template, ...] = ()
    """Of files with errors, what stood in them when they last had none."""

    def find(self, name: str, language: str) -> Template | None:
        """One template as it counts."""
        return find_template((*self.good, *self.last_good), name, language)


def files_in_force(session: Session, firm: Firm, named: Path | None) -> FilesInForce:
    """Read template files anew, and record what is new in the firm's own.

    Args:
        named: another folder, whose files are not the firm's and leave no version; it has to be there.
    """
    from lhwa.services.templates.files import read_template_folder
    from lhwa.services.templates.recording import last_good, read_own_folder, record_reading, sort_out

    if named is not None:
        read = read_template_folder(named)
        files = sort_out(read)
        return FilesInForce(read, files.errors, files.good_templates)
    # Before the folder is read: what others record meanwhile is newer.
    began = session.now
    read = read_own_folder(session.home.tenant_dir(firm.principal.tenant) / FOLDER)
    files = sort_out(read)
    firm.store.write(record_reading, firm.principal, read, files, began=began)
    kept = firm.store.read(last_good, firm.principal, files)
    return FilesInForce(read, files.errors, files.good_templates, tuple(kept))


def find_template(templates: Iterable[Template], name: str, language: str) -> Template | None:
    """One of some templates."""
    return next((each for each in templates if (each.name, each.language) == (name, language)), None)


def errors_of(files: FilesInForce, name: str, language: str) -> tuple[Finding, ...]:
    """What keeps a template from being submitted: the errors of its file, or of files that were not understood."""
    for file, errors in files.errors.items():
        if find_template(files.read.files[file].templates, name, language) is not None:
            return errors
    if find_template(files.good, name, language) is not None:
        return ()
    return tuple(each for errors in files.errors.values() for each in errors if not each.subject)


def sync_templates(session: Session, firm: Firm) -> SyncReport:
    """Ask Meta for every template, and let the firm's rows say what it says.

    Raises: UnavailableError, ConfigError.
    """
    from lhwa.services.messaging.template_sync import apply_listing, require_syncing

    require_syncing(firm.principal)
    at_ms = to_ms(session.now)
    listing = _with_registry(session, firm, lambda registry: registry.all())
    return firm.store.write(apply_listing, firm.principal, listing, at_ms=at_ms)


def approve_template(session: Session, firm: Firm, submission: str) -> SubmissionRow:
    """Approve a template that somebody else submitted, and post it.

    Without an answer it goes on waiting: approving it again looks first whether Meta has it.
    Raises: ConflictError, NotAllowedError, UnavailableError, ConfigError, TemplateRefusedError.
    """
    import msgspec

    from lhwa.ports.template_registry import TemplateRefusedError
    from lhwa.services.messaging.template_submissions import begin_posting, posted, refused

    row = firm.store.write(begin_posting, firm.principal, submission)
    body = msgspec.json.decode(row.body, type=dict[str, Any])
    at_ms = to_ms(session.now)
    try:
        wire = _with_registry(session, firm, lambda registry: _post(registry, body))
    except TemplateRefusedError as error:
        firm.store.write(refused, firm.principal, submission, code=error.vendor_code)
        raise
    return firm.store.write(posted, firm.principal, submission, wire, at_ms=at_ms)


async def _post(registry: TemplateRegistry, body: dict[str, Any]) -> Wire:
    """Create it, or edit the one that is there; the template as Meta has it then."""
    from lhwa.services.messaging.template_submissions import is_there

    before = await registry.find(body["name"], body["language"])
    if before is None:
        answer = await registry.create(body)
        # Meta may have put it into another category.
        told = {key: answer[key] for key in ("id", "status", "category") if key in answer}
        return body | {"status": "PENDING"} | told
    if is_there(body, before):
        return before
    fixed = ("category",) if before.get("status") == "APPROVED" else ()
    await registry.edit(str(before["id"]), {key: value for key, value in body.items() if key not in fixed})
    return await registry.find(body["name"], body["language"]) or dict(before) | body


def _with_registry(session: Session, firm: Firm, ask: Callable[[TemplateRegistry], Awaitable[T]]) -> T:
    from lhwa import bootstrap
    from lhwa.services.access.tenants import show_tenant

    account = account_of(session, firm)
    with session.registry() as opened:
        waba_id = show_tenant(opened, session.caller, firm.principal.tenant, now=session.now).waba_id

    async def run() -> T:
        async with bootstrap.open_template_registry(account, waba_id) as registry:
            return await ask(registry)

    return asyncio.run(run())
