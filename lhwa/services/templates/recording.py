"""What stands in a firm's template files becomes its versions; one way for the daemon and for every command that reads.

Invariants: a file with an error changes nothing, so that the last good version of what stands in it goes on to count;
versions are only added; recording the same reading twice changes nothing; a reading that is older than what was
recorded meanwhile is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import DAEMON, AuditRecord, operator_actor
from lhwa.domain.edited_files import FileFault, Noticed
from lhwa.domain.instants import Instant, to_ms
from lhwa.domain.template_lint import Finding, Severity, together
from lhwa.domain.template_versions import Key, digest, key_of, read_back, spelled
from lhwa.domain.templates import Template
from lhwa.services.templates.files import ReadTemplates, lint_read, read_template_folder
from lhwa.store.tables.template_files import TemplateFile
from lhwa.store.transaction import Tx

RULES_MAX = 20
"""In one audit record."""


@dataclass(frozen=True, slots=True)
class SortedFiles:
    """A folder's files with the good apart from the others."""

    good: Mapping[Key, tuple[str, Template]]
    """Of files without an error: each template and the name of its file."""
    errors: Mapping[str, tuple[Finding, ...]]
    """Of each other file."""
    held: frozenset[Key]
    """Templates in files with errors, as far as those were understood."""

    @property
    def good_templates(self) -> tuple[Template, ...]:
        """Those of files without an error."""
        return tuple(template for _file, template in self.good.values())


def read_for_daemon(folder: Path, now: Instant) -> Callable[[Tx], Noticed | None]:
    """Read the firm's folder, or find that there is none; returns what to do in a transaction of the firm.

    Args:
        now: taken before the folder is read.
    """
    read = read_own_folder(folder)
    return partial(record_files, read=read, sorted_files=sort_out(read), began=now, actor=DAEMON)


def read_own_folder(folder: Path) -> ReadTemplates:
    """The templates of the firm's own folder; none where it has made no folder."""
    try:
        folder.lstat()
    except FileNotFoundError:
        return ReadTemplates()
    except OSError:
        pass  # the reading says it: what cannot be looked at is not gone
    return read_template_folder(folder)


def sort_out(read: ReadTemplates) -> SortedFiles:
    """Tell good files from those with an error of their own, or with what a good file before them has already."""
    errors: dict[str, tuple[Finding, ...]] = {}
    good: dict[Key, tuple[str, Template]] = {}
    accepted: list[Template] = []
    for name, each in read.files.items():
        found = _errors(lint_read(each)) or _errors(map(each.located, together.check([*accepted, *each.templates])))
        if found:
            errors[name] = found
        else:
            accepted += each.templates
            good |= {key_of(template): (name, template) for template in each.templates}
    held = frozenset(key_of(template) for name in errors for template in read.files[name].templates)
    return SortedFiles(good, errors, held)


def record_reading(
    tx: Tx, principal: Principal, read: ReadTemplates, sorted_files: SortedFiles, *, began: Instant
) -> Noticed | None:
    """Record what a command of this operator read in the firm's own folder; as `record_files`."""
    principal.require(Permission.READ_RECORDS)
    actor = operator_actor(principal.operator)
    return record_files(tx, read=read, sorted_files=sorted_files, began=began, actor=actor)


def record_files(
    tx: Tx, *, read: ReadTemplates, sorted_files: SortedFiles, began: Instant, actor: str
) -> Noticed | None:
    """Let the firm's versions follow its files.

    Args:
        began: before the folder was read.
    Returns: None when somebody recorded a change since then: what was read may be older than that.
    """
    if read.is_refused:
        return Noticed(faults=tuple(map(_fault, read.findings)))
    if to_ms(began) < tx.template_files.newest_change_ms() <= tx.now_ms:
        return None
    known = {(row.current.name, row.current.language): row for row in tx.template_files.all()}
    changed = sum(
        _take(tx, known.get(key), key, template, file=file, actor=actor)
        for key, (file, template) in sorted_files.good.items()
    )
    for key, row in known.items():
        is_held = key in sorted_files.held or row.file in sorted_files.errors
        if key not in sorted_files.good and not is_held and row.deleted_at_ms is None:
            tx.template_files.mark_deleted(*key)
            _note(tx, actor, key, "deleted", row.current.version, row.current.sha256)
            changed += 1
    _record_faults(tx, sorted_files.errors, actor=actor)
    return Noticed(changed, tuple(_fault(each) for found in sorted_files.errors.values() for each in found))


def last_good(tx: Tx, principal: Principal, sorted_files: SortedFiles) -> list[Template]:
    """Templates whose files have errors now, as they were when they last had none."""
    principal.require(Permission.READ_RECORDS)
    return [
        read_back(row.current.definition)
        for row in tx.template_files.all()
        if row.deleted_at_ms is None and (row.current.name, row.current.language) not in sorted_files.good
    ]


def _take(tx: Tx, row: TemplateFile | None, key: Key, template: Template, *, file: str, actor: str) -> bool:
    """Let a template count as it stands in a good file; False when it did."""
    definition = spelled(template)
    sha256 = digest(definition)
    if row is None or row.current.sha256 != sha256:
        what = "added" if row is None else "changed"
        current = tx.template_files.add_version(*key, definition, sha256=sha256)
    elif row.deleted_at_ms is not None:
        what, current = "restored", row.current
    elif row.file != file:
        what, current = "moved", row.current
    else:
        return False
    tx.template_files.put(current, file=file)
    _note(tx, actor, key, what, current.version, sha256)
    return True


def _note(tx: Tx, actor: str, key: Key, what: str, version: int, sha256: bytes) -> None:
    facts = {"what": what, "version": version, "sha256": sha256.hex()}
    tx.audit.append(AuditRecord(actor, "template.file_changed", "template:{}/{}".format(*key), facts))


def _record_faults(tx: Tx, errors: Mapping[str, tuple[Finding, ...]], *, actor: str) -> None:
    if tx.template_files.put_faults({file: len(found) for file, found in errors.items()}):
        # Without the files' names: people choose them, and what they say is nobody's rule.
        rules = sorted({finding.rule for found in errors.values() for finding in found})[:RULES_MAX]
        facts = {"files_with_errors": len(errors), "rules": rules}
        tx.audit.append(AuditRecord(actor, "template.files_checked", f"firm:{tx.tenant}", facts))


def _errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def _fault(finding: Finding) -> FileFault:
    at = finding.position
    return FileFault(at.file.rpartition("/")[2] if at else "", at.line if at else 1, finding.rule)
