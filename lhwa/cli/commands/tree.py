"""`lhwa tree`: the firm's question trees for new clients, checked, listed and drawn."""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli.diagnostics import ExitCode
from lhwa.cli.firm import open_firm, people_of
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.errors import LhwaError, UsageError

if TYPE_CHECKING:
    from lhwa.domain.intake.trees import Tree
    from lhwa.domain.intake.wording import Language
    from lhwa.services.intake.tree_files import ReadTree

app = Group("Question trees for new clients: check them, list them, draw them.")

SAMPLE_FIRM = "Kantor Hukum Contoh"
"""Of the trees that come with lhwa."""
FOLDER = "intake"
"""Of a firm, beside its records."""
_SUFFIXES = (".yaml", ".yml")


class Form(StrEnum):
    """What `show` draws. The drawing's own type is not imported for help."""

    TEXT = "text"
    SVG = "svg"
    HTML = "html"


class Spoken(StrEnum):
    """The language of the texts shown."""

    ID = "id"
    EN = "en"


@app.add("list", examples=["lhwa tree list", "lhwa --json tree list --folder config/intake"])
def list_(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the files are; otherwise intake/ in the firm's own folder.", metavar="PATH"),
    ] = None,
) -> None:
    """List the question trees in files, and whether each can be used.

    A firm's files lie in tenants/FIRM/intake below the home. A new client's first message starts the entry.
    """
    from lhwa.services.intake.tree_files import read_tree_folder
    from lhwa.services.intake.tree_views import list_trees

    session = Session.of(ctx)
    where = folder or _firm_folder(session)
    session.out.table(
        list_trees(read_tree_folder(where)) if folder or where.is_dir() else (),
        {
            "name": lambda each: each.name,
            "state": lambda each: each.state,
            "entry": lambda each: "entry" if each.is_entry else "",
            "questions": lambda each: each.questions or None,
            "title": lambda each: each.title,
            "file": lambda each: each.file,
        },
        empty="There are no question trees yet. Put files into the firm's folder, intake/.",
    )


@app.add(
    "check",
    examples=["lhwa tree check", "lhwa tree check config/intake/family.yaml", "lhwa --json tree check config/intake"],
)
def check(
    ctx: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(help="A file or a folder; otherwise the files of the firm.", metavar="PATH")
    ] = None,
) -> None:
    """Check question trees: no dead end, consent first, both languages, what WhatsApp can show.

    The exit code is 1 when an error is found; warnings alone leave it 0.
    """
    from lhwa.cli.finding_output import finding_json
    from lhwa.services.intake.tree_files import has_errors
    from lhwa.services.intake.tree_views import CheckedTrees, check_path

    session = Session.of(ctx)
    where = path or _firm_folder(session)
    checked = check_path(where) if path or where.is_dir() else CheckedTrees(0, ())
    if session.out.json:
        session.out.emit([finding_json(finding, "tree") for finding in checked.findings])
    else:
        session.out.table(
            checked.findings,
            {
                "at": lambda each: each.position,
                "severity": lambda each: each.severity,
                "rule": lambda each: each.rule,
                "what": lambda each: each.what,
                "mend": lambda each: each.mend,
            },
            important=("rule", "what", "mend"),
            empty="Nothing is wrong.",
        )
    session.out.say(f"Trees checked: {checked.trees}; findings: {len(checked.findings)}.")
    if has_errors(checked.findings):
        raise typer.Exit(ExitCode.FAILED)


@app.add(
    "show",
    examples=[
        "lhwa tree show general",
        "lhwa tree show config/intake/family.yaml --language en",
        "lhwa tree show 01KAN5T9YB6Q2R8W4X7V3M0ZJD",
        "lhwa tree show config/intake/general.yaml --format html --output general.html",
    ],
)
def show(
    ctx: typer.Context,
    tree: Annotated[
        str,
        typer.Argument(help="A tree of the firm by its name, a file, or a submitted version.", metavar="NAME|FILE|ID"),
    ],
    form: Annotated[Form, typer.Option("--format", help="What to draw.")] = Form.TEXT,
    output: Annotated[
        Path | None, typer.Option(help="Write it to a file instead of stdout.", metavar="FILE", dir_okay=False)
    ] = None,
    language: Annotated[Spoken, typer.Option(help="The language of the texts.")] = Spoken.ID,
) -> None:
    """Draw a question tree: lines for the terminal, an SVG, or a page with every text to read through or print."""
    from lhwa.cli.output import write
    from lhwa.domain.ids import is_ulid
    from lhwa.domain.intake.wording import Language
    from lhwa.services.intake.tree_drawing import DrawingFormat, draw
    from lhwa.services.intake.tree_files import check_read

    session = Session.of(ctx)
    read, found = None, _submitted(session, tree) if is_ulid(tree) else None
    if found is None:
        read = _named(session, tree)
        found = _drawable(session, read)
    spoken = Language(language.value)
    drawing = draw(found, DrawingFormat(form.value), spoken)
    if output is not None:
        _write_file(output, drawing)
        session.out.done(f"Drawn: {output}", {"name": found.name, "file": str(output)})
    elif session.out.json:
        session.out.emit(_as_json(found, spoken))
    else:
        write(drawing)
    if read is not None and (findings := check_read([read])):
        session.out.say(f"The check has findings ({len(findings)}): lhwa tree check {tree}")


@app.add("publish", examples=["lhwa tree publish config/intake/general.yaml", "lhwa tree publish general"])
def publish(
    ctx: typer.Context,
    tree: Annotated[str, typer.Argument(help="A tree of the firm by its name, or a file.", metavar="NAME|FILE")],
) -> None:
    """Submit a tree; another person puts it in force with `lhwa approve ID`. A version never changes afterwards.

    Sessions that run stay on the version on which they began. A tree with errors is not taken; exit code 1.
    """
    from lhwa.domain.ids import ULID_TAIL_BYTES, ulid
    from lhwa.domain.instants import to_ms
    from lhwa.services.intake.publishing import submit_tree
    from lhwa.services.intake.tree_files import check_read, has_errors

    session = Session.of(ctx)
    read = _named(session, tree)
    found = _drawable(session, read)
    findings = check_read([read])
    if has_errors(findings):
        for finding in findings:
            session.out.warn(str(finding))
        raise LhwaError(
            "The tree has errors.", hint=f"Mend what is told above, then look again: lhwa tree check {tree}"
        )
    with open_firm(session) as firm:
        row = firm.store.write(
            submit_tree, firm.principal, found, submission=ulid(to_ms(session.now), os.urandom(ULID_TAIL_BYTES))
        )
    if SAMPLE_FIRM in str(found.nodes):
        session.out.warn(f"The texts still name {SAMPLE_FIRM}: put your own name there before clients read them.")
    says = f"Tree {row.name} waits for another person, who reads it (lhwa tree show {row.id}): lhwa approve {row.id}"
    session.out.done(says, {"id": row.id, "name": row.name, "state": row.state, "sha256": row.sha256.hex()})


@app.add("versions", examples=["lhwa tree versions", "lhwa --json tree versions"])
def versions(ctx: typer.Context) -> None:
    """List every version that was submitted, and which is in force. Versions are never changed or deleted."""
    from lhwa.services.intake.publishing import tree_versions

    session = Session.of(ctx)
    with open_firm(session) as firm:
        shown = firm.store.read(tree_versions, firm.principal)
        people = people_of(session, firm)
    session.out.table(
        shown,
        {
            "id": lambda each: each.id,
            "name": lambda each: each.name,
            "version": lambda each: each.version,
            "state": lambda each: each.state,
            "entry": lambda each: "entry" if each.is_entry else "",
            "submitted by": lambda each: people.get(each.author, each.author),
            "decided by": lambda each: people.get(each.decided_by or "", each.decided_by),
            "since": lambda each: firm.moment(each.decided_at or each.created_at),
            "SHA-256": lambda each: each.sha256[:16],
        },
        important=("name", "version", "state"),
        empty="No tree was submitted. Begin with: lhwa tree publish config/intake/general.yaml",
    )


def _firm_folder(session: Session) -> Path:
    """Where the firm's own files are, for one who may act in it."""
    with open_firm(session) as firm:
        return session.home.tenant_dir(firm.principal.tenant) / FOLDER


def _named(session: Session, tree: str) -> ReadTree:
    from lhwa.services.intake.tree_files import read_tree_file, read_tree_folder

    if tree.endswith(_SUFFIXES):
        return read_tree_file(Path(tree))
    folder = _firm_folder(session)
    reads = read_tree_folder(folder) if folder.is_dir() else []
    found = [read for read in reads if tree in (read.name, read.path.stem)]
    if not found:
        raise UsageError(
            "There is no such tree.",
            hint="`lhwa tree list` shows files, `lhwa tree versions` what was submitted; or give a path.",
        )
    return min(found, key=lambda read: read.is_subtree)  # a tree before a sub-tree of the same name


def _submitted(session: Session, version: str) -> Tree | None:
    """A version that somebody submitted, exactly as it would be, or is, in force."""
    from lhwa.services.intake.publishing import submitted_tree

    with open_firm(session) as firm:
        return firm.store.read(submitted_tree, firm.principal, version)


def _drawable(session: Session, read: ReadTree) -> Tree:
    if read.tree is not None:
        return read.tree
    if read.is_subtree and not read.findings:
        raise UsageError("A sub-tree is nothing by itself.", hint="Name a tree that includes it.")
    for finding in read.findings:
        session.out.warn(str(finding))
    raise UsageError("The tree cannot be read.", hint="Mend what is told above, or run `lhwa tree check`.")


def _write_file(path: Path, drawing: str) -> None:
    try:
        path.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The drawing could not be written: {error.strerror}.", hint="Name another file with --output."
        ) from None


def _as_json(tree: Tree, language: Language) -> dict[str, object]:
    from lhwa.domain.intake.tree_check.flow import branches_of
    from lhwa.services.intake.node_words import kind_of, words_of

    return {
        "name": tree.name,
        "title": tree.title.in_language(language),
        "entry": tree.is_entry,
        "start": tree.start,
        "nodes": [
            {
                "id": node.id,
                "kind": kind_of(node),
                "text": words_of(node, language),
                "next": [
                    {
                        "to": branch.to,
                        "question": None if branch.when is None else branch.when.node,
                        "answers": None if branch.when is None else branch.when.is_one_of,
                    }
                    for branch in branches_of(node)
                ],
            }
            for node in tree.nodes
        ],
    }
