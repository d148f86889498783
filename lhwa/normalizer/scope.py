"""Scope: what all items of one webhook value have in common."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from lhwa.errors import PoisonError
from lhwa.normalizer.parties import Contacts
from lhwa.normalizer.scalars import as_dict, id_of
from lhwa.normalizer.source import Source

_NOT_DIGITS = re.compile(r"[^0-9]")


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """One value: where it is, what it came under, and whom it names."""

    source: Source
    position: str
    field: str
    waba_id: str | None
    at_ms: int | None
    """`entry.time`: when Meta wrote the request; the only time that many platform events have."""
    phone_number_id: str | None
    business_number: str
    """The firm's own number in digits; empty when the value does not say."""
    contacts: Contacts

    def routed_by(self) -> str:
        """The phone number id that messages and statuses are routed by.

        Raises: PoisonError `missing_phone_number_id`: nobody could say whose message it is.
        """
        if self.phone_number_id is None:
            raise PoisonError("missing_phone_number_id")
        return self.phone_number_id


_NO_CONTACTS = Contacts(None)


def outer_scope(
    source: Source, position: str, *, field: str = "", waba_id: str | None = None, at_ms: int | None = None
) -> Scope:
    """The scope of what is around values: a body or an entry."""
    return Scope(
        source=source,
        position=position,
        field=field,
        waba_id=waba_id,
        at_ms=at_ms,
        phone_number_id=None,
        business_number="",
        contacts=_NO_CONTACTS,
    )


def scope_of(outer: Scope, position: str, value: dict[str, Any], *, field: str) -> Scope:
    """The scope of one value of an entry."""
    metadata = as_dict(value.get("metadata"))
    display = metadata.get("display_phone_number")
    return Scope(
        source=outer.source,
        position=position,
        field=field,
        waba_id=outer.waba_id,
        at_ms=outer.at_ms,
        phone_number_id=id_of(metadata.get("phone_number_id") or value.get("phone_number_id")),
        business_number=_digits(id_of(display) or ""),
        contacts=Contacts(contacts) if (contacts := value.get("contacts")) else _NO_CONTACTS,
    )


def _digits(text: str) -> str:
    return text if text.isdigit() else _NOT_DIGITS.sub("", text)
