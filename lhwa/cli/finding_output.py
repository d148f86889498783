"""Findings as programs get them: of templates and of trees in one form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lhwa.domain.findings import Finding


def finding_json(finding: Finding, subject: str) -> dict[str, object]:
    """One finding for --json.

    Args:
        subject: the field that names the thing: `template`, `tree`.
    """
    at = finding.position
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        subject: finding.subject or None,
        "place": finding.place,
        "what": finding.what,
        "mend": finding.mend,
        "file": None if at is None else at.file,
        "line": None if at is None else at.line,
        "column": None if at is None else at.column,
    }
