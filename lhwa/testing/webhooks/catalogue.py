"""The catalogue: every kind by its name, and `build`, which makes one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lhwa.domain.instants import Instant
from lhwa.errors import UsageError
from lhwa.testing.webhooks import (
    account_kinds,
    answer_kinds,
    content_kinds,
    feed_kinds,
    odd_kinds,
    status_kinds,
    system_kinds,
    template_kinds,
    text_kinds,
)
from lhwa.testing.webhooks.scene import BusinessNumber, Client, Kind, Scene

_GROUPS = (
    text_kinds.KINDS,
    content_kinds.KINDS,
    answer_kinds.KINDS,
    system_kinds.KINDS,
    status_kinds.KINDS,
    feed_kinds.KINDS,
    template_kinds.KINDS,
    account_kinds.KINDS,
    odd_kinds.KINDS,
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for group in _GROUPS for kind in group})
"""Every kind of webhook that we can write, in reading order."""


def build(kind: str, *, number: BusinessNumber, client: Client, seq: int, at: Instant) -> dict[str, Any]:
    """A whole webhook body of one kind. Nothing in it is random: the same arguments give the same body.

    Raises: UsageError for a kind that does not exist.
    """
    return kind_named(kind).build(Scene(number=number, client=client, seq=seq, at=at))


def kind_named(name: str) -> Kind:
    """The kind of a name.

    Raises: UsageError, with the names that are close.
    """
    kind = KINDS.get(name)
    if kind is None:
        close = difflib.get_close_matches(name, KINDS, n=3)
        hint = f"Did you mean {', '.join(close)}?" if close else "Choose one of the listed kinds."
        raise UsageError(f"There is no webhook kind {name!r}.", hint=hint)
    return kind
