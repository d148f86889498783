"""Identifiers. All are text, so that logs, JSON and SQL show the same thing.

Rows that come from the outside world get ids *derived* from their own facts, not drawn at random: replaying the
same webhook into an empty home then builds the same rows. The time part keeps them sortable and the index local.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NewType

TenantId = NewType("TenantId", str)
AppName = NewType("AppName", str)
OperatorId = NewType("OperatorId", str)
PhoneNumberId = NewType("PhoneNumberId", str)
"""Meta's id of one of the firm's numbers: digits, but never a telephone number."""
ContactId = NewType("ContactId", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
RawEventId = NewType("RawEventId", str)
"""One webhook request as stored in the spool."""
EventId = NewType("EventId", str)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAIRS = tuple(first + second for first in _CROCKFORD for second in _CROCKFORD)
"""Two characters for 10 bits."""
_TENANT = re.compile(r"[a-z][a-z0-9-]{1,30}")
ULID_CHARS = 26
ULID_TAIL_BYTES = 10


def ulid(unix_ms: int, tail: bytes) -> str:
    """A ULID: 48 bits of unix milliseconds and 80 bits of `tail` (its first 10 bytes).

    `tail` is random for things that lhwa makes and a keyed hash for things that Meta made.
    """
    return time_chars(unix_ms) + short_id(tail)


def short_id(tail: bytes) -> str:
    """16 characters for the first 10 bytes of a keyed hash: contacts and conversations, which have no birth time."""
    high = int.from_bytes(tail[:5], "big")
    low = int.from_bytes(tail[5:ULID_TAIL_BYTES], "big")
    pairs = PAIRS
    return (
        f"{pairs[high >> 30]}{pairs[high >> 20 & 1023]}{pairs[high >> 10 & 1023]}{pairs[high & 1023]}"
        f"{pairs[low >> 30]}{pairs[low >> 20 & 1023]}{pairs[low >> 10 & 1023]}{pairs[low & 1023]}"
    )


@lru_cache(maxsize=4_096)
def time_chars(unix_ms: int) -> str:
    """The first 10 characters of a ULID."""
    value = max(unix_ms, 0) & (1 << 48) - 1
    return "".join(PAIRS[value >> shift & 1023] for shift in range(40, -1, -10))


def is_ulid(text: str) -> bool:
    """True when the text has the shape of a ULID."""
    return len(text) == ULID_CHARS and all(character in _CROCKFORD for character in text)


def is_tenant_id(text: str) -> bool:
    """True for a short lower-case name: it becomes a folder name, so nothing else is allowed."""
    return _TENANT.fullmatch(text) is not None
