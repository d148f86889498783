"""Template files on disk: one file, a folder of them, and the linter's findings with file and line.

Invariant: whatever a file holds, it costs a finding of its own and nothing of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from lhwa.domain.template_lint import Finding, Position, lint
from lhwa.domain.template_lint.finding import error
from lhwa.domain.templates import Template
from lhwa.domain.text import safe_text
from lhwa.services.templates.documents import Positions, read_document
from lhwa.services.templates.yaml_tree import BYTES_MAX, YamlRefusedError, parse_yaml

SUFFIXES = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class ReadTemplates:
    """What was read: templates of the files without an error, findings of the others."""

    templates: tuple[Template, ...] = ()
    findings: tuple[Finding, ...] = ()
    positions: Positions = field(default_factory=dict)

    def located(self, finding: Finding) -> Finding:
        """The same finding with the place in its file; as it was when the template is from no file."""
        place = finding.place
        while place:
            if (position := self.positions.get((finding.template, place))) is not None:
                return replace(finding, position=position)
            place = place.rpartition(".")[0]  # `buttons[1].url`, then `buttons[1]`
        return replace(finding, position=self.positions.get((finding.template, "language")))


def read_template_file(path: Path) -> ReadTemplates:
    """The templates of one file. Never raises for what the file holds or where it lies."""
    shown = safe_text(str(path), newlines=False)
    try:
        if not path.is_file():  # a pipe or a device would make us wait
            return _refused(shown, "file-missing", "This is not a file.", "Give the path of a YAML file.")
        with path.open("rb") as file:
            source = file.read(BYTES_MAX + 1)
    except OSError:
        return _refused(shown, "file-unreadable", "The file cannot be read.", "Check its path and who may read it.")
    return read_template_source(source, file=shown)


def read_template_source(source: bytes, *, file: str) -> ReadTemplates:
    """The templates in the bytes of one file.

    Args:
        file: its name in findings.
    """
    try:
        document = read_document(parse_yaml(source), file=file)
    except YamlRefusedError as refused:
        finding = error(refused.rule, "file", refused.what, refused.mend)
        at = Position(file, refused.mark.line, refused.mark.column)
        return ReadTemplates(findings=(replace(finding, position=at),))
    return ReadTemplates(tuple(document.templates), tuple(document.findings), document.positions)


def read_template_folder(folder: Path) -> ReadTemplates:
    """The templates of every `.yaml` and `.yml` file right in a folder, in the order of their names."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and not path.name.startswith("."))
    except OSError:
        shown = safe_text(str(folder), newlines=False)
        return _refused(shown, "folder-unreadable", "The folder cannot be read.", "Give the path of a folder.")
    each = [read_template_file(path) for path in paths]
    positions: dict[tuple[str, str], Position] = {}
    for read in each:
        # The second of two templates of one name keeps its places: the linter reports that one.
        positions |= read.positions
    return ReadTemplates(
        tuple(chain.from_iterable(read.templates for read in each)),
        tuple(chain.from_iterable(read.findings for read in each)),
        positions,
    )


def lint_read(read: ReadTemplates) -> list[Finding]:
    """Everything that is wrong with what was read: the files first, then the rules, each with its line."""
    return [*read.findings, *(read.located(finding) for finding in lint(read.templates))]


def _refused(file: str, rule: str, what: str, mend: str) -> ReadTemplates:
    return ReadTemplates(findings=(replace(error(rule, "file", what, mend), position=Position(file, 1, 1)),))
