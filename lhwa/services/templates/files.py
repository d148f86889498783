"""Template files on disk: one file, a folder of them, and the linter's findings with file and line.

Invariant: whatever a file holds, it costs a finding of its own and nothing of its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from lhwa.config.written_files import read_written, written_files
from lhwa.domain.template_lint import Finding, Position, lint
from lhwa.domain.templates import Template
from lhwa.domain.text import safe_text
from lhwa.domain.yaml_source import YamlRefusedError, parse_yaml
from lhwa.services.templates.documents import Positions, read_document


@dataclass(frozen=True, slots=True)
class ReadTemplates:
    """What was read: templates of the files without an error, findings of the others."""

    templates: tuple[Template, ...] = ()
    findings: tuple[Finding, ...] = ()
    positions: Positions = field(default_factory=dict)
    files: Mapping[str, ReadTemplates] = field(default_factory=dict)
    """Of a folder: what each file brought, by its name."""
    is_refused: bool = False
    """Nothing is known of the folder: it could not be read."""

    def located(self, finding: Finding) -> Finding:
        """The same finding with the place in its file; as it was when the template is from no file."""
        place = finding.place
        while place:
            if (position := self.positions.get((finding.subject, place))) is not None:
                return replace(finding, position=position)
            place = place.rpartition(".")[0]  # `buttons[1].url`, then `buttons[1]`
        return replace(finding, position=self.positions.get((finding.subject, "language")))


def read_template_file(path: Path) -> ReadTemplates:
    """The templates of one file. Never raises for what the file holds or where it lies."""
    shown = safe_text(str(path), newlines=False)
    try:
        source = read_written(path)
    except YamlRefusedError as refused:
        return _refused(shown, refused)
    return read_template_source(source, file=shown)


def read_template_source(source: bytes, *, file: str) -> ReadTemplates:
    """The templates in the bytes of one file.

    Args:
        file: its name in findings.
    """
    try:
        document = read_document(parse_yaml(source), file=file)
    except YamlRefusedError as refused:
        return _refused(file, refused)
    return ReadTemplates(tuple(document.templates), tuple(document.findings), document.positions)


def read_template_folder(folder: Path) -> ReadTemplates:
    """The templates of every `.yaml` and `.yml` file right in a folder, in the order of their names."""
    try:
        paths = written_files(folder)
    except YamlRefusedError as refused:
        return replace(_refused(safe_text(str(folder), newlines=False), refused), is_refused=True)
    files = {safe_text(path.name, newlines=False): read_template_file(path) for path in paths}
    each = files.values()
    positions: dict[tuple[str, str], Position] = {}
    for read in each:
        # The second of two templates of one name keeps its places: the linter reports that one.
        positions |= read.positions
    return ReadTemplates(
        tuple(chain.from_iterable(read.templates for read in each)),
        tuple(chain.from_iterable(read.findings for read in each)),
        positions,
        files,
    )


def lint_read(read: ReadTemplates) -> list[Finding]:
    """Everything that is wrong with what was read: the files first, then the rules, each with its line."""
    return [*read.findings, *(read.located(finding) for finding in lint(read.templates))]


def _refused(file: str, refused: YamlRefusedError) -> ReadTemplates:
    return ReadTemplates(findings=(refused.finding(file),))
