"""Ids of accounts, numbers and templates as they may lie in clear.

They are Meta's and say nothing of a person, as long as they are what they should be: an id that could be a telephone
number, or is text, becomes a mark that follows from it under the firm's key. The same id always has the same mark, so
threads and lookups hold together; the id itself is in the sealed request.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from lhwa.domain.elements import MessageElement, StatusElement
from lhwa.services.messaging.rules import is_metas_id
from lhwa.store.transaction import Tx

E = TypeVar("E", MessageElement, StatusElement)

_MARK_BYTES = 8


def clear_id(tx: Tx, text: str) -> str:
    """An id as it may lie in clear: itself, or `#` and 16 hex digits."""
    return text if is_metas_id(text) else f"#{tx.vault.blind('id', text)[:_MARK_BYTES].hex()}"


def optional_id(tx: Tx, text: str | None) -> str | None:
    """The same for an id that may be missing."""
    return None if text is None else clear_id(tx, text)


def with_clear_number(tx: Tx, element: E) -> E:
    """The same element on a number whose id may lie in clear."""
    number = clear_id(tx, element.phone_number_id)
    if number == element.phone_number_id:
        return element
    return msgspec.structs.replace(element, phone_number_id=number)
