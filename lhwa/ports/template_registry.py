"""Meta's registry of an account's templates: reading all of it, and asking for a new or changed one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from lhwa.errors import LhwaError

Wire = Mapping[str, Any]
"""A template in Meta's own form; `lhwa.domain.template_wire` reads and writes it."""


class TemplateRefusedError(LhwaError):
    """Meta did not take a template, and that is certain.

    Args:
        vendor_code: Meta's own code; None when there was none.
    """

    def __init__(self, message: str, *, hint: str, vendor_code: int | None) -> None:
        super().__init__(message, hint=hint)
        self.vendor_code = vendor_code


class TemplateRegistry(Protocol):
    """The templates of one account at Meta.

    Every call raises UnavailableError when Meta cannot be reached or asks for patience, ConfigError when the access
    token does not work, and TemplateRefusedError for any other refusal.
    """

    async def all(self) -> list[Wire]:
        """Every template of the account, whatever its status."""
        ...

    async def find(self, name: str, language: str) -> Wire | None:
        """One template by name and language; None when Meta has none."""
        ...

    async def create(self, body: Wire) -> Wire:
        """Ask for a new template; Meta's answer with `id`, `status` and the category that Meta gave it."""
        ...

    async def edit(self, template_id: str, body: Wire) -> None:
        """Replace what is in a template; Meta reviews it again."""
        ...
