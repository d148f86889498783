"""The linter: every rule of Meta's for templates, and what experience adds, before anybody submits one.

One module per part of a template; each rule is a few lines that yield findings. `linting.lint` runs them all. A rule's
name is a promise: scripts and exceptions name it.

Source: WhatsApp Cloud API, template rules.
"""

from __future__ import annotations

from lhwa.domain.findings import Finding, Position, Severity
from lhwa.domain.template_lint.linting import lint

__all__ = ["Finding", "Position", "Severity", "lint"]
