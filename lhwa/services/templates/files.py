"""Template files on disk: one file, a folder of them, and the linter's findings with file and line.

Invariant: whatever a file holds, it costs a finding of its own and nothing of its neighbours.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from lhwa.domain.edited_files import FILES_MAX, is_edited_file
from lhwa.domain.template_lint import Finding, Position, lint
from lhwa.domain.template_lint.finding import error
from lhwa.domain.templates import Template
from lhwa.domain.text import safe_text
from lhwa.services.templates.documents import Positions, read_document
from lhwa.services.templates.yaml_tree import BYTES_MAX, YamlRefusedError, parse_yaml


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
            if (position := self.positions.get((finding.template, place))) is not None:
                return replace(finding, position=position)
            place = place.rpartition(".")[0]  # `buttons[1].url`, then `buttons[1]`
        return replace(finding, position=self.positions.get((finding.template, "language")))


def read_template_file(path: Path) -> ReadTemplates:
    """The templates of one file. Never raises for what the file holds or where it lies."""
    shown = safe_text(str(path), newlines=False)
    try:
        # A pipe or a device would make us wait, and may be there between any look and the opening.
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return _not_a_file(shown)
            source = file.read(BYTES_MAX + 1)
    except (FileNotFoundError, IsADirectoryError, ValueError):
        return _not_a_file(shown)
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
    shown = safe_text(str(folder), newlines=False)
    try:
        paths = sorted(path for path in folder.iterdir() if is_edited_file(path.name))
    except OSError:
        refused = _refused(shown, "folder-unreadable", "The folder cannot be read.", "Give the path of a folder.")
        return replace(refused, is_refused=True)
    if len(paths) > FILES_MAX:
        what = f"There are more than {FILES_MAX} files in the folder."
        return replace(_refused(shown, "folder-full", what, "Take out what is no template."), is_refused=True)
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


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _not_a_file(shown: str) -> ReadTemplates:
    return _refused(shown, "file-missing", "This is not a file.", "Give the path of a YAML file.")


def _refused(file: str, rule: str, what: str, mend: str) -> ReadTemplates:
    return ReadTemplates(findings=(replace(error(rule, "file", what, mend), position=Position(file, 1, 1)),))
