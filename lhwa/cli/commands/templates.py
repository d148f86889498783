"""`lhwa templates`: the firm's template files, what Meta has, and what differs."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.diagnostics import ExitCode
from lhwa.cli.firm import Firm, open_firm
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.errors import UsageError

if TYPE_CHECKING:
    from lhwa.cli.template_work import FilesInForce
    from lhwa.domain.template_lint import Finding
    from lhwa.domain.templates import Template
    from lhwa.services.messaging.template_versions import VersionView
    from lhwa.services.messaging.template_views import TemplateDifference, TemplateList, TemplateView

app = Group("Message templates: the firm's files, what Meta has, and what differs.")

SHOWN_HEX = 12
"""So much of a hash tells versions apart; --json has all of it."""
_Folder = Annotated[
    Path | None,
    typer.Option(help="Where the template files are; otherwise templates/ in the firm's own folder.", metavar="PATH"),
]
_Name = Annotated[str, typer.Argument(help="The template's name, as in `templates list`.")]
_ERRORS = "the file has errors: lhwa templates lint."
_Language = Annotated[str, typer.Option(help="Its language, as Meta writes it: id, en, en_US.", metavar="CODE")]


@app.add("list", examples=["lhwa templates list", "lhwa --json templates list --folder config/templates"])
def list_(ctx: typer.Context, folder: _Folder = None) -> None:
    """List templates: those in files, those at Meta, and where the two differ.

    A firm's files lie in tenants/FIRM/templates below the home, one YAML file for each template with all its languages.
    """
    session = Session.of(ctx)
    with open_firm(session) as firm:
        files = _files(session, firm, folder)
        shown = _listed(firm, files)
    session.out.table(
        shown.templates,
        {
            "name": lambda each: each.name,
            "language": lambda each: each.language,
            "status": lambda each: each.status,
            "category": _category,
            "quality": lambda each: each.quality,
            "where": lambda each: each.where,
            "version": _version,
            "differs": lambda each: [difference.place for difference in each.differs],
            "approval": lambda each: each.waits_for_approval,
        },
        important=("language", "status", "category", "differs"),
        empty="There are no templates yet. Put files into the firm's folder, or run `lhwa templates sync`.",
    )
    _warn_of_errors(session, files)
    if shown.unknown:
        session.out.warn(f"Meta told of templates that are not known here ({shown.unknown}): lhwa templates sync")


@app.add("lint", examples=["lhwa templates lint", "lhwa --json templates lint --folder config/templates"])
def lint(
    ctx: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(help="A file or a folder; otherwise the files of the firm.", metavar="PATH")
    ] = None,
    folder: _Folder = None,
) -> None:
    """Check template files by Meta's rules. The exit code is 1 when an error is found; warnings alone leave it 0."""
    from lhwa.domain.template_lint import Severity
    from lhwa.services.templates.files import lint_read, read_template_file, read_template_folder

    session = Session.of(ctx)
    if path is not None and folder is not None:
        raise UsageError("Name the files once: PATH or --folder.")
    if folder is not None:
        read = read_template_folder(folder)
    elif path is None:
        with open_firm(session) as firm:
            read = _files(session, firm, None).read
    else:
        read = read_template_folder(path) if path.is_dir() else read_template_file(path)
    findings = lint_read(read)
    _show_findings(session, findings, checked=len(read.templates))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(ExitCode.FAILED)


@app.add(
    "preview",
    examples=[
        "lhwa templates preview pengingat_janji",
        "lhwa templates preview pengingat_janji --language en --param nama_klien=Rina --folder config/templates",
    ],
)
def preview(
    ctx: typer.Context,
    name: _Name,
    language: _Language = "id",
    param: Annotated[
        list[str] | None, typer.Option(help="A value; its sample otherwise. Once for each.", metavar="NAME=VALUE")
    ] = None,
    folder: _Folder = None,
) -> None:
    """Show a template as the client sees it: the one of the files, else the one that Meta has."""
    from lhwa.cli.named_values import values_from
    from lhwa.domain.template_filling import example_values, parameter_findings, value_keys
    from lhwa.services.templates.preview import preview as lines_of

    session = Session.of(ctx)
    with open_firm(session) as firm:
        template = _found(session, firm, name, language, folder)
    values = example_values(template) | values_from(param or [])
    wrong = [each for each in parameter_findings(template, values) if each.rule != "value-missing"]
    if wrong:
        raise UsageError(f"{wrong[0].place}: {wrong[0].what}", hint=wrong[0].mend)
    lines = lines_of(template, values)
    keys = {key: "needed" if is_needed else "optional" for key, is_needed in value_keys(template).items()}
    if session.out.json:
        session.out.emit({"name": template.name, "language": template.language, "values": keys, "lines": lines})
        return
    for line in lines:
        session.out.line(line)
    session.out.say(f"Values: {', '.join(keys) or 'none'}.")


@app.add(
    "versions",
    examples=[
        "lhwa templates versions pengingat_janji",
        "lhwa --json templates versions pengingat_janji --language en",
    ],
)
def versions(
    ctx: typer.Context,
    name: _Name,
    language: Annotated[
        str | None, typer.Option(help="Only this language, as Meta writes it: id, en, en_US.", metavar="CODE")
    ] = None,
) -> None:
    """List every version that a template had in the files: when it was first seen, its hash, and what became of it.

    A version is what would be posted to Meta. Files with errors, and purpose and notes, make none.
    """
    from lhwa.services.messaging.template_versions import template_versions

    session = Session.of(ctx)
    with open_firm(session) as firm:
        _files(session, firm, None)
        kept = firm.store.write(template_versions, firm.principal, name, language=language)
    session.out.table(
        kept,
        {
            "language": lambda each: each.language,
            "version": lambda each: each.version,
            "since": lambda each: firm.clock(each.seen_at),
            "sha256": lambda each: each.sha256[:SHOWN_HEX],
            "file": _place_of,
            "submitted": lambda each: [f"{one.id} {one.state}" for one in each.submissions],
            "at Meta": lambda each: each.status_at_meta,
        },
    )


@app.add(
    "submit",
    examples=[
        "lhwa templates submit pengingat_janji --language id",
        "lhwa templates submit pemberitahuan_tagihan --header-handle 4::aW52b2ljZQ==",
    ],
)
def submit(
    ctx: typer.Context,
    name: _Name,
    language: _Language = "id",
    header_handle: Annotated[
        str | None, typer.Option(help="Meta's handle of the sample file of a media header.", metavar="HANDLE")
    ] = None,
    folder: _Folder = None,
) -> None:
    """Ask for a template of the files to be posted to Meta. Somebody else approves it: `lhwa approve ID`."""
    from lhwa.cli.template_work import errors_of, find_template
    from lhwa.domain.ids import ULID_TAIL_BYTES, ulid
    from lhwa.domain.instants import to_ms
    from lhwa.services.messaging.template_submissions import submit_template

    session = Session.of(ctx)
    with open_firm(session) as firm:
        files = _files(session, firm, folder)
        template = find_template(files.good, name, language)
        errors = errors_of(files, name, language)
        if errors:
            for finding in errors:
                session.out.warn(str(finding))
            raise UsageError(
                f"The template cannot be submitted: errors found: {len(errors)}.",
                hint="Mend what `lhwa templates lint` shows, then submit it again.",
            )
        if template is None:
            raise _missing()
        new_id = ulid(to_ms(session.now), os.urandom(ULID_TAIL_BYTES))
        row = firm.store.write(
            submit_template, firm.principal, template, submission=new_id, header_handle=header_handle
        )
    says = f"Template {row.name} ({row.language}) waits for approval by somebody else: lhwa approve {row.id}"
    session.out.done(says, {"id": row.id, "state": row.state.value})


@app.add("sync", examples=["lhwa templates sync", "lhwa --json templates sync"])
def sync(ctx: typer.Context, folder: _Folder = None) -> None:
    """Bring the firm's list up to date with Meta's: statuses, categories, quality, and what differs from the files."""
    from lhwa.cli.template_work import sync_templates

    session = Session.of(ctx)
    with open_firm(session) as firm:
        report = sync_templates(session, firm)
        listed = _listed(firm, _files(session, firm, folder))
    drift = [each for each in listed.templates if each.differs]
    if session.out.json:
        session.out.emit({"report": report, "differs": drift})
        return
    session.out.table(
        report.changes,
        {
            "name": lambda each: each.name,
            "language": lambda each: each.language,
            "what": lambda each: each.what,
            "was": lambda each: each.was,
            "now": lambda each: each.now,
        },
        empty="Nothing has changed.",
    )
    for view in drift:
        session.out.warn(f"{view.name} ({view.language}) differs from its file: {_places(view)}")
    if report.stopped_messages:
        session.out.warn(f"Queued messages stopped, as their template is marketing now: {report.stopped_messages}.")
    session.out.say(f"Meta has {report.templates} templates; {len(report.changes)} changes.")


def _files(session: Session, firm: Firm, folder: Path | None) -> FilesInForce:
    from lhwa.cli.template_work import files_in_force

    return files_in_force(session, firm, folder)


def _listed(firm: Firm, files: FilesInForce) -> TemplateList:
    from lhwa.domain.template_versions import key_of
    from lhwa.services.messaging.template_views import list_templates

    with_errors = frozenset(map(key_of, files.last_good))
    return firm.store.write(list_templates, firm.principal, (*files.good, *files.last_good), with_errors=with_errors)


def _found(session: Session, firm: Firm, name: str, language: str, folder: Path | None) -> Template:
    """A template of the files, else of Meta's."""
    from lhwa.cli.template_work import find_template
    from lhwa.services.messaging.template_views import template_at_meta

    files = _files(session, firm, folder)
    template = files.find(name, language)
    if template is None:
        template = firm.store.read(template_at_meta, firm.principal, name, language)
    elif find_template(files.good, name, language) is None:
        session.out.warn(f"{template.title}: {_ERRORS} This is its last good version.")
    if template is None:
        raise _missing()
    return template


def _warn_of_errors(session: Session, files: FilesInForce) -> None:
    for file in files.errors:
        session.out.warn(f"{file}: {_ERRORS} Until then its last good versions count.")
    if files.read.is_refused:
        for finding in files.read.findings:
            session.out.warn(str(finding))


def _missing() -> UsageError:
    return UsageError(
        "There is no such template in this language.",
        hint="`lhwa templates list` shows all; name another folder with --folder, another language with --language.",
    )


def _show_findings(session: Session, findings: list[Finding], *, checked: int) -> None:
    from lhwa.cli.finding_output import finding_json

    if session.out.json:
        session.out.emit([finding_json(finding, "template") for finding in findings])
        return
    for finding in findings:
        session.out.line(str(finding))
    session.out.say(f"Templates checked: {checked}; findings: {len(findings)}.")


def _category(view: TemplateView) -> str:
    return f"{view.category} (soon {view.coming_category})" if view.coming_category else view.category


def _place_of(kept: VersionView) -> str:
    return f"{kept.file} (deleted)" if kept.deleted_at else kept.file or ""


def _version(view: TemplateView) -> str:
    """Of the file, and what Meta has of it."""
    if view.file_version is None:
        return ""
    version = f"{view.file_version} (file has errors)" if view.file_has_errors else str(view.file_version)
    if not view.differs:
        return version
    at_meta = "another wording" if view.version_at_meta is None else str(view.version_at_meta)
    return f"{version}; Meta has {at_meta}"


def _places(view: TemplateView) -> str:
    def told(difference: TemplateDifference) -> str:
        return difference.place

    return ", ".join(map(told, view.differs))
